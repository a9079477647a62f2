using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Peers;

/// <summary>A server on a real TCP socket that can misbehave on every path. Bytes are written by hand, so that it can break any rule.</summary>
internal sealed partial class ScriptedServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _life = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly ConcurrentDictionary<TcpClient, byte> _clients = new();
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private CancellationTokenSource _run = new();
    private Task _accepting;

    public ScriptedServer(ChatModel? chat = null)
    {
        Chat = chat ?? new ChatModel();
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener, _run.Token);
    }

    public ChatModel Chat { get; }
    public int Port { get; }
    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Which account a token stands for; any other is refused.</summary>
    public ConcurrentDictionary<string, string> Tokens { get; } = new() { ["ada"] = "u_ada", ["bob"] = "u_bob" };

    /// <summary>By path below /api/chat/ (ws, stream, sync, messages, history, test, attempt, probe, report, v2): what the nth request meets, from 1.</summary>
    public ConcurrentDictionary<string, Func<int, Behaviour>> Script { get; } = new();

    public Behaviour this[string path]
    {
        set => Script[path] = _ => value;
    }

    /// <summary>"METHOD path?query" of every request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Count(string path) => _counts.GetValueOrDefault(path);

    /// <summary>Ends every connection and refuses new ones.</summary>
    public async Task StopAsync()
    {
        await _run.CancelAsync();
        _listener.Stop();
        await _accepting;
        CutAll();
    }

    public void Start()
    {
        _run = new CancellationTokenSource();
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener, _run.Token);
    }

    /// <summary>Resets every open connection.</summary>
    public void CutAll()
    {
        foreach (var client in _clients.Keys) Cut(client);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _life.CancelAsync();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(cancel);
                client.NoDelay = true;
                _clients[client] = 0;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            await using var stream = client.GetStream();
            while (await ReadRequestAsync(stream) is { } request) await AnswerAsync(client, stream, request);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or System.Net.WebSockets.WebSocketException)
        {
            // The other side, or the script, has left.
        }
        finally
        {
            _clients.TryRemove(client, out _);
            client.Dispose();
        }
    }

    private async Task AnswerAsync(TcpClient client, NetworkStream stream, Request request)
    {
        var path = request.Path.StartsWith("/api/chat/", StringComparison.Ordinal) ? request.Path[10..] : request.Path.TrimStart('/');
        var name = path.Split('/')[0];
        Requests.Enqueue($"{request.Method} {request.Target}");
        var count = _counts.AddOrUpdate(name, 1, (_, n) => n + 1);
        var behaviour = Script.TryGetValue(name, out var script) ? script(count) : Behaviour.Works;
        switch (behaviour.Way)
        {
            case Way.Hang: await Task.Delay(Timeout.Infinite, _life.Token); return;
            case Way.Reset: Cut(client); return;
            case Way.Status: await WriteAsync(stream, behaviour.Code, behaviour.Text, behaviour.FromTieline, behaviour.Headers); return;
        }

        if (name == "test")
        {
            await WriteAsync(stream, 200, "{\"message\":\"Chat router is working\",\"status\":\"ok\"}");
            return;
        }

        if (!Tokens.TryGetValue(request.Token, out var account))
        {
            await WriteAsync(stream, 401, "{\"code\":\"unauthorized\",\"message\":\"The token is not known.\",\"retryable\":false,\"detail\":\"x\"}");
            return;
        }

        switch (name)
        {
            case "ws": await SocketAsync(client, stream, request, account, behaviour); break;
            case "stream": await StreamAsync(stream, request, account); break;
            case "sync": await SyncAsync(stream, request, account); break;
            case "messages":
                var answer = Chat.Send(account, (SendFrame)ClientFrameReader.Read(request.Body, "send"));
                if (behaviour.Way == Way.CutAfter) Cut(client);
                else await WriteFrameAsync(stream, answer);
                break;
            case "v2":
                Received.Enqueue(ClientFrameReader.Read(request.Body, path.Split('/')[1]));
                await WriteAsync(stream, 204, "");
                break;
            case "history":
                var query = request.Query;
                await WriteFrameAsync(stream, Chat.Page(query["conversation"], query.TryGetValue("before_seq", out var before) ? long.Parse(before, CultureInfo.InvariantCulture) : null,
                    int.Parse(query["limit"], CultureInfo.InvariantCulture)));
                break;
            case "attempt": await WriteAsync(stream, 404, "{\"code\":\"not_found\",\"message\":\"No such attempt.\",\"retryable\":false}"); break;
            case "api": await WriteAsync(stream, 200, $"{{\"id\":\"{account}\"}}"); break;
            default: await WriteAsync(stream, 200, "{\"ok\":true}"); break;
        }
    }

    private async Task StreamAsync(NetworkStream stream, Request request, string account)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nX-Tieline: 2; node=t\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        using var sending = new SemaphoreSlim(1, 1);
        async Task SendAsync(ServerFrame frame)
        {
            var bytes = Encoding.UTF8.GetBytes($"data: {Encoding.UTF8.GetString(FrameWriter.ToUtf8(frame))}\n\n");
            await sending.WaitAsync();
            try
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n").Concat(bytes).Concat("\r\n"u8.ToArray()).ToArray());
            }
            finally
            {
                sending.Release();
            }
        }

        var line = Guid.NewGuid();
        _streams[line] = SendAsync;
        await FeedAsync(account, request.Query.GetValueOrDefault("since"), SendAsync, _life.Token);
        _streams.TryRemove(line, out _);
    }

    private async Task SyncAsync(NetworkStream stream, Request request, string account)
    {
        var resumed = Chat.CanResume(account, request.Query.GetValueOrDefault("since"), out var pos);
        if (resumed && request.Query["wait"] != "0" && Chat.Head(account) == pos)
        {
            var changed = Chat.Changed;
            if (Chat.Head(account) == pos) await changed.WaitAsync(_life.Token);
        }

        List<ServerFrame> frames = resumed ? [.. Chat.Events(account, pos).Take(200)] : [Chat.Snapshot(account)];
        var last = resumed ? pos + frames.Count : ((SnapshotFrame)frames[0]).Pos;
        var json = string.Join(',', frames.Select(frame => Encoding.UTF8.GetString(FrameWriter.ToUtf8(frame))));
        await WriteAsync(stream, 200, $"{{\"epoch\":\"{Chat.Epoch}\",\"pos\":{last},\"more\":{(last < Chat.Head(account) ? "true" : "false")},\"frames\":[{json}]}}");
    }

    private static Task WriteFrameAsync(NetworkStream stream, ServerFrame frame) =>
        WriteAsync(stream, frame is ErrorFrame error ? Protocol.WireError.Find(error.Code)!.Status : 200, Encoding.UTF8.GetString(FrameWriter.ToUtf8(frame)));

    private static async Task WriteAsync(NetworkStream stream, int status, string body, bool fromTieline = true, string headers = "")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var origin = fromTieline ? "X-Tieline: 2; node=t\r\nContent-Type: application/json\r\n" : "Server: nginx/1.26\r\nContent-Type: text/html\r\n";
        var length = status == 204 ? "" : $"Content-Length: {bytes.Length}\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\n{origin}{headers}{length}\r\n").Concat(bytes).ToArray());
    }

    private static void Cut(TcpClient client)
    {
        try
        {
            client.LingerState = new LingerOption(true, 0);
            client.Client.Close(0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or NullReferenceException)
        {
            // Gone already.
        }
    }

    private async Task<Request?> ReadRequestAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!EndsHead(head))
        {
            if (await stream.ReadAsync(one, _life.Token) == 0) return null;
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _life.Token);
        var first = lines[0].Split(' ');
        return new Request(first[0], first[1], headers, body);
    }

    private static bool EndsHead(List<byte> head) => head.Count > 3 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';

    private sealed record Request(string Method, string Target, Dictionary<string, string> Headers, byte[] Body)
    {
        public string Path => Target.Split('?')[0];
        public string Token => Headers.GetValueOrDefault("Authorization", "").Replace("Bearer ", "", StringComparison.Ordinal);
        public Dictionary<string, string> Query => Target.Split('?').ElementAtOrDefault(1)?.Split('&').Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1])) ?? [];
    }
}
