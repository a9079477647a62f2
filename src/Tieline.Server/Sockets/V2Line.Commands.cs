using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sockets;

internal sealed partial class V2Line
{
    private const int MaxKnown = 256;

    protected override async ValueTask HandleAsync(Received received)
    {
        switch (received.Kind)
        {
            case ReceivedKind.Binary:
                Close(CloseCodes.NotJson, "Frames are text, not binary");
                return;
            case ReceivedKind.NotUtf8:
                Close(CloseCodes.NotJson, "Frames are UTF-8");
                return;
            case ReceivedKind.FarTooLarge:
                Close(CloseCodes.MessageTooBig, "The frame is larger than 1 MiB");
                return;
            case ReceivedKind.TooLarge:
                Answer(ErrorFrame.Of(WireError.TooLarge, $"A frame may have at most {Server.Options.FrameBytes} bytes."));
                return;
        }

        try
        {
            await HandleAsync(ClientFrameReader.Read(received.Payload.Span));
        }
        catch (FrameException e) when (e.Error == WireError.NotJson)
        {
            Close(CloseCodes.NotJson, e.Message);
        }
        catch (FrameException e)
        {
            Answer(e.ToFrame());
        }
    }

    private async ValueTask HandleAsync(ClientFrame frame)
    {
        if (IsLimited(frame)) return;
        switch (frame)
        {
            case SendFrame send:
                await SendAsync(send);
                break;
            case RecvFrame recv:
                Server.Receipts.Received(Account, recv.Pos);
                break;
            case ReadFrame read:
                Server.Receipts.Move(Account, new ConversationTarget(null, read.Conversation), 0, read.Seq,
                    refused => Answer(ErrorFrame.Of(refused.Error, refused.Why)));
                break;
            case PingFrame:
                Answer(new ServerPongFrame(Reader.Cursor));
                break;
            case SyncFrame sync:
                await DrainSendsAsync();
                Volatile.Write(ref _resync, sync.Since);
                Wake();
                break;
            case HistoryFrame history:
                await DrainSendsAsync();
                await AnswerHistoryAsync(history);
                break;
            case ClearFrame clear:
                await DrainSendsAsync();
                if (await Server.Store.SubmitAsync(new Clear(Account, new ConversationTarget(null, clear.Conversation), clear.Seq)) is Refused refused)
                    Answer(ErrorFrame.Of(refused.Error, refused.Why));
                break;
            case TypingFrame typing:
                if (await Server.Live.TypeAsync(Account, typing.Conversation, Ended) is { } unseen) Answer(ErrorFrame.Of(unseen.Error, unseen.Why));
                break;
            case WatchFrame watch:
                await Server.Live.WatchAsync(_live, watch.Users, Ended);
                break;
            case CommandFrame command:
                await CommandAsync(command);
                break;
            case AuthFrame auth:
                await AuthenticateAsync(auth);
                break;
        }
    }

    private async ValueTask SendAsync(SendFrame send)
    {
        Account? to = null;
        if (send.To is { } id)
        {
            to = await FindAsync(id);
            if (to is null)
            {
                Answer(ErrorFrame.Of(WireError.NotFound, "There is no such account.", send.ClientId));
                return;
            }
        }

        // Over its rate the account is read more slowly; nothing is refused.
        var wait = Server.Sends.Reserve(Account.Key);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, Server.Time, Ended);
        BeginSend();
        Server.Store.Submit(new LineCommand(this, Commands.Send(Account, send, to, _order), send.ClientId));
    }

    /// <summary>Changes are decided in the order they come, among the sends of the line, and count against the same rate.</summary>
    private async ValueTask CommandAsync(CommandFrame frame)
    {
        var command = await Commands.OfAsync(Server, Account, frame, Ended);
        var wait = Server.Sends.Reserve(Account.Key);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, Server.Time, Ended);
        BeginSend();
        Server.Store.Submit(new LineCommand(this, command, frame.ClientId));
    }

    private async ValueTask<Account?> FindAsync(string id)
    {
        if (_known.TryGetValue(id, out var known)) return known;
        var found = AccountIds.IsValid(id) ? await Server.Store.FindAccountAsync(AccountLookup.Id, id, Ended) : null;
        if (_known.Count >= MaxKnown) _known.Clear();
        if (found is not null) _known.Add(id, found);
        return found;
    }

    private async ValueTask AnswerHistoryAsync(HistoryFrame history)
    {
        var page = await Server.Store.ReadHistoryAsync(Account.Key, new ConversationTarget(null, history.Conversation), new HistoryRange(history.Limit, history.BeforeSeq), Ended);
        Answer(page is null
            ? ErrorFrame.Of(WireError.NotFound, "There is no such conversation.")
            : new PageFrame(page.Conversation, page.Messages, page.More));
    }

    private async ValueTask AuthenticateAsync(AuthFrame auth)
    {
        var check = await Server.Identities.CheckAsync(auth.Token, Ended);
        if (check.Identity is { } identity && identity.Account.Key == Account.Key)
        {
            _expires = identity.Expires;
            _warned = false;
            return;
        }

        Answer(ErrorFrame.Of(WireError.Unauthorized, check.Refusal ?? "That token is another account's."));
    }

    /// <summary>A send or another change of this line on its way to the disk.</summary>
    private sealed class LineCommand(V2Line line, Command command, string? clientId) : Submission(command)
    {
        public override void Complete(Outcome outcome)
        {
            CompleteInBatch(outcome);
            Settle();
        }

        public override void CompleteInBatch(Outcome outcome)
        {
            if (outcome is Acknowledged { Ack: var ack }) ServerLog.Stored(line.Log, line.Account.Id, ack.Conversation, ack.Seq);
            // Without a client_id there is nothing to tell a success by; its event says it.
            if (outcome is not Changed || clientId is not null) line.Enqueue(Commands.AnswerOf(outcome, clientId));
            line.EndSend();
        }

        public override void Settle() => line.Wake();

        public override void Lose(Exception reason)
        {
            line.EndSend();
            line.Close(CloseCodes.InternalError, "It is not known whether a message was stored; send it again");
        }
    }
}
