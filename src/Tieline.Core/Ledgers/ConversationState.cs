using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

public enum ConversationKind
{
    Direct = 0,
    Group = 1,
}

/// <summary>What the ledger must know of a conversation to decide about it.</summary>
public sealed class ConversationState
{
    private readonly List<MemberState> _members;
    private readonly Dictionary<AccountKey, MemberState> _former = [];

    /// <param name="members">Also those who have left a group.</param>
    public ConversationState(ConversationKey key, string id, ConversationKind kind, long headSeq, IReadOnlyList<MemberState> members)
    {
        (Key, Id, Kind, HeadSeq) = (key, id, kind, headSeq);
        _members = [.. members.Where(member => member.LeftSeq is null).OrderBy(member => member.Account.Value)];
        foreach (var member in members)
            if (member.LeftSeq is not null) _former.Add(member.Account, member);
    }

    public ConversationKey Key { get; }
    public string Id { get; }
    public ConversationKind Kind { get; }
    public long HeadSeq { get; set; }

    /// <summary>How long messages stay; 0: for ever.</summary>
    public long DisappearSeconds { get; set; }

    /// <summary>Set where <see cref="Kind"/> is a group.</summary>
    public GroupState? Group { get; init; }

    /// <summary>Those who are in it now, by their keys.</summary>
    public IReadOnlyList<MemberState> Members => _members;

    /// <summary>Somebody who is in it now.</summary>
    public MemberState? Member(AccountKey account) => IndexOf(account) is >= 0 and var at ? _members[at] : null;

    /// <summary>Those who were in the group, in no order.</summary>
    public IEnumerable<MemberState> FormerMembers => _former.Values;

    /// <summary>Somebody who was in the group and may read what came before.</summary>
    public MemberState? Former(AccountKey account) => _former.GetValueOrDefault(account);

    /// <summary>The other member of a direct chat.</summary>
    public MemberState Peer(AccountKey account) => _members[0].Account == account ? _members[1] : _members[0];

    /// <summary>The last message that this member may see.</summary>
    public long EndFor(MemberState member) => member.LeftSeq ?? HeadSeq;

    /// <summary>Messages of others after what was read, hidden or there before the joining.</summary>
    public long UnreadOf(MemberState member) =>
        Group is null ? member.Unread : Math.Max(0, EndFor(member) - member.CountedSeq - member.Own);

    internal void Admit(MemberState member)
    {
        _former.Remove(member.Account);
        _members.Insert(~IndexOf(member.Account), member);
    }

    internal void Dismiss(MemberState member)
    {
        _members.RemoveAt(IndexOf(member.Account));
        _former.Add(member.Account, member);
    }

    private int IndexOf(AccountKey account)
    {
        var (low, high) = (0, _members.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _members[middle].Account.Value;
            if (found == account.Value) return middle;
            if (found < account.Value) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }
}

/// <summary>One member's row. All numbers but <see cref="Unread"/>, <see cref="Own"/> and <see cref="Activity"/> only grow.</summary>
public sealed class MemberState(ConversationKey conversation, AccountKey account, string accountId)
{
    public ConversationKey Conversation { get; } = conversation;
    public AccountKey Account { get; } = account;
    public string AccountId { get; } = accountId;

    /// <summary>Position in the member's own log of the newest message here; 0 when the list does not show the conversation. Kept in direct chats only: in groups it follows from the group's events.</summary>
    public long Activity { get; set; }

    /// <summary>Messages of others after what was read or hidden. Kept in direct chats only: see <see cref="ConversationState.UnreadOf"/>.</summary>
    public long Unread { get; set; }

    public long DeliveredSeq { get; set; }
    public long ReadSeq { get; set; }

    /// <summary>Up to here the member has hidden everything from itself, or may not see what was before its joining.</summary>
    public long HiddenSeq { get; set; }

    /// <summary>What the others may know of <see cref="DeliveredSeq"/> and <see cref="ReadSeq"/>: it stands still while a block hides receipts, and the reading while one of the two hides that.</summary>
    public long ShownDeliveredSeq { get; set; }

    public long ShownReadSeq { get; set; }

    /// <summary>True while a direct chat is a stranger's request that this member has not accepted: it counts as unread nowhere, and tells the stranger nothing.</summary>
    public bool Request { get; set; }

    public GroupRole Role { get; set; }

    /// <summary>In groups: in microseconds since 1970; 0 in a direct chat, which nobody joins.</summary>
    public long JoinedAt { get; set; }

    public bool InGroup => JoinedAt > 0;

    /// <summary>The message that told of the joining.</summary>
    public long JoinedSeq { get; set; }

    /// <summary>The last message that somebody who left may see; null for a member.</summary>
    public long? LeftSeq { get; set; }

    /// <summary>What the group was when somebody left it: what it is called later is not his to know.</summary>
    public GroupFarewell? Farewell { get; set; }

    /// <summary>In groups: own messages after <see cref="CountedSeq"/>. They are not unread.</summary>
    public long Own { get; set; }

    /// <summary>In groups: in microseconds since 1970, null when not muted. A direct chat is muted as its person is.</summary>
    public long? MutedUntil { get; set; }

    /// <summary>The first of the group's events that stands in this member's log, of its present or last stay.</summary>
    public long FirstEvent { get; set; }

    /// <summary>The last of them; null while the stay lasts.</summary>
    public long? LastEvent { get; set; }

    /// <summary>In groups, what comes after is counted as unread.</summary>
    public long CountedSeq => Math.Max(Math.Max(ReadSeq, HiddenSeq), JoinedSeq - 1);
}
