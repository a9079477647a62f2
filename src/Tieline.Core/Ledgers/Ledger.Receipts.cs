using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private Outcome ApplyMoveReceipt(MoveReceipt move)
    {
        if (FindAsReader(move.Who.Key, move.Target) is not { } found)
            return move.Target.Peer is not null ? new Changed(0) : new Refused(WireError.NotFound, "There is no such conversation.");
        return new Changed(MoveReceipt(found.Conversation, found.Member, move.DeliveredSeq, move.ReadSeq));
    }

    /// <summary>One cumulative number for all conversations becomes one receipt in each.</summary>
    private Changed ApplyMarkDelivered(MarkDelivered delivered)
    {
        var account = delivered.Who.Key;
        var after = _received.TryGetValue(account, out var known) ? known : facts.ReceivedPos(account);
        // Cut to what is committed: what this very batch adds to the log cannot have reached anybody yet.
        var upTo = Math.Min(delivered.Pos, facts.Head(account));
        if (upTo <= after) return new Changed(0);

        foreach (var (key, seq) in facts.MessagesBetween(account, after, upTo))
            if (FindAsReader(account, new ConversationTarget(null, null, key)) is { } found)
                MoveReceipt(found.Conversation, found.Member, seq, 0);
        _received[account] = Changes.ReceivedPos[account] = upTo;
        return new Changed(upTo - after);
    }

    /// <returns>How many messages are newly read.</returns>
    private long MoveReceipt(ConversationState conversation, MemberState member, long deliveredSeq, long readSeq)
    {
        var end = conversation.EndFor(member);
        var read = Math.Max(member.ReadSeq, Math.Min(readSeq, end));
        var delivered = Math.Max(member.DeliveredSeq, Math.Max(read, Math.Min(deliveredSeq, end)));
        if (read == member.ReadSeq && delivered == member.DeliveredSeq) return 0;

        if (conversation.Group is not null) return MoveGroupReceipt(conversation, member, delivered, read);
        var newlyRead = CountRead(conversation, member, read);
        member.Unread -= newlyRead;
        member.ReadSeq = read;
        member.DeliveredSeq = delivered;
        Changes.Members.Add(member);
        Append(member.Account, EventKind.Receipt, conversation.Key, 0, member.Account,
            new ReceiptEvent(conversation.Id, member.AccountId, delivered, read));
        ShowReceipt(conversation, member);
        return newlyRead;
    }

    /// <summary>The other person learns of it, unless one of the two has blocked the other; of the reading, unless one of the two hides that.</summary>
    private void ShowReceipt(ConversationState conversation, MemberState member)
    {
        var peer = conversation.Peer(member.Account);
        if (member.Request || BlockedEitherWay(member.Account, peer.Account)) return;
        var reads = ShowsReads(member.Account, peer.Account);
        if (!reads && member.ShownDeliveredSeq == member.DeliveredSeq) return;
        member.ShownDeliveredSeq = member.DeliveredSeq;
        if (reads) member.ShownReadSeq = member.ReadSeq;
        Append(peer.Account, EventKind.Receipt, conversation.Key, 0, member.Account,
            new ReceiptEvent(conversation.Id, member.AccountId, member.ShownDeliveredSeq, member.ShownReadSeq));
    }

    /// <summary>Of the unread messages, those up to <paramref name="read"/>: the ones of others above what was read or hidden before.</summary>
    private long CountRead(ConversationState conversation, MemberState member, long read)
    {
        if (read >= conversation.HeadSeq) return member.Unread;
        var before = Math.Max(member.ReadSeq, member.HiddenSeq);
        if (read <= before || member.Unread == 0) return 0;
        return Math.Min(member.Unread, read - before - CountSent(conversation.Key, member.Account, before, read));
    }

    private long CountSent(ConversationKey conversation, AccountKey sender, long after, long upTo)
    {
        var count = facts.CountSent(conversation, sender, after, upTo);
        foreach (var (message, _) in Changes.Messages)
            if (message.Conversation == conversation && message.Sender == sender && message.Wire.Seq > after && message.Wire.Seq <= upTo) count++;
        return count;
    }

    private Outcome ApplyClear(Clear clear)
    {
        if (FindAsReader(clear.Who.Key, clear.Target) is not { } found)
            return clear.Target.Peer is not null ? new Changed(0) : new Refused(WireError.NotFound, "There is no such conversation.");
        var (conversation, member) = found;
        var end = conversation.EndFor(member);
        var upTo = Math.Min(clear.UpTo ?? end, end);
        var hidden = upTo - member.HiddenSeq;
        if (hidden <= 0) return new Changed(0);

        member.Unread = upTo == end ? 0 : member.Unread - CountRead(conversation, member, upTo);
        member.HiddenSeq = upTo;
        if (member.Own > 0) member.Own = upTo == end ? 0 : CountSent(conversation.Key, member.Account, member.CountedSeq, end);
        if (upTo == end) member.Activity = 0;
        Changes.Members.Add(member);
        Append(clear.Who.Key, EventKind.Cleared, conversation.Key, member.HiddenSeq, null, new ClearedEvent(conversation.Id, member.HiddenSeq));
        return new Changed(hidden);
    }
}
