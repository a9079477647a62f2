namespace Tieline.Client;

/// <summary>How far a message has come. It only ever moves towards <see cref="Read"/>, except that a failed message can be sent again.</summary>
public enum MessageState
{
    /// <summary>In the outbox; the server has not confirmed it.</summary>
    Sending,

    /// <summary>The server refused it for good. <see cref="Message.Error"/> says why; nothing more happens until it is retried or discarded.</summary>
    Failed,

    /// <summary>On the server's disk. Messages of others are always at least here.</summary>
    Sent,

    /// <summary>A device of the other person has it.</summary>
    Delivered,

    /// <summary>The other person has seen it.</summary>
    Read,
}

/// <summary>A message, your own or another's, as it is known now. A later state of the same message has the same <see cref="ClientId"/>.</summary>
public sealed record Message
{
    /// <summary>Made by the sender's client when the message was written; it stays the same through every resend.</summary>
    public required string ClientId { get; init; }

    /// <summary>The server's id; null until it is stored.</summary>
    public string? Id { get; init; }

    /// <summary>The conversation's id; null for the first message to somebody until it is stored.</summary>
    public string? Conversation { get; init; }

    /// <summary>Number in its conversation, from 1; 0 until it is stored. This is the order to show messages in.</summary>
    public long Seq { get; init; }

    /// <summary>Account id of the author; null for your own message until it is stored.</summary>
    public string? From { get; init; }

    /// <summary>Account id of the other person; null in a group.</summary>
    public string? To { get; init; }

    /// <summary>The text; empty where a card or attachments stand alone, and for a deleted message.</summary>
    public required string Text { get; init; }

    /// <summary>When the server stored it (UTC, microseconds); before that, when it was written by this device's clock.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>True for a message of this account, whichever device wrote it.</summary>
    public bool IsMine { get; init; }

    /// <summary>How far it has come.</summary>
    public MessageState State { get; init; }

    /// <summary>Why it failed, for a message in <see cref="MessageState.Failed"/>.</summary>
    public MessageError? Error { get; init; }

    /// <summary>A JSON object of the host app, as it was sent, or null.</summary>
    public string? Card { get; init; }

    /// <summary>A JSON array, or null.</summary>
    public string? Attachments { get; init; }

    /// <summary>Id of the message that this one answers, or null.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>When it was last edited, or null.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>True for a tombstone: the content is gone, for everybody or only for this account.</summary>
    public bool Deleted { get; init; }

    /// <summary>A JSON array of <c>{emoji, count, users}</c>, or null.</summary>
    public string? Reactions { get; init; }

    /// <summary>A JSON object <c>{id, from_user, message}</c>: what <see cref="ReplyTo"/> said when it was answered, or null.</summary>
    public string? Quote { get; init; }

    /// <summary>A JSON array of the account ids that are meant by name, or null.</summary>
    public string? Mentions { get; init; }

    /// <summary>True for a copy of another message.</summary>
    public bool Forwarded { get; init; }

    /// <summary>When it was pinned, or null.</summary>
    public DateTimeOffset? PinnedAt { get; init; }

    /// <summary>When a disappearing message goes, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A JSON object: this tells of a change of the conversation itself, such as <c>{"kind":"added",...}</c>. Null for what a person wrote.</summary>
    public string? Notice { get; init; }
}

/// <summary>Why a message was refused for good.</summary>
/// <param name="Code">A stable word, such as <c>blocked</c>, <c>too_large</c>, <c>conflict</c>, <c>not_found</c>; the table is protocol/errors.md.</param>
/// <param name="Text">A sentence for people.</param>
public sealed record MessageError(string Code, string Text);

/// <summary>What goes along with a text.</summary>
public sealed record SendOptions
{
    /// <summary>A JSON object of the host app, up to the size limit of a frame.</summary>
    public string? Card { get; init; }

    /// <summary>A JSON array.</summary>
    public string? Attachments { get; init; }

    /// <summary>Id of the message that is answered.</summary>
    public string? ReplyTo { get; init; }
}

/// <summary>The server refused a message for good. It stays in the outbox as failed, to be retried or discarded.</summary>
public sealed class MessageRefusedException(Message message)
    : Exception($"The message was not sent: {message.Error?.Text} ({message.Error?.Code})")
{
    /// <summary>The message, in <see cref="MessageState.Failed"/>.</summary>
    public Message Refused { get; } = message;
}
