using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    public const int MaxPinned = 20;

    private readonly Dictionary<ConversationKey, long> _pinnedInBatch = [];

    private Outcome ApplyPin(Pin pin)
    {
        if (FindVisible(pin.Who.Key, pin.Id) is not { } found) return NoSuchMessage();
        if (found.Wire.PinnedAt is not null == pin.On) return new Changed(0);
        if (found.Conversation.Group is not null && found.Member.Role == GroupRole.Member) return new Refused(WireError.Forbidden, "Only admins pin in a group.");
        if (RefusalOfBlock(found.Conversation, pin.Who.Key) is { } blocked) return blocked;
        if (pin.On && found.Wire.Deleted) return new Refused(WireError.Forbidden, "This message is deleted.");
        if (pin.On && PinnedIn(found.Conversation.Key) >= MaxPinned) return new Refused(WireError.Conflict, $"At most {MaxPinned} messages are pinned in a chat; unpin one first.");
        return Update(found, found.Wire with { PinnedAt = pin.On ? Now : null });
    }

    private long PinnedIn(ConversationKey conversation)
    {
        if (!_pinnedInBatch.TryGetValue(conversation, out var count)) _pinnedInBatch.Add(conversation, count = facts.CountPinned(conversation));
        return count;
    }

    private void CountPin(ConversationKey conversation, WireMessage before, WireMessage now)
    {
        var change = (now.PinnedAt is null ? 0 : 1) - (before.PinnedAt is null ? 0 : 1);
        if (change != 0) _pinnedInBatch[conversation] = PinnedIn(conversation) + change;
    }
}
