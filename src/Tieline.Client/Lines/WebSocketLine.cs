using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Tieline.Client.Http;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Lines;

/// <summary>The usual line. ClientWebSocket never gives up by itself, so every wait here ends by a token.</summary>
internal sealed class WebSocketLine : Line
{
    private const int MaxFrameBytes = 16 * 1024 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ArrayBufferWriter<byte> _frame = new(4096);

    private WebSocketLine() : base(Transport.WebSocket)
    {
    }

    public override bool CanSend => true;

    /// <summary>Opens a line and waits for its first frame.</summary>
    /// <exception cref="LineException">With the true status and headers of a refused handshake.</exception>
    public static async Task<Line> OpenAsync(ChatHttp http, string token, Cursor? since, Guid attempt, CancellationToken cancel)
    {
        var line = new WebSocketLine();
        try
        {
            await line.ConnectAsync(http, token, since, attempt, cancel);
            await line.OpenAsync(cancel);
            return line;
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<ServerFrame> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            ValueWebSocketReceiveResult part;
            _frame.ResetWrittenCount();
            try
            {
                do
                {
                    part = await _socket.ReceiveAsync(_frame.GetMemory(1024), cancel);
                    _frame.Advance(part.Count);
                }
                while (!part.EndOfMessage && _frame.WrittenCount < MaxFrameBytes);
            }
            catch (Exception e) when (IsEnd(e, cancel))
            {
                throw new LineException(Failure.Of(Transport.WebSocket, e));
            }

            if (part.MessageType == WebSocketMessageType.Close) throw new LineException(Closed());
            if (part.MessageType == WebSocketMessageType.Text) return Parse(_frame.WrittenMemory);
        }
    }

    public override async ValueTask SendAsync(ClientFrame frame, CancellationToken cancel)
    {
        var bytes = ClientFrameWriter.ToUtf8(frame);
        await _sending.WaitAsync(cancel);
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, cancel);
        }
        catch (Exception e) when (IsEnd(e, cancel))
        {
            throw new LineException(Failure.Of(Transport.WebSocket, e));
        }
        finally
        {
            _sending.Release();
        }
    }

    public override async ValueTask LeaveAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It is gone already.
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _socket.Dispose();
    }

    private async Task ConnectAsync(ChatHttp http, string token, Cursor? since, Guid attempt, CancellationToken cancel)
    {
        var options = _socket.Options;
        options.SetRequestHeader("Authorization", "Bearer " + token);
        options.CollectHttpResponseDetails = true;
        options.KeepAliveInterval = Timeout.InfiniteTimeSpan; // the JSON ping carries the head, a protocol ping does not
        var query = string.Create(CultureInfo.InvariantCulture, $"ws/me?v=2&attempt={attempt}{(since is { } cursor ? "&since=" + Uri.EscapeDataString(cursor.ToString()) : "")}");
        var address = new UriBuilder(http.Address(query)) { Scheme = http.Server.Scheme == "https" ? "wss" : "ws" }.Uri;
        try
        {
            await _socket.ConnectAsync(address, http.Invoker, cancel);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or InvalidOperationException)
        {
            throw new LineException(Refused(e));
        }
    }

    /// <summary>A socket that is aborted by one side of it tells the other by a cancellation that nobody asked for.</summary>
    private static bool IsEnd(Exception e, CancellationToken cancel) =>
        e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException || (e is OperationCanceledException && !cancel.IsCancellationRequested);

    private Failure Refused(Exception e)
    {
        var status = (int)_socket.HttpStatusCode;
        if (status == 0) return Failure.Of(Transport.WebSocket, e);
        var headers = new Dictionary<string, IEnumerable<string>>(_socket.HttpResponseHeaders ?? new Dictionary<string, IEnumerable<string>>(), StringComparer.OrdinalIgnoreCase);
        var after = headers.TryGetValue("Retry-After", out var values) && int.TryParse(values.FirstOrDefault(), CultureInfo.InvariantCulture, out var seconds) ? seconds : (int?)null;
        var text = status == (int)HttpStatusCode.SwitchingProtocols ? "a broken 101: " + e.Message : string.Create(CultureInfo.InvariantCulture, $"HTTP {status}");
        if (headers.TryGetValue("Location", out var location)) text += " to " + location.FirstOrDefault();
        return new Failure(Transport.WebSocket, FailureKind.Status, text)
        {
            Status = status,
            FromTieline = headers.ContainsKey("X-Tieline"),
            ServerHeader = headers.TryGetValue("Server", out var server) ? string.Join(' ', server) : null,
            RetryAfter = after is { } wait ? TimeSpan.FromSeconds(wait) : null,
        };
    }

    private Failure Closed()
    {
        var code = (int?)_socket.CloseStatus ?? 1005;
        var reason = _socket.CloseStatusDescription is { Length: > 0 } text ? text : "no reason given";
        return new Failure(Transport.WebSocket, FailureKind.Closed, string.Create(CultureInfo.InvariantCulture, $"closed with {code}: {reason}"))
        {
            CloseCode = code,
            FromTieline = true,
        };
    }
}
