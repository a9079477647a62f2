using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

/// <summary>What all later changes of a message have in common.</summary>
public sealed partial class Ledger
{
    private Outcome? ApplyToMessage(Command command) => command switch
    {
        Edit edit => ApplyEdit(edit),
        Delete delete => ApplyDelete(delete),
        React react => ApplyReact(react),
        Pin pin => ApplyPin(pin),
        Star star => ApplyStar(star),
        Draft draft => ApplyDraft(draft),
        Disappear disappear => ApplyDisappear(disappear),
        Sweep => ApplySweep(),
        _ => null,
    };

    /// <summary>A message that the account may see, as it stands now.</summary>
    private readonly record struct VisibleMessage(ConversationState Conversation, MemberState Member, StoredMessage Message)
    {
        public WireMessage Wire => Message.Wire;
    }

    /// <returns>Null for what is not there, and for what this account may not see: the two must look the same.</returns>
    private VisibleMessage? FindVisible(AccountKey who, string id)
    {
        if (!MessageIds.TryParse(id, out var conversationId, out var seq)) return null;
        if (FindAsMember(who, new ConversationTarget(null, conversationId)) is not { } found || !Sees(found.Member, seq)) return null;
        return FindMessage(found.Conversation.Key, seq) is { } message && !IsOver(message.Wire) ? new VisibleMessage(found.Conversation, found.Member, message) : null;
    }

    /// <summary>The same for what somebody may still read who has left the group.</summary>
    private WireMessage? FindReadable(AccountKey who, string id)
    {
        if (!MessageIds.TryParse(id, out var conversationId, out var seq)
            || FindAsReader(who, new ConversationTarget(null, conversationId)) is not { } found
            || seq > found.Conversation.EndFor(found.Member) || !Sees(found.Member, seq)) return null;
        return FindMessage(found.Conversation.Key, seq)?.Wire is { } wire && !IsOver(wire) ? wire : null;
    }

    private bool Sees(MemberState member, long seq) => seq > member.HiddenSeq && !HiddenFrom(member.Conversation, seq).Contains(member.Account);

    private StoredMessage? FindMessage(ConversationKey conversation, long seq)
    {
        if (Changes.Gone.Contains((conversation, seq))) return null;
        if (Changes.Updates.TryGetValue((conversation, seq), out var updated)) return updated;
        for (var i = Changes.Messages.Count - 1; i >= 0; i--)
            if (Changes.Messages[i].Message is var stored && stored.Conversation == conversation && stored.Wire.Seq == seq) return stored;
        return facts.FindMessage(conversation, seq);
    }

    private HashSet<AccountKey> HiddenFrom(ConversationKey conversation, long seq)
    {
        var hidden = new HashSet<AccountKey>(facts.HiddenFrom(conversation, seq));
        foreach (var change in Changes.Hidden)
            if (change.Conversation == conversation && change.Seq == seq) hidden.Add(change.Account);
        return hidden;
    }

    private void EndMessageBatch()
    {
        _reactionsInBatch.Clear();
        _pinnedInBatch.Clear();
    }

    private Changed Update(VisibleMessage before, WireMessage now) => Update(before.Conversation, before.Message, now);

    /// <summary>Stores the message as it is now and tells everybody who may see it.</summary>
    private Changed Update(ConversationState conversation, StoredMessage before, WireMessage now)
    {
        var message = new StoredMessage(conversation.Key, before.Sender, now);
        CountPin(conversation.Key, before.Wire, now);
        // Sent and deleted in one batch: nothing may count as carried by a tombstone.
        if (now.Attachments is null && before.Wire.Attachments is not null)
            Changes.AttachmentUses.RemoveAll(use => use.Conversation == conversation.Key && use.Seq == now.Seq);
        Changes.Updates[(conversation.Key, now.Seq)] = message;
        var hidden = HiddenFrom(conversation.Key, now.Seq);
        if (conversation.Group is null)
        {
            var told = new UpdateEvent(message);
            foreach (var member in conversation.Members)
                if (now.Seq > member.HiddenSeq && !hidden.Contains(member.Account))
                    Append(member.Account, EventKind.Update, conversation.Key, now.Seq, null, told);
            return new Changed(1);
        }

        // One row stands in the logs of all members; where some may not see the message, each reads from the store what it is to him.
        var same = hidden.Count == 0 && conversation.Members.All(member => now.Seq > member.HiddenSeq);
        AppendToMembers(conversation, EventKind.Update, now.Seq, null, same ? new UpdateEvent(message) : UpdateMark.Instance);
        // Who has left keeps what he saw, as it is now: what is deleted for all is not to stay with him.
        foreach (var former in conversation.FormerMembers)
            if (now.Seq > former.HiddenSeq && now.Seq <= former.LeftSeq && !hidden.Contains(former.Account))
                Append(former.Account, EventKind.Update, conversation.Key, now.Seq, null, new UpdateEvent(message));
        return new Changed(1);
    }

    private static Refused NoSuchMessage() => new(WireError.NotFound, "There is no such message.");

    /// <summary>Between two people who have blocked each other nothing new is said, also not by changing what was said.</summary>
    private Refused? RefusalOfBlock(ConversationState conversation, AccountKey who) =>
        StandingOf(who).Suspended ? _suspended : conversation.Kind == ConversationKind.Direct ? RefusalOfBlock(who, conversation.Peer(who).Account) : null;
}
