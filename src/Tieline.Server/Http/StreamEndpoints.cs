using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Accounts;
using Tieline.Server.Sockets;

namespace Tieline.Server.Http;

/// <summary>The same frames where no WebSocket gets through: server-sent events, and a poll that waits.</summary>
internal static class StreamEndpoints
{
    private const int DefaultSyncLimit = 200;
    private const int MaxSyncLimit = 1_000;
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(25);

    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/stream", ("GET", StreamAsync));
        routes.Map("/api/chat/sync", ("GET", SyncAsync));
    }

    private static async Task StreamAsync(ApiRequest request)
    {
        var identity = await IdentifyAsync(request);
        var context = request.Context;
        if (request.Server.IsStopping) throw new RefusedRequestException(WireError.Restarting, "The server restarts; come back in a moment.", retryAfter: TimeSpan.FromSeconds(1));
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        // nginx holds answers back unless it is told not to; a stream held back is a stream that hangs.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        var since = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : request.Text("since");
        using var line = new StreamLine(request.Server, identity, context.Response.BodyWriter);
        await line.RunAsync(since, request.Cancel);
    }

    private static async ValueTask<Identity> IdentifyAsync(ApiRequest request)
    {
        if (request.Text("ticket") is not { } ticket) return await request.IdentifyAsync();
        var burnt = await request.Server.Tickets.BurnAsync(ticket, TicketUse.Stream, request.Cancel);
        if (!burnt.IsKnown) throw new RefusedRequestException(WireError.Unavailable, BurntTicket.Unknown, retryAfter: TimeSpan.FromSeconds(1));
        return burnt.Identity ?? throw new RefusedRequestException(WireError.Unauthorized, BurntTicket.Invalid);
    }

    private static async Task SyncAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var wait = TimeSpan.FromSeconds(Math.Min(request.Number("wait") ?? 0, (long)_longestWait.TotalSeconds));
        await AnswerSyncAsync(request, me, request.Text("since"), request.Number("limit", 1), wait, greets: request.Text("hello") == "1");
    }

    /// <summary>What comes after a cursor, at once or as soon as there is anything.</summary>
    /// <param name="greets">Begins as a line does, with what the server is and offers.</param>
    public static async Task AnswerSyncAsync(ApiRequest request, Account me, string? since, long? limit, TimeSpan wait, bool greets = false)
    {
        var server = request.Server;
        var most = (int)Math.Min(limit ?? DefaultSyncLimit, MaxSyncLimit);
        var poll = new Poll();
        using var reader = FeedReader.Join(server.Store, server.Feeds, me.Key, poll);
        server.Lines.Add(poll);
        try
        {
            var events = new List<AccountEvent>();
            SnapshotFrame? snapshot = null;
            if (await reader.ResumeAsync(since, server.Options.ResumeEvents, request.Cancel))
            {
                if (!reader.IsBehind && wait > TimeSpan.Zero && !server.IsStopping) await poll.WaitAsync(reader, wait, server.Time, request.Cancel);
                await TakeAsync(reader, events, most, request.Cancel);
            }
            else
            {
                var page = await server.Store.ReadConversationsAsync(me.Key, null, ChatServer.SnapshotSize, request.Cancel);
                reader.StandAt(page.Head);
                snapshot = new SnapshotFrame(page.Head, page.Conversations, page.Next);
            }

            var hello = greets ? server.Hello(me, reader.Cursor, snapshot is null) : null;
            await AnswerAsync(request, reader, hello, snapshot, events);
        }
        finally
        {
            server.Lines.Remove(poll);
        }
    }

    private static async ValueTask TakeAsync(FeedReader reader, List<AccountEvent> events, int most, CancellationToken cancel)
    {
        while (reader.IsBehind && events.Count < most)
        {
            var before = events.Count;
            await reader.TakeAsync(events, most - before, cancel);
            if (events.Count == before) return;
        }
    }

    private static Task AnswerAsync(ApiRequest request, FeedReader reader, HelloFrame? hello, SnapshotFrame? snapshot, List<AccountEvent> events)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        output.Write("{\"epoch\":\""u8);
        output.Write(Encoding.UTF8.GetBytes(request.Server.Store.Epoch));
        output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\",\"pos\":{reader.Cursor},\"more\":{(reader.IsBehind ? "true" : "false")},\"frames\":[")));
        var any = false;
        ArrayBufferWriter<byte> Next()
        {
            if (any) output.Write(","u8);
            any = true;
            return output;
        }

        if (hello is not null) FrameWriter.Write(Next(), hello);
        if (snapshot is not null) FrameWriter.Write(Next(), snapshot);
        foreach (var one in events) one.Write(Next());

        output.Write("]}"u8);
        request.Context.Response.ContentType = "application/json; charset=utf-8";
        request.Context.Response.Headers.CacheControl = "no-store";
        request.Context.Response.ContentLength = output.WrittenCount;
        return request.Context.Response.Body.WriteAsync(output.WrittenMemory, request.Cancel).AsTask();
    }

    /// <summary>A poll that waits is woken by an event, or by the server's stop.</summary>
    private sealed class Poll : IFeedListener, ILine
    {
        // Never disposed: an event that is being published may wake a poll that has just left, and that must not fail on the writer's thread.
        private readonly SemaphoreSlim _wake = new(0);
        private volatile bool _leaving;

        public void Wake() => _wake.Release();

        public void Tick()
        {
        }

        public void GoAway()
        {
            _leaving = true;
            _wake.Release();
        }

        public async Task WaitAsync(FeedReader reader, TimeSpan wait, TimeProvider time, CancellationToken cancel)
        {
            // A wake that came while the log was looked at is already seen.
            while (_wake.Wait(0, cancel))
            {
            }

            if (reader.IsBehind || _leaving) return;
            using var limit = new CancellationTokenSource(wait, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
            try
            {
                await _wake.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Nothing came: the empty answer says so.
            }
        }
    }
}
