using Tieline.Core.Accounts;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Messages;

/// <summary>The number a conversation has inside one store. Never on the wire.</summary>
public readonly record struct ConversationKey(long Value);

/// <summary>A committed message. It is encoded at most once, whoever sends it first.</summary>
public sealed class StoredMessage(ConversationKey conversation, AccountKey sender, WireMessage wire)
{
    private byte[]? _encoded;
    private byte[]? _encodedV1;

    public ConversationKey Conversation { get; } = conversation;
    public AccountKey Sender { get; } = sender;
    public WireMessage Wire { get; } = wire;

    /// <summary>The part of the v2 frame that is the same in every log.</summary>
    public byte[] Encoded => _encoded ??= FrameWriter.EncodeMessage(Wire);

    /// <summary>The whole v1 frame.</summary>
    public byte[] EncodedV1 => _encodedV1 ??= V1FrameWriter.Message(Wire);
}
