using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

public enum ConversationKind
{
    Direct = 0,
    Group = 1,
}

/// <summary>What the ledger must know of a conversation to decide about it.</summary>
public sealed class ConversationState(ConversationKey key, string id, ConversationKind kind, long headSeq, IReadOnlyList<MemberState> members)
{
    public ConversationKey Key { get; } = key;
    public string Id { get; } = id;
    public ConversationKind Kind { get; } = kind;
    public long HeadSeq { get; set; } = headSeq;
    public IReadOnlyList<MemberState> Members { get; } = members;

    public MemberState? Member(AccountKey account)
    {
        foreach (var member in Members)
            if (member.Account == account) return member;
        return null;
    }

    /// <summary>The other member of a direct chat.</summary>
    public MemberState Peer(AccountKey account) => Members[0].Account == account ? Members[1] : Members[0];
}

/// <summary>One member's row. All numbers but <see cref="Unread"/> and <see cref="Activity"/> only grow.</summary>
public sealed class MemberState(ConversationKey conversation, AccountKey account, string accountId)
{
    public ConversationKey Conversation { get; } = conversation;
    public AccountKey Account { get; } = account;
    public string AccountId { get; } = accountId;

    /// <summary>Position in the member's own log of the newest message here; 0 when the list does not show the conversation.</summary>
    public long Activity { get; set; }

    /// <summary>Messages of others after what was read or hidden.</summary>
    public long Unread { get; set; }

    public long DeliveredSeq { get; set; }
    public long ReadSeq { get; set; }

    /// <summary>Up to here the member has hidden everything from itself.</summary>
    public long HiddenSeq { get; set; }

    /// <summary>What the others may know of <see cref="DeliveredSeq"/> and <see cref="ReadSeq"/>: it stands still while a block hides receipts.</summary>
    public long ShownDeliveredSeq { get; set; }

    public long ShownReadSeq { get; set; }
}
