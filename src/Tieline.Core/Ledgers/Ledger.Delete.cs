using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private Outcome ApplyDelete(Delete delete)
    {
        if (!delete.ForAll) return DeleteForMe(delete);
        if (FindVisible(delete.Who.Key, delete.Id) is not { } found) return NoSuchMessage();
        if (found.Wire.Deleted) return new Changed(0);
        var own = found.Message.Sender == delete.Who.Key && found.Wire.Notice is null;
        if (!own && !(found.Conversation.Group is not null && found.Member.Role != GroupRole.Member))
            return new Refused(WireError.Forbidden, "Only its author, or an admin of the group, can delete a message for all.");
        return Update(found, Tombstone(found.Wire));
    }

    /// <summary>Number and times stay, content is gone, also what an edit had replaced.</summary>
    private static WireMessage Tombstone(WireMessage message) => message with
    {
        Text = "",
        Card = null,
        Attachments = null,
        ReplyTo = null,
        Quote = null,
        Mentions = null,
        Reactions = null,
        EditedAt = null,
        PinnedAt = null,
        Deleted = true,
    };

    private Outcome DeleteForMe(Delete delete)
    {
        if (!MessageIds.TryParse(delete.Id, out var id, out var seq)
            || FindAsReader(delete.Who.Key, new ConversationTarget(null, id)) is not { } found
            || seq > found.Conversation.EndFor(found.Member)) return NoSuchMessage();
        var (conversation, member) = found;
        if (!Sees(member, seq)) return new Changed(0);

        Changes.Hidden.Add((conversation.Key, seq, member.Account));
        Append(member.Account, EventKind.Hidden, conversation.Key, seq, null, new HiddenEvent(conversation.Id, seq));
        return new Changed(1);
    }
}
