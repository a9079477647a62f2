using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Tieline.Server.Tests.Running;

/// <summary>A client's end of a WebSocket: the framework's client, so the server's framing is judged by somebody else.</summary>
internal sealed class TestSocket : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly ClientWebSocket _socket;

    private TestSocket(ClientWebSocket socket) => _socket = socket;

    public ClientWebSocket Raw => _socket;

    /// <summary>Every frame read so far.</summary>
    public List<JsonElement> Seen { get; } = [];

    public static async Task<TestSocket> ConnectAsync(Uri server, string path, string? token, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        if (token is not null) socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        configure?.Invoke(socket.Options);
        using var limit = new CancellationTokenSource(_patience);
        await socket.ConnectAsync(new Uri($"ws://{server.Authority}{path}"), limit.Token);
        return new TestSocket(socket);
    }

    public Task SendAsync(object frame) => SendTextAsync(frame as string ?? JsonSerializer.Serialize(frame));

    public Task SendTextAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>The next frame. Fails when the socket closes or nothing comes.</summary>
    public async Task<JsonElement> ReadAsync()
    {
        var (frame, code, reason) = await ReceiveAsync();
        return frame ?? throw new InvalidOperationException($"The socket was closed with {code} {reason}.");
    }

    /// <summary>Reads until a frame of this type, which is returned.</summary>
    public Task<JsonElement> ReadUntilAsync(string type) => ReadUntilAsync(frame => frame.GetProperty("type").GetString() == type);

    public async Task<JsonElement> ReadUntilAsync(Func<JsonElement, bool> wanted)
    {
        while (true)
        {
            var frame = await ReadAsync();
            if (wanted(frame)) return frame;
        }
    }

    /// <summary>Reads on until the server closes; the frames are in <see cref="Seen"/>.</summary>
    public async Task<(int Code, string Reason)> ReadCloseAsync()
    {
        while (true)
        {
            var (frame, code, reason) = await ReceiveAsync();
            if (frame is null) return (code, reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                // The server may have gone first.
            }
        }

        _socket.Dispose();
    }

    private async Task<(JsonElement? Frame, int Code, string Reason)> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            WebSocketReceiveResult part;
            try
            {
                part = await _socket.ReceiveAsync(buffer, limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Nothing came for {_patience.TotalSeconds} s; so far: {string.Join('\n', Seen)}");
            }
            catch (WebSocketException e)
            {
                return (null, 1006, e.Message);
            }

            if (part.MessageType == WebSocketMessageType.Close) return (null, (int)(part.CloseStatus ?? 0), part.CloseStatusDescription ?? "");
            text.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage) continue;
            var frame = JsonDocument.Parse(text.ToArray()).RootElement;
            Seen.Add(frame);
            return (frame, 0, "");
        }
    }
}
