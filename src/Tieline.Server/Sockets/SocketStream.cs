using System.Buffers;

namespace Tieline.Server.Sockets;

/// <summary>
/// Lies between the framework's WebSocket and the connection: gathers frames into one write, puts protocol pings between frames, and
/// counts the pongs that come back, none of which the framework offers.
/// </summary>
internal sealed class SocketStream(Stream inner) : Stream
{
    private static readonly byte[] _pingFrame = [0x89, 0x00];

    private readonly Lock _lock = new();
    private readonly PongCounter _pongs = new();
    private ArrayBufferWriter<byte>? _gathered;
    private bool _gathering;

    /// <summary>Protocol pongs received so far.</summary>
    public long Pongs => _pongs.Count;

    /// <summary>From here to <see cref="ReleaseAsync"/>, frames are collected instead of written.</summary>
    public void Gather()
    {
        lock (_lock) _gathering = true;
    }

    /// <summary>Writes what was collected, in one piece.</summary>
    public async ValueTask ReleaseAsync(bool ping, CancellationToken cancel)
    {
        ArrayBufferWriter<byte>? frames;
        lock (_lock)
        {
            _gathering = false;
            (frames, _gathered) = (_gathered, null);
        }

        if (ping) (frames ??= FrameBuffers.Rent()).Write(_pingFrame);
        if (frames is null) return;
        await inner.WriteAsync(frames.WrittenMemory, cancel);
        FrameBuffers.Return(frames);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _pongs.Observe(buffer.Span[..read]);
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_gathering)
            {
                (_gathered ??= FrameBuffers.Rent()).Write(buffer.Span);
                return ValueTask.CompletedTask;
            }
        }

        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _gathering ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() => inner.Flush();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Reads are asynchronous.");
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Writes are asynchronous.");

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
