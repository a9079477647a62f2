using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server;

/// <summary>
/// What a client asks for as what the ledger decides, and the outcome as the frame that answers: the same over socket and REST, so a new
/// command is added here once. Each feature has its commands in a file of its own.
/// </summary>
internal static partial class Commands
{
    /// <exception cref="FrameException">not_found for an account that is not there.</exception>
    public static Task<Command> OfAsync(ChatServer server, Account me, CommandFrame frame, CancellationToken cancel) =>
        OfMessages(server, me, frame, cancel) ?? OfGroups(server, me, frame, cancel) ?? OfLive(server, me, frame, cancel)
            ?? throw new FrameException(WireError.UnknownType, $"This server does not offer {ClientFrameWriter.TypeOf(frame)}.", frame.ClientId);

    /// <param name="to">The account that <see cref="SendFrame.To"/> names.</param>
    public static Send Send(Account me, SendFrame frame, Account? to, SendLine? line = null) =>
        new(me, frame.ClientId, to, frame.Conversation, frame.Text, frame.Card, frame.ReplyTo, frame.Attachments, frame.Mentions, frame.ForwardOf, line);

    public static ServerFrame AnswerOf(Outcome outcome, string? clientId) => outcome switch
    {
        Acknowledged acknowledged => acknowledged.Ack,
        Answered answered => answered.Frame,
        Changed changed => new DoneFrame(clientId, changed.Count),
        Refused refused => ErrorFrame.Of(refused.Error, refused.Why, clientId),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A command is answered or refused."),
    };

    private static Task<Command>? Now(Command command) => Task.FromResult(command);

    private static async ValueTask<Account> FindAsync(ChatServer server, string id, string? clientId, CancellationToken cancel) =>
        (AccountIds.IsValid(id) ? await server.Store.FindAccountAsync(AccountLookup.Id, id, cancel) : null)
            ?? throw new FrameException(WireError.NotFound, "There is no such account.", clientId);

    private static async ValueTask<ConversationTarget> TargetAsync(ChatServer server, string? to, string? conversation, string? clientId, CancellationToken cancel) =>
        to is null ? new ConversationTarget(null, conversation) : new ConversationTarget(await FindAsync(server, to, clientId, cancel), null);
}
