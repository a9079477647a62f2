using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private Outcome ApplyEdit(Edit edit)
    {
        if (FindVisible(edit.Who.Key, edit.Id) is not { } found) return NoSuchMessage();
        var wire = found.Wire;
        if (found.Message.Sender != edit.Who.Key || wire.Notice is not null) return new Refused(WireError.Forbidden, "Only your own messages can be edited.");
        if (wire.Deleted) return new Refused(WireError.Forbidden, "This message is deleted.");
        // Before the window: an edit whose answer was lost is asked again, and is done already.
        if (wire.Text == edit.Text) return new Changed(0);
        if (string.IsNullOrWhiteSpace(edit.Text) && wire.Card is null && wire.Attachments is null)
            return new Refused(WireError.Invalid, "A message without card or attachments needs a text that is not blank; delete it instead.");
        if (rules.EditWindow is { } window && time.GetUtcNow() - wire.CreatedAt.ToDateTimeOffset() >= window)
            return new Refused(WireError.Forbidden, window == TimeSpan.Zero ? "Messages cannot be edited here." : "This message is too old to be edited.");
        if (RefusalOfBlock(found.Conversation, edit.Who.Key) is { } blocked) return blocked;

        Changes.Edits.Add((found.Conversation.Key, wire.Seq, wire.Text));
        return Update(found, wire with { Text = edit.Text, EditedAt = Now });
    }
}
