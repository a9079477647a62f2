using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public enum FlagReason
{
    Spam,
    Abuse,
    Illegal,
    Other,
}

/// <summary>Put a message, or a person where <paramref name="MessageId"/> is null, before the moderators.</summary>
public sealed record RaiseFlag(Account Who, string? MessageId, Account? User, FlagReason Reason, string Text) : Command;

public enum FlagAction
{
    /// <summary>Nothing is wrong with it.</summary>
    Dismiss,
    DeleteMessage,
    SuspendUser,

    /// <summary>Takes a suspension back.</summary>
    RestoreUser,
}

/// <summary>What a moderator does about a flag. It closes the flag.</summary>
public sealed record DecideFlag(long Flag, FlagAction Action) : Command;

/// <summary>Something that somebody put before the moderators. At most one is open of one reporter about one thing.</summary>
/// <param name="Conversation">Null where a person is reported and no message.</param>
/// <param name="Context">A JSON array of the messages around the reported one as they were then, whatever becomes of them.</param>
/// <param name="Decision">Null while it is open.</param>
public sealed record StoredFlag(long Id, AccountKey Reporter, string ReporterId, AccountKey User, string UserId, ConversationKey? Conversation, string? ConversationId, long Seq,
    FlagReason Reason, string Text, string Context, Timestamp CreatedAt, FlagAction? Decision = null, Timestamp? DecidedAt = null);
