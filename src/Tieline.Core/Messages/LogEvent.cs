using System.Buffers;
using Tieline.Core.Accounts;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Messages;

/// <summary>An event as it stands in one account's log: its position there, and what happened.</summary>
public readonly record struct AccountEvent(long Pos, LogEvent Event)
{
    public void Write(IBufferWriter<byte> output) => Event.Write(output, Pos);
}

/// <summary>Something stored that concerns an account. New kinds are added here; logs, resume and delivery need not change.</summary>
public abstract class LogEvent
{
    /// <summary>What one event weighs in a feed's memory, in bytes.</summary>
    public virtual int Weight => 128;

    /// <summary>True where the event tells a state that only the store knows whole: lines then read it from the log, also live.</summary>
    public virtual bool ToldByStore => false;

    public abstract ServerFrame ToFrame(long pos);

    public virtual void Write(IBufferWriter<byte> output, long pos) => FrameWriter.Write(output, ToFrame(pos));
}

public sealed class MessageEvent(StoredMessage message) : LogEvent
{
    public StoredMessage Message { get; } = message;

    public override int Weight => 256 + (3 * Message.Wire.Text.Length) + (Message.Wire.Card?.Length ?? 0);

    public override ServerFrame ToFrame(long pos) => new MessageFrame(pos, Message.Wire);

    public override void Write(IBufferWriter<byte> output, long pos) => FrameWriter.WriteLogged(output, pos, Message.Encoded);
}

/// <summary>A row that its account may no longer see.</summary>
public sealed class VoidEvent : LogEvent
{
    public static readonly VoidEvent Instance = new();

    public override ServerFrame ToFrame(long pos) => new VoidFrame(pos);
}

public sealed class ReceiptEvent(string conversation, string user, long deliveredSeq, long readSeq) : LogEvent
{
    public override ServerFrame ToFrame(long pos) => new ReceiptFrame(pos, conversation, user, deliveredSeq, readSeq);
}

public sealed class ClearedEvent(string conversation, long seq) : LogEvent
{
    public override ServerFrame ToFrame(long pos) => new ClearedFrame(pos, conversation, seq);
}

public sealed class RelationEvent(string user, bool blocked, bool muted, Timestamp? mutedUntil = null) : LogEvent
{
    public static RelationEvent Of(string user, Relation relation) =>
        new(user, relation.Blocked, relation.Muted, relation.MutedUntil is { } until ? new Timestamp(until) : null);

    public override ServerFrame ToFrame(long pos) => new RelationFrame(pos, user, blocked, muted) { MutedUntil = mutedUntil };
}

/// <summary>A conversation as one account sees it now.</summary>
public sealed class ConversationEvent(WireConversation conversation) : LogEvent
{
    public override ServerFrame ToFrame(long pos) => new ConversationFrame(pos, conversation);
}

/// <summary>What the ledger knows of a <see cref="ConversationEvent"/>: that there is one.</summary>
public sealed class ConversationMark : LogEvent
{
    public static readonly ConversationMark Instance = new();

    public override bool ToldByStore => true;

    /// <summary>Never shown; it would keep pos dense.</summary>
    public override ServerFrame ToFrame(long pos) => new VoidFrame(pos);
}
