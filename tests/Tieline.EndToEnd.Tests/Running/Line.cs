using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>A WebSocket by the framework's client. Pings of its own are off: only the server's may keep it alive.</summary>
internal sealed class Line : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private Line(ClientWebSocket socket) => _socket = socket;

    public static async Task<Line> OpenAsync(Entrance entrance, string path, string? token)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        if (token is not null) socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        using var limit = new CancellationTokenSource(_patience);
        using var invoker = new HttpMessageInvoker(entrance.Handler, disposeHandler: false);
        await socket.ConnectAsync(new Uri($"{(entrance.Address.Scheme == "https" ? "wss" : "ws")}://{entrance.Address.Authority}{path}"), invoker, limit.Token);
        return new Line(socket);
    }

    public Task SendAsync(object frame) => _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>The next frame of a type; others are passed over. Fails when the line ends first.</summary>
    public async Task<JsonElement> ReadUntilAsync(string type)
    {
        while (true)
        {
            var (frame, code, reason) = await ReadAsync();
            if (frame is null) throw new InvalidOperationException($"The line was closed with {code} {reason} before a frame {type} came.");
            if (frame.Value.GetProperty("type").GetString() == type) return frame.Value;
        }
    }

    /// <summary>Reads to the end: the types of the frames, and how it ended; 1006 without a close frame.</summary>
    public async Task<(List<string> Types, int Code, string Reason)> ReadToEndAsync()
    {
        var types = new List<string>();
        while (true)
        {
            var (frame, code, reason) = await ReadAsync();
            if (frame is null) return (types, code, reason);
            types.Add(frame.Value.GetProperty("type").GetString()!);
        }
    }

    /// <summary>A frame, or how the line ended.</summary>
    public async Task<(JsonElement? Frame, int Code, string Reason)> ReadAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        var text = new StringBuilder();
        while (true)
        {
            WebSocketReceiveResult part;
            try
            {
                part = await _socket.ReceiveAsync(_buffer, limit.Token);
            }
            catch (WebSocketException e)
            {
                return (null, 1006, e.Message);
            }

            if (part.MessageType == WebSocketMessageType.Close) return (null, (int)(part.CloseStatus ?? 0), part.CloseStatusDescription ?? "");
            text.Append(Encoding.UTF8.GetString(_buffer, 0, part.Count));
            if (part.EndOfMessage) return (JsonDocument.Parse(text.ToString()).RootElement, 0, "");
        }
    }

    public void Dispose() => _socket.Dispose();
}
