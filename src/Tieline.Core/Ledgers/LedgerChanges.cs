using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

/// <summary>The rows that one batch adds or changes. A store writes all of them or none.</summary>
public sealed class LedgerChanges
{
    public List<(Account Account, string? PasswordHash, bool Created)> Accounts { get; } = [];
    public List<(ConversationState State, long CreatedAt)> Conversations { get; } = [];
    public List<(StoredMessage Message, SentRecord Sent)> Messages { get; } = [];

    /// <summary>In the order of their positions within each account.</summary>
    public List<LoggedEvent> Events { get; } = [];

    public HashSet<MemberState> Members { get; } = [];
    public Dictionary<(AccountKey Of, AccountKey To), Relation> Relations { get; } = [];
    public Dictionary<AccountKey, long> ReceivedPos { get; } = [];

    public bool IsEmpty => Accounts.Count + Conversations.Count + Messages.Count + Events.Count + Members.Count + Relations.Count + ReceivedPos.Count == 0;

    public void Clear()
    {
        Accounts.Clear();
        Conversations.Clear();
        Messages.Clear();
        Events.Clear();
        Members.Clear();
        Relations.Clear();
        ReceivedPos.Clear();
    }
}

/// <summary>How an event row refers to what it is about.</summary>
public enum EventKind
{
    Message = 1,
    Receipt = 2,
    Cleared = 3,
    Relation = 4,
}

/// <summary>A new row in one account's log.</summary>
/// <param name="Seq">The message's seq, or the seq up to which a chat was cleared; 0 where it means nothing.</param>
/// <param name="Actor">Whose receipt moved, or towards whom a relation changed; null for messages.</param>
public readonly record struct LoggedEvent(AccountKey Account, long Pos, EventKind Kind, ConversationKey? Conversation, long Seq, AccountKey? Actor, LogEvent Event);
