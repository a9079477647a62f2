using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

/// <summary>What a group is: its making, its name, its roles. Every change is a message that all members read.</summary>
public sealed partial class Ledger
{
    private static readonly Refused _noSuchConversation = new(WireError.NotFound, "There is no such conversation.");
    private static readonly Refused _tooMany = new(WireError.Invalid, $"A group has at most {GroupRules.MaxMembers} members.");

    private Outcome ApplyGroup(GroupCommand command)
    {
        var hash = command.Hash();
        if (FindSent(command.Who.Key, command.ClientId) is { } sent)
            return sent.Hash.AsSpan().SequenceEqual(hash)
                ? new Acknowledged(AckOf(command.ClientId, sent, duplicate: true))
                : new Refused(WireError.Conflict, "This client_id was used before for another request.");
        if (command is not LeaveGroup && StandingOf(command.Who.Key).Suspended) return _suspended;
        if (command is CreateGroup create) return ApplyCreate(create);
        if (command is JoinGroup join) return ApplyJoin(join);

        var id = command switch
        {
            UpdateGroup update => update.Conversation,
            AddToGroup add => add.Conversation,
            RemoveFromGroup remove => remove.Conversation,
            ChangeRole change => change.Conversation,
            LeaveGroup leave => leave.Conversation,
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No rule for this command."),
        };
        if (FindAsMember(command.Who.Key, new ConversationTarget(null, id)) is not { Conversation: { Group: { } group } conversation, Member: var self })
            return _noSuchConversation;
        if (command is LeaveGroup) return ApplyLeave(command, conversation, self);
        if (self.Role == GroupRole.Member) return new Refused(WireError.Forbidden, "Only admins of the group may do that.");
        return command switch
        {
            UpdateGroup update => ApplyUpdate(update, conversation, group),
            AddToGroup add => ApplyAdd(add, conversation),
            RemoveFromGroup remove => ApplyRemove(remove, conversation),
            ChangeRole change => ApplyRole(change, conversation, self),
            _ => _noSuchConversation,
        };
    }

    private Outcome ApplyCreate(CreateGroup create)
    {
        if ((GroupRules.CheckName(create.Name) ?? GroupRules.CheckAvatar(create.Avatar)) is { } wrong) return new Refused(WireError.Invalid, wrong);
        var others = create.Members.Where(member => member.Key != create.Who.Key).DistinctBy(member => member.Key).ToList();
        if (others.Count + 1 > GroupRules.MaxMembers) return _tooMany;
        if (RefusalOfAdding(create.Who, others) is { } refused) return refused;
        var (avatar, picture, refusal) = ResolveAvatar(create.Who.Key, create.Avatar);
        if (refusal is not null) return refusal;

        var group = new GroupState(create.Name.Trim()) { Avatar = avatar, History = create.History, Announcements = create.Announcements };
        var conversation = new ConversationState(facts.NextConversationKey(), newId(), ConversationKind.Group, 0, []) { Group = group };
        Changes.Conversations.Add((conversation, Now.Microseconds));
        Remember(conversation);
        Admit(conversation, create.Who, GroupRole.Owner);
        foreach (var member in others) Admit(conversation, member, GroupRole.Member);
        if (picture is not null) UsePicture(conversation, picture);
        // Before the notice: a client knows what the group is called when the first message of it comes.
        AppendToMembers(conversation, EventKind.Conversation, 0, null, ConversationMark.Instance);
        return Notify(create, conversation, SystemNotice.Make("created", json =>
        {
            json.WriteString("name"u8, group.Name);
            json.WriteNumber("members"u8, conversation.Members.Count);
        }));
    }

    private Outcome ApplyUpdate(UpdateGroup update, ConversationState conversation, GroupState group)
    {
        if (((update.Name is null ? null : GroupRules.CheckName(update.Name)) ?? GroupRules.CheckAvatar(update.Avatar)) is { } wrong)
            return new Refused(WireError.Invalid, wrong);
        var name = update.Name?.Trim() is { } given && given != group.Name ? given : null;
        var (address, picture, refusal) = ResolveAvatar(update.Who.Key, update.Avatar, group.Avatar);
        if (refusal is not null) return refusal;
        var avatar = update.Avatar is not null && address != group.Avatar;
        var announcements = update.Announcements is { } on && on != group.Announcements;
        var history = update.History is { } span && span != group.History;
        if (name is null && !avatar && !announcements && !history) return new Changed(0);

        group.Name = name ?? group.Name;
        if (avatar)
        {
            if (picture is not null || GroupPicture.IsShown(group.Avatar)) UsePicture(conversation, picture);
            group.Avatar = address;
        }

        if (announcements) group.Announcements = !group.Announcements;
        group.History = update.History ?? group.History;
        Changes.Groups.Add(conversation);
        AppendToMembers(conversation, EventKind.Conversation, 0, null, ConversationMark.Instance);
        return Notify(update, conversation, SystemNotice.Make(name is not null ? "named" : avatar ? "avatar" : announcements ? "announcements" : "history", json =>
        {
            if (name is not null) json.WriteString("name"u8, name);
            if (avatar) json.WriteString("avatar"u8, group.Avatar);
            if (announcements) json.WriteBoolean("on"u8, group.Announcements);
            if (history) json.WriteString("history"u8, group.History == GroupHistory.All ? "all" : "joined");
        }));
    }

    private Outcome ApplyRole(ChangeRole change, ConversationState conversation, MemberState self)
    {
        if (self.Role != GroupRole.Owner) return new Refused(WireError.Forbidden, "Only the owner of the group gives roles.");
        if (conversation.Member(change.User.Key) is not { } member) return new Refused(WireError.NotFound, "That person is not in the group.");
        if (member == self) return new Refused(WireError.Self, "Give the group to somebody else, and you are an admin.");
        if (member.Role == change.Role) return new Changed(0);

        member.Role = change.Role;
        Changes.Members.Add(member);
        TellConversation(conversation, member);
        if (change.Role == GroupRole.Owner)
        {
            self.Role = GroupRole.Admin;
            Changes.Members.Add(self);
            TellConversation(conversation, self);
        }

        return Notify(change, conversation, SystemNotice.Make("role", json =>
        {
            json.WriteString("user"u8, change.User.Id);
            json.WriteString("role"u8, WordOf(change.Role));
        }));
    }

    private Outcome ApplyMute(Mute mute)
    {
        var until = mute.Until is { } moment && moment > Now.Microseconds ? mute.Until : null;
        if (mute.Target.Peer is { } peer) return MuteDirect(mute.Who, peer.Key, peer.Id, FindDirect(mute.Who.Key, peer.Key), until);
        if (FindAsMember(mute.Who.Key, mute.Target) is not { Conversation: var conversation, Member: var member }) return _noSuchConversation;
        if (conversation.Kind == ConversationKind.Direct)
        {
            var other = conversation.Peer(mute.Who.Key);
            return MuteDirect(mute.Who, other.Account, other.AccountId, conversation, until);
        }

        if (member.MutedUntil == until) return new Changed(0);
        member.MutedUntil = until;
        Changes.Members.Add(member);
        TellConversation(conversation, member);
        return new Changed(1);
    }

    /// <summary>A direct chat is muted as its person is, so that both protocols know the same.</summary>
    private Outcome MuteDirect(Account who, AccountKey peer, string peerId, ConversationState? conversation, long? until)
    {
        if (who.Key == peer) return new Refused(WireError.Self, "That is yourself");
        var before = RelationOf(who.Key, peer);
        var after = until is null
            ? before with { MutedAt = null, MutedUntil = null }
            : before with { MutedAt = before.MutedAt ?? Now.Microseconds, MutedUntil = until == Mute.Always ? null : until };
        if (after == before) return new Changed(0);
        _relations[(who.Key, peer)] = Changes.Relations[(who.Key, peer)] = after;
        Append(who.Key, EventKind.Relation, null, 0, peer, RelationEvent.Of(peerId, after));
        if (conversation?.Member(who.Key) is { } member) TellConversation(conversation, member);
        return new Changed(1);
    }

    /// <summary>The notice of a change is a message like any other: dense, once per client_id, in the log of every member.</summary>
    private Acknowledged Notify(GroupCommand command, ConversationState conversation, string system)
    {
        var seq = ++conversation.HeadSeq;
        var wire = new WireMessage(conversation.Id, seq, MessageIds.Make(conversation.Id, seq), command.ClientId, command.Who.Id, null, "", Now) { Notice = system };
        var message = new StoredMessage(conversation.Key, command.Who.Key, wire);
        var pos = AppendToMembers(conversation, EventKind.Message, seq, command.Who.Key, new MessageEvent(message));
        CountOwn(conversation.Member(command.Who.Key)!);
        var sent = new SentRecord(conversation.Id, seq, pos, wire.CreatedAt, command.Hash());
        Changes.Messages.Add((message, sent));
        _sentInBatch.Add((command.Who.Key, command.ClientId), sent);
        return new Acknowledged(AckOf(command.ClientId, sent, duplicate: false));
    }

    private void CountOwn(MemberState member)
    {
        member.Own++;
        Changes.Members.Add(member);
    }

    /// <summary>
    /// One event that stands in the log of every member. In a group it is one row, with the position it has in each log; in a direct chat
    /// it is a row in both.
    /// </summary>
    /// <returns>Its position in the log of <paramref name="of"/>, 0 if that is no member.</returns>
    private long AppendToMembers(ConversationState conversation, EventKind kind, long seq, AccountKey? of, LogEvent @event, AccountKey? actor = null)
    {
        long found = 0;
        if (conversation.Group is not { } group)
        {
            foreach (var member in conversation.Members)
            {
                var pos = Append(member.Account, kind, conversation.Key, seq, actor, @event);
                if (member.Account == of) found = pos;
            }

            return found;
        }

        var positions = new (AccountKey, long)[conversation.Members.Count];
        for (var i = 0; i < positions.Length; i++)
        {
            var account = conversation.Members[i].Account;
            var pos = TakePosition(account);
            positions[i] = (account, pos);
            if (account == of) found = pos;
            Changes.Events.Add(new LoggedEvent(account, pos, kind, conversation.Key, seq, actor, @event) { InGroup = true });
        }

        Changes.Groups.Add(conversation);
        Changes.GroupEvents.Add(new GroupEvent(conversation.Key, ++group.EventSeq, kind, seq, actor, positions));
        return found;
    }

    /// <summary>This account's view of the conversation is another now.</summary>
    private void TellConversation(ConversationState conversation, MemberState member) =>
        Append(member.Account, EventKind.Conversation, conversation.Key, 0, null, ConversationMark.Instance);

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string WordOf(GroupRole role) => role switch
    {
        GroupRole.Owner => "owner",
        GroupRole.Admin => "admin",
        _ => "member",
    };
}
