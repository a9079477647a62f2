using System.Buffers;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Messages;

/// <summary>A message that stood there before is now like this.</summary>
public sealed class UpdateEvent(StoredMessage message) : LogEvent
{
    public StoredMessage Message { get; } = message;

    public override int Weight => 256 + (3 * Message.Wire.Text.Length) + (Message.Wire.Card?.Length ?? 0);

    public override ServerFrame ToFrame(long pos) => new UpdateFrame(pos, Message.Wire);

    public override void Write(IBufferWriter<byte> output, long pos) => FrameWriter.WriteUpdate(output, pos, Message.Encoded);
}

/// <summary>An update that some members of a group may not see: each line asks the store.</summary>
public sealed class UpdateMark : LogEvent
{
    public static readonly UpdateMark Instance = new();

    public override bool ToldByStore => true;

    public override ServerFrame ToFrame(long pos) => new VoidFrame(pos);
}

public sealed class HiddenEvent(string conversation, long seq) : LogEvent
{
    public override ServerFrame ToFrame(long pos) => new HiddenFrame(pos, conversation, seq);
}

public sealed class StarredEvent(string conversation, long seq, bool starred) : LogEvent
{
    public override ServerFrame ToFrame(long pos) => new StarredFrame(pos, conversation, seq, starred);
}

public sealed class DraftEvent(string conversation, string? text, string? replyTo) : LogEvent
{
    public override ServerFrame ToFrame(long pos) => new DraftedFrame(pos, conversation, text, replyTo);
}
