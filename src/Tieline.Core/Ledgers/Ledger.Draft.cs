using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private Outcome ApplyDraft(Draft draft)
    {
        if (FindAsMember(draft.Who.Key, draft.Target) is not { } found) return new Refused(WireError.NotFound, "There is no such conversation.");
        var key = (draft.Who.Key, found.Conversation.Key);
        var before = Changes.Drafts.TryGetValue(key, out var inBatch) ? inBatch : facts.FindDraft(draft.Who.Key, found.Conversation.Key);
        DraftText? now = string.IsNullOrWhiteSpace(draft.Text) ? null : new DraftText(draft.Text, draft.ReplyTo);
        if (before == now) return new Changed(0);

        Changes.Drafts[key] = now;
        Append(draft.Who.Key, EventKind.Draft, found.Conversation.Key, 0, null, new DraftEvent(found.Conversation.Id, now?.Text, now?.ReplyTo));
        return new Changed(1);
    }
}

/// <summary>What somebody has begun to write, and to what it answers.</summary>
public sealed record DraftText(string Text, string? ReplyTo);
