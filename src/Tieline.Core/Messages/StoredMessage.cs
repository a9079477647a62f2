using Tieline.Core.Accounts;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Messages;

/// <summary>The number a conversation has inside one store. Never on the wire.</summary>
public readonly record struct ConversationKey(long Value);

/// <summary>A committed message. It is encoded once, whoever sends it first.</summary>
public sealed class StoredMessage(ConversationKey conversation, AccountKey sender, WireMessage wire)
{
    private sealed record Encoding(long Period, byte[] Bytes);

    private Encoding? _encoded;
    private byte[]? _encodedV1;

    public ConversationKey Conversation { get; } = conversation;
    public AccountKey Sender { get; } = sender;
    public WireMessage Wire { get; } = wire;

    /// <summary>The part of the v2 frame that is the same in every log. Encoded anew when the addresses of attachments in it run out.</summary>
    public byte[] Encoded
    {
        get
        {
            var period = Wire.Attachments is null ? 0 : Wire.Links?.Period ?? 0;
            var encoded = _encoded;
            if (encoded?.Period != period) _encoded = encoded = new Encoding(period, FrameWriter.EncodeMessage(Wire));
            return encoded.Bytes;
        }
    }

    /// <summary>The whole v1 frame.</summary>
    public byte[] EncodedV1 => _encodedV1 ??= V1FrameWriter.Message(Wire);
}
