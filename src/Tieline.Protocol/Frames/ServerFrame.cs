namespace Tieline.Protocol.Frames;

/// <summary>A frame that the server sends. The same JSON over WebSocket, stream, long poll and REST.</summary>
public abstract record ServerFrame;

/// <summary>First frame of every v2 line.</summary>
/// <param name="Pos">The head of the account's log when the line opened.</param>
/// <param name="Resumed">False: what was known before is void, a <see cref="SnapshotFrame"/> follows.</param>
/// <param name="PingSeconds">The server pings when it has sent nothing for so long.</param>
public sealed record HelloFrame(int Version, string Epoch, long Pos, bool Resumed, string Session, int PingSeconds, Timestamp ServerTime,
    FrameLimits Limits, IReadOnlyList<string> Features) : ServerFrame
{
    /// <summary>The id of the account this line belongs to. A token names an e-mail or a foreign id; this says who "I" am in the frames.</summary>
    public string? User { get; init; }
}

/// <param name="Bytes">Largest frame in bytes.</param>
/// <param name="PerSecond">Sends a second per account, 0 for no limit.</param>
/// <param name="Burst">Sends at once before the rate applies.</param>
public sealed record FrameLimits(int Bytes, int PerSecond, int Burst);

/// <summary>A frame that stands in the account's log, at <paramref name="Pos"/>.</summary>
public abstract record LoggedFrame(long Pos) : ServerFrame;

public sealed record MessageFrame(long Pos, WireMessage Message) : LoggedFrame(Pos);

/// <summary>An event that this account may no longer see. It keeps pos dense.</summary>
public sealed record VoidFrame(long Pos) : LoggedFrame(Pos);

/// <summary>How far one member has received and read a conversation. Both numbers only grow.</summary>
public sealed record ReceiptFrame(long Pos, string Conversation, string User, long DeliveredSeq, long ReadSeq) : LoggedFrame(Pos);

/// <summary>This account hid all messages up to and including <paramref name="Seq"/> from itself.</summary>
public sealed record ClearedFrame(long Pos, string Conversation, long Seq) : LoggedFrame(Pos);

/// <summary>This account blocked, unblocked, muted or unmuted <paramref name="User"/>; shows what holds now.</summary>
public sealed record RelationFrame(long Pos, string User, bool Blocked, bool Muted) : LoggedFrame(Pos)
{
    /// <summary>Until when; null where it is muted for ever, or not.</summary>
    public Timestamp? MutedUntil { get; init; }
}

/// <summary>What this account sees of a conversation has changed: this is how it is now.</summary>
public sealed record ConversationFrame(long Pos, WireConversation Conversation) : LoggedFrame(Pos);

/// <summary>A join link of a group.</summary>
public sealed record LinkFrame(string Conversation, string Code, Timestamp ExpiresAt) : ServerFrame;

/// <summary>Everything up to <paramref name="Pos"/> has been sent on this line; what follows is live.</summary>
public sealed record SyncedFrame(long Pos, bool More) : ServerFrame;

/// <param name="Next">What to give as <c>before</c> for the next page of conversations, null at the end.</param>
public sealed record SnapshotFrame(long Pos, IReadOnlyList<WireConversation> Conversations, long? Next) : ServerFrame;

/// <summary>The message is committed and on disk.</summary>
/// <param name="Duplicate">True when the same client_id was stored before: this is that first answer again.</param>
public sealed record AckFrame(string ClientId, string Id, string Conversation, long Seq, long Pos, Timestamp CreatedAt, bool Duplicate) : ServerFrame;

public sealed record ErrorFrame(string Code, string Message, bool Retryable, string? ClientId = null, int? RetryAfterMs = null) : ServerFrame
{
    public static ErrorFrame Of(WireError error, string message, string? clientId = null, int? retryAfterMs = null) =>
        new(error.Code, message, error.Retryable, clientId, retryAfterMs);
}

/// <summary>A page of history, oldest first.</summary>
public sealed record PageFrame(string Conversation, IReadOnlyList<WireMessage> Messages, bool More) : ServerFrame;

/// <param name="Pos">Everything up to here has been sent on this line: a client that has less asks with <c>sync</c>.</param>
public sealed record ServerPingFrame(long Pos) : ServerFrame;

public sealed record ServerPongFrame(long Pos) : ServerFrame;

public sealed record TokenExpiringFrame(int InSeconds) : ServerFrame;

/// <summary>Comes before a close that asks the client to come back.</summary>
public sealed record GoawayFrame(int Code, int RetryAfterMs) : ServerFrame;

/// <summary>A frame of a type this build does not know. It is to be ignored, except that an event (one with <paramref name="Pos"/>) counts: pos stays dense.</summary>
public sealed record UnknownServerFrame(string Type, long? Pos = null) : ServerFrame;
