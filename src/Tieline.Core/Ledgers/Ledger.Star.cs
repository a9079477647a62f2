using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private Outcome ApplyStar(Star star)
    {
        if (FindVisible(star.Who.Key, star.Id) is not { } found) return NoSuchMessage();
        var key = (found.Member.Account, found.Conversation.Key, found.Wire.Seq);
        var before = Changes.Stars.TryGetValue(key, out var inBatch) ? inBatch : facts.IsStarred(key.Account, key.Key, key.Seq);
        if (before == star.On) return new Changed(0);

        Changes.Stars[key] = star.On;
        Append(key.Account, EventKind.Starred, key.Key, key.Seq, null, new StarredEvent(found.Conversation.Id, key.Seq, star.On));
        return new Changed(1);
    }
}
