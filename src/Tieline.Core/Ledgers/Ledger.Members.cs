using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

/// <summary>Who comes into a group and who goes.</summary>
public sealed partial class Ledger
{
    private Outcome ApplyAdd(AddToGroup add, ConversationState conversation)
    {
        var others = add.Members.Where(member => conversation.Member(member.Key) is null).DistinctBy(member => member.Key).ToList();
        if (others.Count == 0) return new Changed(0);
        if (conversation.Members.Count + others.Count > GroupRules.MaxMembers) return _tooMany;
        if (RefusalOfAdding(add.Who, others) is { } refused) return refused;

        foreach (var member in others) TellConversation(conversation, Admit(conversation, member, GroupRole.Member));
        return Notify(add, conversation, SystemNotice.Make("added", json =>
        {
            SystemNotice.WriteUsers(json, others.Select(member => member.Id));
            json.WriteNumber("members"u8, conversation.Members.Count);
        }));
    }

    private Outcome ApplyJoin(JoinGroup join)
    {
        if (FindByLink(join.Code) is not { Group: { } group } conversation || group.LinkExpiresAt <= Now.Microseconds)
            return new Refused(WireError.NotFound, "This link is no longer good; ask for a new one.");
        if (conversation.Member(join.Who.Key) is not null) return new Changed(0);
        if (conversation.Members.Count + 1 > GroupRules.MaxMembers) return new Refused(WireError.Forbidden, "The group is full.");

        TellConversation(conversation, Admit(conversation, join.Who, GroupRole.Member));
        return Notify(join, conversation, SystemNotice.Make("joined", json => json.WriteNumber("members"u8, conversation.Members.Count)));
    }

    private Outcome ApplyRemove(RemoveFromGroup remove, ConversationState conversation)
    {
        if (remove.User.Key == remove.Who.Key) return new Refused(WireError.Self, "To go yourself, leave the group.");
        if (conversation.Member(remove.User.Key) is not { } member) return new Changed(0);
        if (member.Role == GroupRole.Owner) return new Refused(WireError.Forbidden, "The owner of the group cannot be removed.");

        // The removed person reads of it, and nothing after.
        var told = Notify(remove, conversation, SystemNotice.Make("removed", json =>
        {
            SystemNotice.WriteUsers(json, [remove.User.Id]);
            json.WriteNumber("members"u8, conversation.Members.Count - 1);
        }));
        Dismiss(conversation, member);
        return told;
    }

    private Acknowledged ApplyLeave(GroupCommand leave, ConversationState conversation, MemberState self)
    {
        var heir = self.Role == GroupRole.Owner ? HeirOf(conversation, self) : null;
        var told = Notify(leave, conversation, SystemNotice.Make("left", json =>
        {
            if (heir is not null) json.WriteString("owner"u8, heir.AccountId);
            json.WriteNumber("members"u8, conversation.Members.Count - 1);
        }));
        if (heir is not null)
        {
            heir.Role = GroupRole.Owner;
            Changes.Members.Add(heir);
            TellConversation(conversation, heir);
        }

        Dismiss(conversation, self);
        return told;
    }

    /// <summary>The oldest admin, else the oldest member.</summary>
    private static MemberState? HeirOf(ConversationState conversation, MemberState owner) =>
        conversation.Members.Where(member => member != owner).OrderByDescending(member => member.Role).ThenBy(member => member.JoinedSeq)
            .ThenBy(member => member.Account.Value).FirstOrDefault();

    private Outcome ApplyLink(LinkGroup link)
    {
        if (FindAsMember(link.Who.Key, new ConversationTarget(null, link.Conversation)) is not { Conversation: { Group: { } group } conversation, Member: var self })
            return _noSuchConversation;
        if (self.Role == GroupRole.Member) return new Refused(WireError.Forbidden, "Only admins of the group make or revoke its link.");
        if (link.Life is null && group.LinkCode is null) return new Changed(0);

        if (group.LinkCode is { } former)
        {
            _byLink.Remove(former);
            _revokedInBatch.Add(former);
        }

        Changes.Groups.Add(conversation);
        group.LinkCode = link.Life is null ? null : newId();
        if (link.Life is not { } life) return new Changed(1);
        group.LinkExpiresAt = Now.Microseconds + (long)life.TotalMicroseconds;
        _byLink[group.LinkCode!] = conversation;
        return new Answered(new LinkFrame(conversation.Id, group.LinkCode!, new Timestamp(group.LinkExpiresAt)));
    }

    private ConversationState? FindByLink(string code)
    {
        if (_byLink.TryGetValue(code, out var known)) return known;
        return !_revokedInBatch.Contains(code) && facts.FindGroupByLink(code) is { } key ? FindConversation(key) : null;
    }

    private Refused? RefusalOfAdding(Account who, List<Account> others)
    {
        foreach (var other in others)
            if (RelationOf(other.Key, who.Key).Blocked) return new Refused(WireError.Blocked, $"{other.Name} does not want to be added by you.");
        return null;
    }

    /// <summary>Makes somebody a member from the next message on, the notice of it included.</summary>
    private MemberState Admit(ConversationState conversation, Account account, GroupRole role)
    {
        var former = conversation.Former(account.Key);
        var member = former ?? new MemberState(conversation.Key, account.Key, account.Id);
        member.Role = role;
        member.JoinedAt = Now.Microseconds;
        member.JoinedSeq = conversation.HeadSeq + 1;
        member.LeftSeq = null;
        member.Farewell = null;
        member.Own = 0;
        member.FirstEvent = conversation.Group!.EventSeq + 1;
        member.LastEvent = null;
        if (conversation.Group.History == GroupHistory.Joined) Hide(conversation, member, tell: former is not null);
        conversation.Admit(member);
        Changes.Members.Add(member);
        Changes.Stays.Add(new GroupStay(member.Account, member.Conversation, member.FirstEvent, member.LastEvent));
        Changes.Groups.Add(conversation);
        return member;
    }

    /// <summary>Who comes again loses what he saw of his former stay: he must be told, or live and replay would differ.</summary>
    private void Hide(ConversationState conversation, MemberState member, bool tell)
    {
        if (member.HiddenSeq >= conversation.HeadSeq) return;
        member.HiddenSeq = conversation.HeadSeq;
        if (tell) Append(member.Account, EventKind.Cleared, conversation.Key, member.HiddenSeq, null, new ClearedEvent(conversation.Id, member.HiddenSeq));
    }

    private void Dismiss(ConversationState conversation, MemberState member)
    {
        member.LeftSeq = conversation.HeadSeq;
        member.LastEvent = conversation.Group!.EventSeq;
        member.Role = GroupRole.Member;
        conversation.Dismiss(member);
        member.Farewell = new GroupFarewell(conversation.Group.Name, conversation.Group.Avatar, conversation.Members.Count);
        Changes.Members.Add(member);
        Changes.Stays.Add(new GroupStay(member.Account, member.Conversation, member.FirstEvent, member.LastEvent));
        Changes.Groups.Add(conversation);
        TellConversation(conversation, member);
    }
}
