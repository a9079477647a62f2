using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Peers;

internal sealed partial class ScriptedServer
{
    private readonly ConcurrentDictionary<Guid, Func<ServerFrame, Task>> _lines = new();
    private readonly ConcurrentDictionary<Guid, Func<ServerFrame, Task>> _streams = new();
    private readonly ConcurrentDictionary<Guid, Func<byte[], Task>> _raw = new();

    /// <summary>Every frame of every client, sends aside.</summary>
    public ConcurrentQueue<ClientFrame> Received { get; } = new();

    /// <summary>WebSockets that have said hello and are open.</summary>
    public int OpenSockets => _lines.Count;

    /// <summary>Stored and never acknowledged: neither ack nor echo comes on the line.</summary>
    public bool LoseAcks { get; set; }

    /// <summary>The ack is left out, the echo comes.</summary>
    public bool EchoOnly { get; set; }

    /// <summary>Sends on the socket are read and forgotten.</summary>
    public bool SwallowSends { get; set; }

    /// <summary>Pings are read and forgotten.</summary>
    public bool SwallowPings { get; set; }

    /// <summary>What becomes of the frames of the feed on their way: nothing, twice, in another order.</summary>
    public Func<ServerFrame, IEnumerable<ServerFrame>> Distort { get; set; } = frame => [frame];

    /// <summary>A socket says nothing before this is complete.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Limit { get; set; } = 65536;

    /// <summary>What a healthy server says now and then on each line. The head stays out of it: what was sent is for the feed to say.</summary>
    public async Task PingAsync()
    {
        foreach (var tell in _lines.Values.Concat(_streams.Values))
        {
            try
            {
                await tell(new ServerPingFrame(0));
            }
            catch (Exception e) when (e is IOException or WebSocketException or ObjectDisposedException)
            {
                // That line has ended.
            }
        }
    }

    public Task TellAsync(ServerFrame frame) => Task.WhenAll(_lines.Values.Select(tell => tell(frame)));

    public Task TellRawAsync(string text) => Task.WhenAll(_raw.Values.Select(tell => tell(Encoding.UTF8.GetBytes(text))));

    private async Task SocketAsync(TcpClient client, NetworkStream stream, Request request, string account, Behaviour behaviour)
    {
        var accept = behaviour.Way == Way.BadAccept ? "bm9uc2Vuc2U=" : Convert.ToBase64String(
            SHA1.HashData(Encoding.ASCII.GetBytes(request.Headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
        if (behaviour.Way is Way.Silent or Way.BadAccept) await Task.Delay(Timeout.Infinite, _life.Token);

        await Gate;
        using var socket = WebSocket.CreateFromStream(stream, isServer: true, null, TimeSpan.Zero);
        if (behaviour.Way == Way.Close)
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)behaviour.Code, behaviour.Text, _life.Token);
            await Task.Delay(Timeout.Infinite, _life.Token);
        }

        if (behaviour.Way == Way.Die) _ = Task.Delay(behaviour.Milliseconds, _life.Token).ContinueWith(_ => Cut(client), TaskScheduler.Default);
        using var sending = new SemaphoreSlim(1, 1);
        var line = Guid.NewGuid();
        async Task SendRawAsync(byte[] bytes)
        {
            await sending.WaitAsync();
            try
            {
                await socket.SendAsync(bytes, WebSocketMessageType.Text, true, _life.Token);
            }
            finally
            {
                sending.Release();
            }
        }

        Task SendAsync(ServerFrame frame) => SendRawAsync(FrameWriter.ToUtf8(frame));
        using var ended = new CancellationTokenSource();
        try
        {
            var feeding = FeedAsync(account, request.Query.GetValueOrDefault("since"), async frame =>
            {
                if (LoseAcks && frame is MessageFrame message && message.Message.FromUser == account) return;
                foreach (var distorted in Distort(frame)) await SendAsync(distorted);
                if (frame is SyncedFrame) (_lines[line], _raw[line]) = (SendAsync, SendRawAsync);
            }, ended.Token);
            await HearAsync(socket, account, SendAsync);
            await ended.CancelAsync();
            await feeding;
        }
        finally
        {
            await ended.CancelAsync();
            _lines.TryRemove(line, out _);
            _raw.TryRemove(line, out _);
        }
    }

    private async Task HearAsync(WebSocket socket, string account, Func<ServerFrame, Task> send)
    {
        var buffer = new byte[1 << 20];
        string? refused = null;
        while (true)
        {
            var count = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(count), _life.Token);
                count += part.Count;
            }
            while (!part.EndOfMessage);
            if (part.MessageType == WebSocketMessageType.Close) return;

            var frame = ClientFrameReader.Read(buffer.AsSpan(0, count));
            if (frame is not SendFrame) Received.Enqueue(frame);
            switch (frame)
            {
                case SendFrame when SwallowSends: break;
                case SendFrame message when refused is not null && refused != message.ClientId:
                    await send(ErrorFrame.Of(WireError.Held, "held", message.ClientId));
                    break;
                case SendFrame message:
                    var answer = Chat.Send(account, message);
                    if (answer is ErrorFrame { Retryable: true }) refused = message.ClientId;
                    else if (refused == message.ClientId) refused = null;
                    if (!(LoseAcks || EchoOnly) || answer is ErrorFrame) await send(answer);
                    break;
                case PingFrame when !SwallowPings: await send(new ServerPongFrame(Chat.Head(account))); break;
                case SyncFrame sync:
                    _ = Cursor.TryParse(sync.Since, out var since);
                    foreach (var logged in Chat.Events(account, since.Pos)) await send(logged);
                    await send(new SyncedFrame(Chat.Head(account), false));
                    break;
                case AuthFrame auth when !Tokens.ContainsKey(auth.Token): await send(ErrorFrame.Of(WireError.Unauthorized, "bad token")); break;
            }
        }
    }

    /// <summary>hello, what was missed or a snapshot, synced, and then live, until the line ends.</summary>
    private async Task FeedAsync(string account, string? since, Func<ServerFrame, Task> send, CancellationToken ended)
    {
        try
        {
            var resumed = Chat.CanResume(account, since, out var pos);
            await send(new HelloFrame(2, Chat.Epoch, Chat.Head(account), resumed, "s", 20, default, new FrameLimits(Limit, 100, 1000), []) { User = account });
            if (!resumed)
            {
                var snapshot = Chat.Snapshot(account);
                pos = snapshot.Pos;
                await send(snapshot);
            }

            var synced = false;
            while (!ended.IsCancellationRequested)
            {
                var changed = Chat.Changed;
                foreach (var frame in Chat.Events(account, pos))
                {
                    await send(frame);
                    pos = frame.Pos;
                }

                if (!synced) await send(new SyncedFrame(pos, false));
                synced = true;
                if (Chat.Head(account) == pos) await changed.WaitAsync(ended);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // The line has ended.
        }
    }
}
