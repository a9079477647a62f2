using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

/// <summary>The rows that one batch adds or changes. A store writes all of them or none.</summary>
public sealed partial class LedgerChanges
{
    public List<(Account Account, string? PasswordHash, bool Created)> Accounts { get; } = [];
    public List<(ConversationState State, long CreatedAt)> Conversations { get; } = [];
    public List<(StoredMessage Message, SentRecord Sent)> Messages { get; } = [];

    /// <summary>In the order of their positions within each account.</summary>
    public List<LoggedEvent> Events { get; } = [];

    public HashSet<MemberState> Members { get; } = [];

    /// <summary>Groups whose own fields, size or newest event changed.</summary>
    public HashSet<ConversationState> Groups { get; } = [];

    /// <summary>Events that stand in the logs of all members of a group.</summary>
    public List<GroupEvent> GroupEvents { get; } = [];

    /// <summary>Stays in groups that began or ended.</summary>
    public List<GroupStay> Stays { get; } = [];

    public Dictionary<(AccountKey Of, AccountKey To), Relation> Relations { get; } = [];
    public Dictionary<AccountKey, long> ReceivedPos { get; } = [];
    public List<Attachment> Attachments { get; } = [];
    public List<(string Attachment, ConversationKey Conversation, long Seq)> AttachmentUses { get; } = [];

    /// <summary>The one attachment that is a group's picture now, null for none.</summary>
    public Dictionary<ConversationKey, string?> Pictures { get; } = [];

    public List<string> DoomedAttachments { get; } = [];
    public List<string> ForgottenAttachments { get; } = [];

    public bool IsEmpty => Accounts.Count + Conversations.Count + Messages.Count + Events.Count + Members.Count + Groups.Count + GroupEvents.Count + Stays.Count + Relations.Count + ReceivedPos.Count
        + Attachments.Count + AttachmentUses.Count + Pictures.Count + DoomedAttachments.Count + ForgottenAttachments.Count == 0;

    public void Clear()
    {
        Accounts.Clear();
        Conversations.Clear();
        Messages.Clear();
        Events.Clear();
        Members.Clear();
        Groups.Clear();
        GroupEvents.Clear();
        Stays.Clear();
        Relations.Clear();
        ReceivedPos.Clear();
        ClearMessageChanges();
        Attachments.Clear();
        AttachmentUses.Clear();
        Pictures.Clear();
        DoomedAttachments.Clear();
        ForgottenAttachments.Clear();
        ClearLiveChanges();
    }
}

/// <summary>How an event row refers to what it is about.</summary>
public enum EventKind
{
    Message = 1,
    Receipt = 2,
    Cleared = 3,
    Relation = 4,
    Update = 5,
    Hidden = 6,
    Starred = 7,
    Draft = 8,

    /// <summary>What one account sees of a conversation has changed.</summary>
    Conversation = 9,
    Privacy = 10,
}

/// <summary>A new row in one account's log.</summary>
/// <param name="Seq">The message's seq, or the seq up to which a chat was cleared, or a packed receipt of a group; 0 where it means nothing.</param>
/// <param name="Actor">Whose receipt moved, or towards whom a relation changed; null for messages.</param>
public readonly record struct LoggedEvent(AccountKey Account, long Pos, EventKind Kind, ConversationKey? Conversation, long Seq, AccountKey? Actor, LogEvent Event)
{
    /// <summary>True for the share that one member has in a <see cref="GroupEvent"/>: it is no row of its own.</summary>
    public bool InGroup { get; init; }
}

/// <summary>A new row in the log of a group: one event, and the position it has in the log of each member.</summary>
/// <param name="Number">Dense from 1 in the group.</param>
/// <param name="Positions">By account key, ascending.</param>
public readonly record struct GroupEvent(ConversationKey Conversation, long Number, EventKind Kind, long Seq, AccountKey? Actor, (AccountKey Account, long Pos)[] Positions);

/// <summary>From which of a group's events to which an account has its share. The same account can come again.</summary>
/// <param name="Last">Null while it is a member.</param>
public readonly record struct GroupStay(AccountKey Account, ConversationKey Conversation, long First, long? Last);
