namespace Tieline.Protocol.Frames;

/// <summary>A frame that a client sends.</summary>
public abstract record ClientFrame;

/// <summary>Stores a message, once per <paramref name="ClientId"/> for the life of the message. Exactly one of <paramref name="To"/> and <paramref name="Conversation"/> is given.</summary>
/// <param name="ReplyTo">The id of the message that it answers.</param>
/// <param name="Mentions">A JSON array of account ids.</param>
/// <param name="ForwardOf">The id of a message to be sent on; text, card and attachments are then left out.</param>
public sealed record SendFrame(string ClientId, string? To, string? Conversation, string Text, string? Card = null, string? ReplyTo = null, string? Attachments = null,
    string? Mentions = null, string? ForwardOf = null) : ClientFrame;

/// <summary>Everything up to <paramref name="Pos"/> has been received by this device. Cumulative.</summary>
public sealed record RecvFrame(long Pos) : ClientFrame;

/// <summary>Everything up to <paramref name="Seq"/> has been read. Never steps back.</summary>
public sealed record ReadFrame(string Conversation, long Seq) : ClientFrame;

public sealed record PingFrame : ClientFrame;

public sealed record PongFrame : ClientFrame;

/// <summary>Send again what comes after <paramref name="Since"/>.</summary>
public sealed record SyncFrame(string Since) : ClientFrame;

/// <summary>A page of messages before <paramref name="BeforeSeq"/> (null: from the end).</summary>
public sealed record HistoryFrame(string Conversation, long? BeforeSeq, int Limit) : ClientFrame;

/// <summary>A fresh token for the same account on the same line.</summary>
public sealed record AuthFrame(string Token) : ClientFrame;

/// <summary>Hides what is in a conversation from me, up to and including <paramref name="Seq"/>; everything where it is null.</summary>
public sealed record ClearFrame(string Conversation, long? Seq = null) : ClientFrame;
