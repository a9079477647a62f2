using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    /// <summary>
    /// In a group the authors of what was received or read learn of it, up to a size; in larger groups a receipt is one row and no event but
    /// the reader's own. That a message was delivered concerns the reader's other devices nowhere.
    /// </summary>
    private long MoveGroupReceipt(ConversationState conversation, MemberState member, long delivered, long read)
    {
        var (deliveredBefore, readBefore, unreadBefore) = (member.DeliveredSeq, member.ReadSeq, conversation.UnreadOf(member));
        var shows = StandingOf(member.Account).Privacy.Receipts;
        member.ReadSeq = read;
        member.DeliveredSeq = member.ShownDeliveredSeq = delivered;
        if (shows) member.ShownReadSeq = read;
        if (read > readBefore && member.Own > 0) member.Own = CountSent(conversation.Key, member.Account, member.CountedSeq, conversation.EndFor(member));
        Changes.Members.Add(member);

        var receipt = new ReceiptEvent(conversation.Id, member.AccountId, delivered, read);
        // Not everybody learns of every step, so a row keeps what it said: replay would otherwise tell more than was told live.
        if (read > readBefore) Append(member.Account, EventKind.Receipt, conversation.Key, GroupReceipts.Pack(delivered, read), member.Account, receipt);
        if (!shows)
        {
            readBefore = read;
            receipt = new ReceiptEvent(conversation.Id, member.AccountId, delivered, member.ShownReadSeq);
        }

        var said = GroupReceipts.Pack(delivered, shows ? read : member.ShownReadSeq);
        if (member.LeftSeq is null && conversation.Members.Count <= GroupRules.MaxShownReceipts)
            foreach (var author in AuthorsOf(conversation, member, (deliveredBefore, delivered), (readBefore, read)))
                if (!BlockedEitherWay(member.Account, author)) Append(author, EventKind.Receipt, conversation.Key, said, member.Account, receipt);
        return unreadBefore - conversation.UnreadOf(member);
    }

    private List<AccountKey> AuthorsOf(ConversationState conversation, MemberState reader, params ReadOnlySpan<(long After, long UpTo)> ranges)
    {
        var authors = new List<AccountKey>();
        foreach (var (after, upTo) in ranges)
        {
            if (upTo <= after) continue;
            foreach (var author in facts.Senders(conversation.Key, after, upTo)) Add(author);
            foreach (var (message, _) in Changes.Messages)
                if (message.Conversation == conversation.Key && message.Wire.Seq > after && message.Wire.Seq <= upTo) Add(message.Sender);
        }

        return authors;

        void Add(AccountKey author)
        {
            if (author != reader.Account && !authors.Contains(author) && conversation.Member(author) is not null) authors.Add(author);
        }
    }
}

/// <summary>What a receipt of a group said, in the one number that an event row has for it. In a direct chat it is 0: there a receipt shows what holds now.</summary>
public static class GroupReceipts
{
    public static long Pack(long delivered, long read) => (delivered << 32) | read;

    public static (long Delivered, long Read) Unpack(long said) => (said >> 32, said & uint.MaxValue);
}
