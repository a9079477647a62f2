using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Tieline.Protocol;

namespace Tieline.Server.Sockets;

internal enum ReceivedKind
{
    Text,
    Binary,

    /// <summary>Over the frame limit but skipped: the socket can stay.</summary>
    TooLarge,

    /// <summary>So large that the rest was not read.</summary>
    FarTooLarge,
    Closed,
}

/// <param name="Payload">Valid until the next receive.</param>
internal readonly record struct Received(ReceivedKind Kind, ReadOnlyMemory<byte> Payload = default, int Code = 0, string? Reason = null);

/// <summary>An open WebSocket, in whole messages.</summary>
internal sealed class SocketConnection : IAsyncDisposable
{
    private const int FarTooLarge = 1024 * 1024;
    private const int FirstBuffer = 1024;

    private readonly SocketStream _stream;
    private readonly WebSocket _socket;
    private readonly int _limit;
    private byte[]? _buffer;

    public SocketConnection(Stream stream, string? subprotocol, int limit)
    {
        _stream = new SocketStream(stream);
        _limit = limit;
        // Our own pings: the framework's would be invisible, and permessage-deflate stays off (see docs/decisions).
        _socket = WebSocket.CreateFromStream(_stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = subprotocol, KeepAliveInterval = TimeSpan.Zero });
    }

    public long Pongs => _stream.Pongs;

    public bool IsOpen => _socket.State == WebSocketState.Open;

    /// <exception cref="WebSocketException">The connection is gone, or what came is not WebSocket.</exception>
    public async ValueTask<Received> ReceiveAsync(CancellationToken cancel)
    {
        ReturnBuffer();
        // Wait with an empty buffer: an idle line holds none.
        var first = await _socket.ReceiveAsync(Memory<byte>.Empty, cancel);
        if (first.MessageType == WebSocketMessageType.Close) return Closed();
        _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var (length, total) = (0, 0L);
        var end = first.EndOfMessage;
        var type = first.MessageType;
        while (!end)
        {
            if (length == _buffer.Length) Grow(length);
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancel);
            if (part.MessageType == WebSocketMessageType.Close) return Closed();
            (end, type) = (part.EndOfMessage, part.MessageType);
            total += part.Count;
            if (total > FarTooLarge) return new Received(ReceivedKind.FarTooLarge);
            length = total > _limit ? 0 : length + part.Count;
        }

        if (total > _limit) return new Received(ReceivedKind.TooLarge);
        return new Received(type == WebSocketMessageType.Text ? ReceivedKind.Text : ReceivedKind.Binary, _buffer.AsMemory(0, length));
    }

    /// <summary>Sends one message by itself.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancel)
    {
        var frames = FrameBuffers.Rent();
        SocketStream.AppendText(frames, text.Span);
        await WriteAsync(frames, cancel);
    }

    /// <summary>Writes whole frames, in one piece, and gives the buffer back.</summary>
    public async ValueTask WriteAsync(ArrayBufferWriter<byte> frames, CancellationToken cancel)
    {
        await _stream.WriteAsync(frames.WrittenMemory, cancel);
        FrameBuffers.Return(frames);
    }

    /// <summary>Starts or answers the close handshake. Never throws: a line that is gone is closed.</summary>
    public async Task CloseAsync(int code, string reason, CancellationToken cancel)
    {
        try
        {
            await _socket.CloseOutputAsync((WebSocketCloseStatus)code, Cut(reason), cancel);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            _socket.Abort();
        }
    }

    /// <summary>Reads on until the client has answered the close frame: to drop the connection on unread frames would reset it, and the reason would be lost.</summary>
    public async Task AwaitCloseAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            while ((await ReceiveAsync(limit.Token)).Kind != ReceivedKind.Closed)
            {
                // What came before the answer is nobody's.
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            _socket.Abort();
        }
    }

    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        ReturnBuffer();
        _socket.Dispose();
        await _stream.DisposeAsync();
    }

    /// <summary>At most 123 bytes of UTF-8, never half a character.</summary>
    internal static string Cut(string reason)
    {
        if (Encoding.UTF8.GetByteCount(reason) <= CloseCodes.MaxReasonBytes) return reason;
        var text = new StringBuilder();
        var bytes = 0;
        foreach (var rune in reason.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > CloseCodes.MaxReasonBytes) break;
            text.Append(rune.ToString());
        }

        return text.ToString();
    }

    private Received Closed() => new(ReceivedKind.Closed, default, (int)(_socket.CloseStatus ?? 0), _socket.CloseStatusDescription);

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_buffer!.Length * 4, Math.Max(_limit + 1, FirstBuffer)));
        if (larger.Length <= length)
        {
            ArrayPool<byte>.Shared.Return(larger);
            larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        }

        _buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void ReturnBuffer()
    {
        if (_buffer is null) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }
}
