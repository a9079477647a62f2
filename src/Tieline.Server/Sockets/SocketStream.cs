using System.Buffers;
using System.Buffers.Binary;

namespace Tieline.Server.Sockets;

/// <summary>
/// Lies between the framework's WebSocket and the connection. What the server has to say goes past the framework, many frames in one
/// write, with protocol pings between them; what the framework itself writes (pongs, the close frame) is kept from cutting in. It also
/// counts the pongs that come back. None of this does the framework offer.
/// </summary>
internal sealed class SocketStream(Stream inner) : Stream
{
    private const byte TextFrame = 0x81;
    private const byte PingFrame = 0x89;
    private const int ShortPayload = 125;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly PongCounter _pongs = new();

    /// <summary>Protocol pongs received so far.</summary>
    public long Pongs => _pongs.Count;

    /// <summary>Puts one whole text message, unmasked as a server's frames are, behind what is collected already.</summary>
    public static void AppendText(IBufferWriter<byte> frames, ReadOnlySpan<byte> payload)
    {
        var head = frames.GetSpan(10);
        head[0] = TextFrame;
        int length;
        if (payload.Length <= ShortPayload)
        {
            head[1] = (byte)payload.Length;
            length = 2;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            head[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)payload.Length);
            length = 4;
        }
        else
        {
            head[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(head[2..], (ulong)payload.Length);
            length = 10;
        }

        frames.Advance(length);
        frames.Write(payload);
    }

    public static void AppendPing(IBufferWriter<byte> frames) => frames.Write((ReadOnlySpan<byte>)[PingFrame, 0]);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _pongs.Observe(buffer.Span[..read]);
        return read;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
        // Every write to the connection is sent at once.
    }

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
