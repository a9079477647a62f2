using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Tieline.Protocol;

namespace Tieline.Server.Sockets;

internal enum ReadStep
{
    /// <summary>More bytes must arrive first.</summary>
    Starved,
    Message,

    /// <summary>A ping came, to be answered with what it carries.</summary>
    Ping,
}

/// <summary>
/// Makes whole messages of the bytes that a client sends (RFC 6455, 5 to 8), however they are cut, without I/O. Bytes go into
/// <see cref="Room"/>; all that one read brought is then taken step by step, mostly without a copy.
/// </summary>
internal sealed class MessageReader(int limit) : IDisposable
{
    private const int FarTooLarge = 1024 * 1024;
    private const int FirstBuffer = 4096;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    // The message that is coming: its kind, its pieces so far, and how long it is with what was dropped.
    private ReceivedKind? _kind;
    private byte[]? _pieces;
    private int _collected;
    private long _total;

    // Over the limit: nothing of it is kept, and this much of the present frame is still to come.
    private bool _dropping;
    private long _skip;
    private bool _skipIsFinal;
    private bool _told;

    private bool _over;

    /// <summary>Pongs received so far.</summary>
    public long Pongs { get; private set; }

    /// <summary>True when nothing is held: the line is idle, and needs no buffer.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Gives back whatever holds nothing.</summary>
    public void Rest()
    {
        if (_kind is null) ReturnPieces();
        if (_buffer is null || !IsEmpty) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }

    /// <summary>Where the next bytes go. What was received before is no longer valid.</summary>
    public Memory<byte> Room()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(FirstBuffer);
        if (_end == _buffer.Length)
        {
            // A frame that does not fit: the buffer grows with what has arrived, not with what was announced.
            var to = _start > 0 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, _end - _start).CopyTo(to);
            if (to != _buffer) ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _start, _end) = (to, 0, _end - _start);
        }

        return _buffer.AsMemory(_end);
    }

    public void Advance(int read) => _end += read;

    /// <summary>Takes the next message, or the next ping, out of what has arrived.</summary>
    /// <param name="received">The message, or what the ping carries. Valid until the next call of anything here.</param>
    public ReadStep Take(out Received received)
    {
        received = default;
        while (true)
        {
            if (_over) _start = _end;
            if (!Skip()) return ReadStep.Starved;
            if (_skipIsFinal)
            {
                var told = _told;
                EndMessage();
                if (told) continue;
                received = new Received(ReceivedKind.TooLarge);
                return ReadStep.Message;
            }

            if (!FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), out var header, out var fault))
            {
                if (fault is null) return ReadStep.Starved;
                received = Fail(CloseCodes.ProtocolError, fault);
                return ReadStep.Message;
            }

            var step = header.IsControl ? TakeControl(header, out received)
                : header.Opcode == Opcode.Continuation != _kind is not null ? Misplaced(header, out received)
                : _dropping || header.Length > limit - _total ? Drop(header, out received)
                : TakeData(header, out received);
            if (step is { } taken) return taken;
        }
    }

    public void Dispose()
    {
        EndMessage();
        _start = _end;
        Rest();
    }

    /// <returns>False while more of what is skipped must arrive.</returns>
    private bool Skip()
    {
        var skipped = (int)Math.Min(_skip, _end - _start);
        _start += skipped;
        _skip -= skipped;
        return _skip == 0;
    }

    /// <summary>Nothing of a message over the limit is kept; the line can stay unless it is far over.</summary>
    private ReadStep? Drop(FrameHeader header, out Received received)
    {
        ReturnPieces();
        _dropping = true;
        _kind ??= KindOf(header.Opcode);
        _total = Math.Min(_total, FarTooLarge) + Math.Min(header.Length, FarTooLarge + 1);
        _start += header.Size;
        (_skip, _skipIsFinal) = (header.Length, header.IsFinal);
        received = new Received(ReceivedKind.FarTooLarge);
        if (_told || _total <= FarTooLarge) return null;
        _told = true;
        return ReadStep.Message;
    }

    private ReadStep Misplaced(FrameHeader header, out Received received)
    {
        received = Fail(CloseCodes.ProtocolError, header.Opcode == Opcode.Continuation ? "a continuation of nothing" : "a new message inside another");
        return ReadStep.Message;
    }

    /// <returns>False until all of the frame has arrived.</returns>
    private bool TryTakePayload(FrameHeader header, out Memory<byte> payload)
    {
        payload = default;
        if (_end - _start < header.Size + header.Length) return false;
        payload = _buffer.AsMemory(_start + header.Size, (int)header.Length);
        _start += header.Size + payload.Length;
        header.Unmask(payload.Span);
        return true;
    }

    private ReadStep? TakeData(FrameHeader header, out Received received)
    {
        received = default;
        if (!TryTakePayload(header, out var payload)) return ReadStep.Starved;
        if (header.IsFinal && _kind is null)
        {
            received = Whole(KindOf(header.Opcode), payload);
            return ReadStep.Message;
        }

        _kind ??= KindOf(header.Opcode);
        if (_pieces is null || _collected + payload.Length > _pieces.Length) GrowPieces(payload.Length);
        payload.Span.CopyTo(_pieces.AsSpan(_collected));
        _collected += payload.Length;
        _total += payload.Length;
        if (!header.IsFinal) return null;
        received = Whole(_kind.Value, _pieces.AsMemory(0, _collected));
        // The pieces themselves are what was received: they go back when the line rests.
        (_kind, _collected, _total) = (null, 0, 0);
        return ReadStep.Message;
    }

    private static Received Whole(ReceivedKind kind, Memory<byte> payload) =>
        kind == ReceivedKind.Text && !Utf8.IsValid(payload.Span) ? new Received(ReceivedKind.NotUtf8) : new Received(kind, payload);

    private ReadStep? TakeControl(FrameHeader header, out Received received)
    {
        received = default;
        if (!TryTakePayload(header, out var payload)) return ReadStep.Starved;
        switch (header.Opcode)
        {
            case Opcode.Ping:
                received = new Received(ReceivedKind.Binary, payload);
                return ReadStep.Ping;
            case Opcode.Pong:
                Pongs++;
                return null;
            default:
                received = ReadClose(payload.Span);
                _over = true;
                return ReadStep.Message;
        }
    }

    private Received ReadClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return new Received(ReceivedKind.Closed, default, CloseCodes.NoStatus, "");
        if (payload.Length == 1) return Fail(CloseCodes.ProtocolError, "half a close code");
        var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (code is < 1000 or >= 5000 or 1004 or 1005 or 1006 or (>= 1015 and < 3000)) return Fail(CloseCodes.ProtocolError, "a close code that may not be sent");
        return Utf8.IsValid(payload[2..]) ? new Received(ReceivedKind.Closed, default, code, Encoding.UTF8.GetString(payload[2..]))
            : Fail(CloseCodes.InvalidPayload, "a reason that is not UTF-8");
    }

    /// <summary>Where the frames end cannot be told any more: whatever else comes is dropped.</summary>
    private Received Fail(int code, string what)
    {
        _over = true;
        return new Received(ReceivedKind.Violation, default, code, $"Not WebSocket: {what}");
    }

    private static ReceivedKind KindOf(Opcode opcode) => opcode == Opcode.Text ? ReceivedKind.Text : ReceivedKind.Binary;

    private void GrowPieces(int by)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_collected + by, 2 * _collected));
        _pieces.AsSpan(0, _collected).CopyTo(larger);
        ReturnPieces();
        _pieces = larger;
    }

    private void EndMessage()
    {
        ReturnPieces();
        (_kind, _collected, _total) = (null, 0, 0);
        (_dropping, _skip, _skipIsFinal, _told) = (false, 0, false, false);
    }

    private void ReturnPieces()
    {
        if (_pieces is null) return;
        ArrayPool<byte>.Shared.Return(_pieces);
        _pieces = null;
    }
}
