using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

/// <summary>A stranger's first message is a request: it waits until the other person answers, accepts or blocks.</summary>
public sealed partial class Ledger
{
    private Outcome ApplyAccept(AcceptRequest accept)
    {
        if (FindAsMember(accept.Who.Key, accept.Target) is not { } found) return new Refused(WireError.NotFound, "There is no such conversation.");
        if (!found.Member.Request) return new Changed(0);
        Accept(found.Conversation, found.Member);
        return new Changed(1);
    }

    /// <summary>From here on it is a chat like any other; what came before and is not read counts as unread now.</summary>
    private void Accept(ConversationState conversation, MemberState member)
    {
        member.Request = false;
        // All that is there is the stranger's: to answer is to accept.
        member.Unread = conversation.HeadSeq - Math.Max(member.ReadSeq, member.HiddenSeq);
        Changes.Members.Add(member);
        Append(member.Account, EventKind.Conversation, conversation.Key, 0, null, ConversationMark.Instance);
        if (member.DeliveredSeq > 0) ShowReceipt(conversation, member);
    }
}
