using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    /// <summary>The promise of a send, in its order: known already, held, allowed, stored once, in every member's log.</summary>
    private Outcome ApplySend(Send send)
    {
        if (send.Line is { } line && _linesInBatch.Add(line)) line.BeginBatch();
        if (FindSent(send.From.Key, send.ClientId) is { } sent)
        {
            if (!sent.Hash.AsSpan().SequenceEqual(send.Hash))
                return Refuse(send, WireError.Conflict, "This client_id was used before for another message.");
            send.Line?.Settle(send.ClientId);
            return new Acknowledged(AckOf(send.ClientId, sent, duplicate: true));
        }

        if (send.Line?.Holds(send.ClientId) == true)
            return new Refused(WireError.Held, "An earlier message on this line was refused for now; send that one again first.");

        var (attachments, wrong) = DescribeAttachments(send.From.Key, send.Attachments);
        if (wrong is not null) return Refuse(send, wrong.Error, wrong.Why);
        var (conversation, refusal) = FindTarget(send);
        if (refusal is not null) return Refuse(send, refusal.Error, refusal.Why);
        var content = new SendContent(send.Text, send.Card, attachments);
        if (send.HasReferences && Resolve(send, conversation, ref content) is { } unresolved) return Refuse(send, unresolved.Error, unresolved.Why);

        // Last: what is refused must not leave an empty chat behind.
        var stored = Store(send, conversation ?? StartDirect(send.From, send.To!), content);
        send.Line?.Settle(send.ClientId);
        return new Acknowledged(AckOf(send.ClientId, stored, duplicate: false));
    }

    private SentRecord? FindSent(AccountKey sender, string clientId) =>
        _sentInBatch.TryGetValue((sender, clientId), out var inBatch) ? inBatch : facts.FindSent(sender, clientId);

    private static Refused Refuse(Send send, WireError error, string why)
    {
        send.Line?.Refuse(send.ClientId, error.Retryable);
        return new Refused(error, why);
    }

    /// <returns>Neither for a direct chat that is yet to begin.</returns>
    private (ConversationState? Conversation, Refused? Refusal) FindTarget(Send send)
    {
        if (StandingOf(send.From.Key).Suspended) return (null, _suspended);
        if (send.To is { } to)
        {
            if (to.Key == send.From.Key) return (null, new Refused(WireError.Self, "Cannot chat with yourself"));
            if (RefusalOfBlock(send.From.Key, to.Key) is { } blocked) return (null, blocked);
            return (FindDirect(send.From.Key, to.Key), null);
        }

        var found = FindAsMember(send.From.Key, new ConversationTarget(null, send.Conversation));
        if (found is not { } member) return (null, new Refused(WireError.NotFound, "There is no such conversation."));
        if (member.Conversation.Kind == ConversationKind.Direct
            && RefusalOfBlock(send.From.Key, member.Conversation.Peer(send.From.Key).Account) is { } refused) return (null, refused);
        if (member.Conversation.Group is { Announcements: true } && member.Member.Role == GroupRole.Member)
            return (null, new Refused(WireError.Forbidden, "Only admins send in this group."));
        return (member.Conversation, null);
    }

    private Refused? RefusalOfBlock(AccountKey from, AccountKey to)
    {
        if (RelationOf(from, to).Blocked) return new Refused(WireError.Blocked, "You have blocked this person");
        return RelationOf(to, from).Blocked ? new Refused(WireError.Blocked, "This person does not accept messages from you") : null;
    }

    private ConversationState StartDirect(Account one, Account other)
    {
        var (low, high) = one.Key.Value < other.Key.Value ? (one, other) : (other, one);
        var key = facts.NextConversationKey();
        var conversation = new ConversationState(key, newId(), ConversationKind.Direct, 0,
            [new MemberState(key, low.Key, low.Id), new MemberState(key, high.Key, high.Id)]);
        Changes.Conversations.Add((conversation, Now.Microseconds));
        if (rules.Requests && !facts.ShareGroup(one.Key, other.Key)) conversation.Member(other.Key)!.Request = true;
        return Remember(conversation);
    }

    private SentRecord Store(Send send, ConversationState conversation, SendContent content)
    {
        if (conversation.Member(send.From.Key) is { Request: true } asked) Accept(conversation, asked);
        var seq = ++conversation.HeadSeq;
        var peer = conversation.Kind == ConversationKind.Direct ? conversation.Peer(send.From.Key) : null;
        var now = Now;
        var wire = new WireMessage(conversation.Id, seq, MessageIds.Make(conversation.Id, seq), send.ClientId, send.From.Id, peer?.AccountId, content.Text, now)
        {
            Card = content.Card,
            ReplyTo = send.ReplyTo,
            Attachments = content.Attachments,
            Links = links,
            Forwarded = content.Forwarded,
            Quote = content.Quote,
            Mentions = content.Mentions,
            ExpiresAt = conversation.DisappearSeconds == 0 ? null : new Timestamp(now.Microseconds + (conversation.DisappearSeconds * 1_000_000)),
        };
        var message = new StoredMessage(conversation.Key, send.From.Key, wire);
        UseAttachments(message);
        var @event = new MessageEvent(message);
        var senderPos = conversation.Group is null ? AppendToBoth(conversation, send.From.Key, seq, @event)
            : AppendToMembers(conversation, EventKind.Message, seq, send.From.Key, @event);
        if (conversation.Group is not null) CountOwn(conversation.Member(send.From.Key)!);

        var sent = new SentRecord(conversation.Id, seq, senderPos, wire.CreatedAt, send.Hash);
        Changes.Messages.Add((message, sent));
        _sentInBatch.Add((send.From.Key, send.ClientId), sent);
        return sent;
    }

    private long AppendToBoth(ConversationState conversation, AccountKey sender, long seq, MessageEvent @event)
    {
        long senderPos = 0;
        foreach (var member in conversation.Members)
        {
            var pos = Append(member.Account, EventKind.Message, conversation.Key, seq, null, @event);
            member.Activity = pos;
            if (member.Account == sender) senderPos = pos;
            else if (!member.Request) member.Unread++;
            Changes.Members.Add(member);
        }

        return senderPos;
    }

    private static AckFrame AckOf(string clientId, SentRecord sent, bool duplicate) =>
        new(clientId, MessageIds.Make(sent.Conversation, sent.Seq), sent.Conversation, sent.Seq, sent.Pos, sent.CreatedAt, duplicate);
}
