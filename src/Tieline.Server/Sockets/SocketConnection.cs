using System.Buffers;

namespace Tieline.Server.Sockets;

internal enum ReceivedKind
{
    Text,
    Binary,

    /// <summary>Text by its opcode, but not UTF-8.</summary>
    NotUtf8,

    /// <summary>Over the frame limit but skipped: the socket can stay.</summary>
    TooLarge,

    /// <summary>So large that the socket cannot stay.</summary>
    FarTooLarge,

    /// <summary>Against RFC 6455. Where the next frame begins is unknown: the socket must be closed with this code.</summary>
    Violation,
    Closed,
}

/// <param name="Payload">Valid until the next receive.</param>
internal readonly record struct Received(ReceivedKind Kind, ReadOnlyMemory<byte> Payload = default, int Code = 0, string? Reason = null);

/// <summary>
/// An open WebSocket, in whole messages. One reader at a time; writers take turns. Frames are read and written here and not by the
/// framework: many messages come out of one read and go into one write, pings and pongs are seen, and an idle line holds no buffer.
/// </summary>
internal sealed class SocketConnection(Stream stream, int limit) : IAsyncDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly MessageReader _reader = new(limit);
    private volatile bool _closeSent;

    /// <summary>Protocol pongs received so far.</summary>
    public long Pongs => _reader.Pongs;

    /// <exception cref="IOException">The connection is gone.</exception>
    public ValueTask<Received> ReceiveAsync(CancellationToken cancel)
    {
        var step = _reader.Take(out var received);
        return step == ReadStep.Message ? new ValueTask<Received>(received) : ReceiveNextAsync(step, received, cancel);
    }

    /// <summary>Sends one message by itself.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancel)
    {
        var frames = FrameBuffers.Rent();
        ServerFrames.AppendText(frames, text.Span);
        await WriteAsync(frames, cancel);
    }

    /// <summary>Writes whole frames, in one piece, and gives the buffer back. Behind the close frame nothing is written.</summary>
    public async ValueTask WriteAsync(ArrayBufferWriter<byte> frames, CancellationToken cancel)
    {
        if (!_writing.Wait(0, CancellationToken.None)) await _writing.WaitAsync(cancel);
        try
        {
            if (!_closeSent) await stream.WriteAsync(frames.WrittenMemory, cancel);
        }
        finally
        {
            _writing.Release();
        }

        FrameBuffers.Return(frames);
    }

    /// <summary>Starts or answers the close handshake. Never throws: a line that is gone is closed.</summary>
    public async Task CloseAsync(int code, string reason, CancellationToken cancel)
    {
        var frames = FrameBuffers.Rent();
        ServerFrames.AppendClose(frames, code, reason);
        try
        {
            await _writing.WaitAsync(cancel);
            try
            {
                if (_closeSent) return;
                _closeSent = true;
                await stream.WriteAsync(frames.WrittenMemory, cancel);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Abort();
        }
    }

    /// <summary>Reads on until the client has answered the close frame: to drop the connection on unread frames would reset it, and the reason would be lost.</summary>
    public async Task AwaitCloseAsync(TimeSpan within)
    {
        using var enough = new CancellationTokenSource(within);
        try
        {
            while ((await ReceiveAsync(enough.Token)).Kind != ReceivedKind.Closed)
            {
                // What came before the answer is nobody's.
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Abort();
        }
    }

    public void Abort() => stream.Dispose();

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await stream.DisposeAsync();
    }

    private async ValueTask<Received> ReceiveNextAsync(ReadStep step, Received received, CancellationToken cancel)
    {
        while (step != ReadStep.Message)
        {
            if (step == ReadStep.Ping) await AnswerPingAsync(received.Payload, cancel);
            else await FillAsync(cancel);
            step = _reader.Take(out received);
        }

        return received;
    }

    private async ValueTask FillAsync(CancellationToken cancel)
    {
        _reader.Rest();
        // Wait with an empty buffer: an idle line holds none.
        if (_reader.IsEmpty) _ = await stream.ReadAsync(Memory<byte>.Empty, cancel);
        var read = await stream.ReadAsync(_reader.Room(), cancel);
        if (read == 0) throw new IOException("The connection ended without a close frame.");
        _reader.Advance(read);
    }

    private async ValueTask AnswerPingAsync(ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        var frames = FrameBuffers.Rent();
        ServerFrames.AppendPong(frames, payload.Span);
        await WriteAsync(frames, cancel);
    }
}
