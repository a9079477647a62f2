using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol.Frames;

namespace Tieline.Server;

internal static partial class Commands
{
    /// <returns>Null where the frame belongs to another feature.</returns>
    private static Task<Command>? OfMessages(ChatServer server, Account me, CommandFrame frame, CancellationToken cancel) => frame switch
    {
        EditFrame edit => Now(new Edit(me, edit.Id, edit.Text)),
        DeleteFrame delete => Now(new Delete(me, delete.Id, delete.ForAll)),
        ReactFrame react => Now(new React(me, react.Id, react.Emoji)),
        PinFrame pin => Now(new Pin(me, pin.Id, pin.On)),
        StarFrame star => Now(new Star(me, star.Id, star.On)),
        DraftFrame draft => OfDraftAsync(server, me, draft, cancel),
        DisappearFrame disappear => OfDisappearAsync(server, me, disappear, cancel),
        _ => null,
    };

    private static async Task<Command> OfDisappearAsync(ChatServer server, Account me, DisappearFrame disappear, CancellationToken cancel) =>
        new Disappear(me, await TargetAsync(server, disappear.To, disappear.Conversation, disappear.ClientId, cancel), disappear.Seconds);

    private static async Task<Command> OfDraftAsync(ChatServer server, Account me, DraftFrame draft, CancellationToken cancel) =>
        new Draft(me, await TargetAsync(server, draft.To, draft.Conversation, draft.ClientId, cancel), draft.Text, draft.ReplyTo);
}
