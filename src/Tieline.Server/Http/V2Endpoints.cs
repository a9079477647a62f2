using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Accounts;

namespace Tieline.Server.Http;

/// <summary>Commands without a line, and the people and conversations of v2.</summary>
internal static class V2Endpoints
{
    private const int ConversationsPage = 200;
    private const int MaxPeople = 20;

    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/ticket", ("POST", TicketAsync));
        routes.Map("/api/chat/messages", ("POST", request => CommandAsync(request, "send")));
        routes.Map("/api/chat/history", ("GET", HistoryAsync));
        routes.Map("/api/chat/v2/{command}", ("POST", request => CommandAsync(request, (string)request.Context.Request.RouteValues["command"]!)));
        routes.Map("/api/chat/conversations", ("GET", ConversationsAsync));
        routes.Map("/api/chat/people", ("GET", PeopleAsync));
        routes.Map("/api/chat/people/{userId}", ("GET", PersonAsync));
    }

    private static async Task TicketAsync(ApiRequest request)
    {
        var identity = await request.IdentifyAsync();
        var use = request.Text("for") switch
        {
            null or "socket" => TicketUse.Socket,
            "stream" => TicketUse.Stream,
            _ => throw new RefusedRequestException(WireError.Invalid, "for must be socket or stream."),
        };
        var ticket = await request.Server.Tickets.IssueAsync(identity.Account, use, identity.Expires);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteString("ticket", ticket);
            json.WriteNumber("expires_in_s", Tickets.LifetimeSeconds);
        });
    }

    private static async Task CommandAsync(ApiRequest request, string type)
    {
        var me = (await request.IdentifyAsync(counts: type != "send")).Account;
        var frame = ClientFrameReader.Read((await request.BodyAsync()).Span, type);
        switch (frame)
        {
            case SendFrame send:
                await SendAsync(request, me, send);
                return;
            case RecvFrame recv:
                request.Server.Receipts.Received(me, recv.Pos);
                break;
            case ReadFrame read:
                await SubmitAsync(request, new MoveReceipt(me, new ConversationTarget(null, read.Conversation), 0, read.Seq));
                break;
            case ClearFrame clear:
                await SubmitAsync(request, new Clear(me, new ConversationTarget(null, clear.Conversation), clear.Seq));
                break;
            case CommandFrame command:
                await ChangeAsync(request, me, command);
                return;
            case HistoryFrame history:
                await AnswerHistoryAsync(request, me, history);
                return;
            case TypingFrame typing:
                await LiveEndpoints.TypeAsync(request, me, typing);
                break;
            case WatchFrame watch:
                await LiveEndpoints.WatchAsync(request, me, watch);
                break;
            case PingFrame:
                var page = await request.Store.ReadLogAsync(me.Key, long.MaxValue, 1, request.Cancel);
                await request.Context.FrameAsync(new ServerPongFrame(page.Head));
                return;
            case SyncFrame sync:
                await StreamEndpoints.AnswerSyncAsync(request, me, sync.Since, null, TimeSpan.Zero);
                return;
        }

        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task SendAsync(ApiRequest request, Account me, SendFrame send)
    {
        Account? to = null;
        if (send.To is { } id)
            to = (AccountIds.IsValid(id) ? await request.Store.FindAccountAsync(AccountLookup.Id, id, request.Cancel) : null)
                ?? throw new FrameException(WireError.NotFound, "There is no such account.", send.ClientId);
        var command = Commands.Send(me, send, to);
        var wait = request.Server.Sends.TryTake(me.Key);
        // What is stored already is answered whatever the rate: the client asks only because the first answer was lost.
        if (wait > TimeSpan.Zero && await request.Store.FindSentAsync(me.Key, send.ClientId, request.Cancel) is null)
        {
            await request.Context.RefuseAsync(WireError.RateLimited, "Too many messages; wait a little.", retryAfter: wait, clientId: send.ClientId);
            return;
        }

        var outcome = await request.Store.SubmitAsync(command);
        if (outcome is Refused refused)
        {
            await request.Context.RefuseAsync(refused.Error, refused.Why, clientId: send.ClientId);
            return;
        }

        var ack = ((Acknowledged)outcome).Ack;
        ServerLog.Stored(request.Server.Log, me.Id, ack.Conversation, ack.Seq);
        await request.Context.FrameAsync(ack);
    }

    private static async Task ChangeAsync(ApiRequest request, Account me, CommandFrame frame)
    {
        var command = await Commands.OfAsync(request.Server, me, frame, request.Cancel);
        var wait = request.Server.Sends.TryTake(me.Key);
        if (wait > TimeSpan.Zero)
        {
            await request.Context.RefuseAsync(WireError.RateLimited, "Too many changes; wait a little.", retryAfter: wait, clientId: frame.ClientId);
            return;
        }

        var outcome = await request.Store.SubmitAsync(command);
        if (outcome is Refused refused) await request.Context.RefuseAsync(refused.Error, refused.Why, clientId: frame.ClientId);
        else await request.Context.FrameAsync(Commands.AnswerOf(outcome, frame.ClientId));
    }

    private static async Task HistoryAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var conversation = request.Text("conversation") ?? throw new RefusedRequestException(WireError.Invalid, "conversation is missing.");
        var limit = (int)Math.Clamp(request.Number("limit", 1) ?? ClientFrameReader.DefaultHistoryLimit, 1, ClientFrameReader.MaxHistoryLimit);
        await AnswerHistoryAsync(request, me, new HistoryFrame(conversation, request.Number("before_seq"), limit));
    }

    private static async Task AnswerHistoryAsync(ApiRequest request, Account me, HistoryFrame history)
    {
        var page = await request.Store.ReadHistoryAsync(me.Key, new ConversationTarget(null, history.Conversation), new HistoryRange(history.Limit, history.BeforeSeq), request.Cancel)
            ?? throw new RefusedRequestException(WireError.NotFound, "There is no such conversation.");
        await request.Context.FrameAsync(new PageFrame(page.Conversation, page.Messages, page.More));
    }

    private static async Task ConversationsAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var page = await request.Store.ReadConversationsAsync(me.Key, request.Number("before"), ConversationsPage, request.Cancel);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteStartArray("conversations");
            foreach (var conversation in page.Conversations) ServerFrameFields.WriteConversation(json, conversation);
            json.WriteEndArray();
            if (page.Next is { } next) json.WriteNumber("next", next);
            else json.WriteNull("next");
        });
    }

    private static async Task PeopleAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var wait = request.Server.PeopleSearches.TryTake(me.Key);
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, "Too many searches; wait a little.", retryAfter: wait);
        var query = request.Text("q")?.Trim() is { Length: > 0 and <= 254 } text ? text : throw new RefusedRequestException(WireError.Invalid, "q is missing: an e-mail or a username.");
        IReadOnlyList<Account> found = request.Server.Options.PeoplePrefix
            ? await request.Store.SearchAccountsAsync(query, MaxPeople, request.Cancel)
            : await FindExactAsync(request, query) is { } account ? [account] : [];
        await request.Context.ObjectAsync(json =>
        {
            json.WriteStartArray("people");
            foreach (var person in found) WritePerson(json, person);
            json.WriteEndArray();
        });
    }

    private static ValueTask<Account?> FindExactAsync(ApiRequest request, string query) => request.Store.FindAccountAsync(
        query.Contains('@', StringComparison.Ordinal) ? AccountLookup.Email : AccountLookup.Username, query, request.Cancel);

    private static async Task PersonAsync(ApiRequest request)
    {
        await request.IdentifyAsync();
        var person = await request.PeerAsync();
        await request.Context.ObjectAsync(json => ServerFrameFields.WritePerson(json, person.ToWire()));
    }

    private static void WritePerson(Utf8JsonWriter json, Account account)
    {
        json.WriteStartObject();
        ServerFrameFields.WritePerson(json, account.ToWire());
        json.WriteEndObject();
    }

    private static async Task SubmitAsync(ApiRequest request, Command command)
    {
        if (await request.Store.SubmitAsync(command) is Refused refused) throw new RefusedRequestException(refused.Error, refused.Why);
    }
}
