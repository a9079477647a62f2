using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol.Frames;

namespace Tieline.Server;

internal static partial class Commands
{
    /// <returns>Null where the frame belongs to another feature.</returns>
    private static Task<Command>? OfLive(ChatServer server, Account me, CommandFrame frame, CancellationToken cancel) => frame switch
    {
        PrivacyFrame privacy => Now(new ChangePrivacy(me, privacy.Receipts, privacy.Online, privacy.LastSeen, privacy.Typing)),
        AcceptFrame accept => Now(new AcceptRequest(me, new ConversationTarget(null, accept.Conversation))),
        FlagFrame { User: null } flag => Now(new RaiseFlag(me, flag.Id, null, ReasonOf(flag), flag.Text ?? "")),
        FlagFrame flag => FlagPersonAsync(server, me, flag, cancel),
        _ => null,
    };

    private static async Task<Command> FlagPersonAsync(ChatServer server, Account me, FlagFrame flag, CancellationToken cancel) =>
        new RaiseFlag(me, null, await FindAsync(server, flag.User!, flag.ClientId, cancel), ReasonOf(flag), flag.Text ?? "");

    private static FlagReason ReasonOf(FlagFrame flag) => Enum.Parse<FlagReason>(flag.Reason, ignoreCase: true);
}
