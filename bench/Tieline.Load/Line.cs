using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Tieline.Load;

/// <summary>
/// One client's WebSocket (RFC 6455): handshake, masked frames out, frames in. A contender's wire derives
/// from it and says what its frames mean.
/// </summary>
internal abstract unsafe class Line(Person person, ILineEvents events)
{
    private const byte Continuation = 0, Text = 1, Close = 8, Ping = 9, Pong = 10, Final = 0x80, Masked = 0x80;

    private EventLoop? _loop;
    private State _state;
    private byte[] _partial = [], _fragments = [], _out = [];
    private int _partialLength, _fragmentsLength, _outStart, _outEnd;
    private bool _dirty, _waitsForWritable;
    private uint _mask = (uint)Random.Shared.Next();

    private enum State { Connecting, Handshake, Open }

    public Person Person => person;

    public int File { get; set; } = -1;

    protected ILineEvents Events => events;

    /// <summary>Path and query of the socket.</summary>
    protected abstract string Target { get; }

    public abstract void Send(Person to, int number, ReadOnlySpan<byte> text);

    /// <summary>Some four times a second, for what a client does by the clock.</summary>
    public virtual void Tick(long now) { }

    protected virtual void Opened() { }

    protected abstract void Received(ReadOnlySpan<byte> message);

    public void Connecting(EventLoop loop, int file)
    {
        (_loop, File, _state) = (loop, file, State.Connecting);
        _partialLength = _fragmentsLength = _outStart = _outEnd = 0;
        _dirty = _waitsForWritable = false;
    }

    public void Writable()
    {
        if (_state != State.Connecting)
        {
            Flush();
            return;
        }
        if (Libc.PendingError(File) is not 0 and var error)
        {
            Broken($"connect failed: {Marshal.GetPInvokeErrorMessage(error)}");
            return;
        }
        _state = State.Handshake;
        _waitsForWritable = true; // as epoll was told at the start; the flush takes it back
        Append(Encoding.ASCII.GetBytes(
            $"GET {Target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}\r\n" +
            $"Authorization: Bearer {person.Token}\r\n\r\n"));
    }

    public void Readable(byte* buffer, int capacity)
    {
        _partial.AsSpan(0, _partialLength).CopyTo(new Span<byte>(buffer, capacity));
        var got = Libc.Receive(File, buffer + _partialLength, capacity - _partialLength);
        if (got == -1) return;
        if (got <= 0)
        {
            Broken("closed by the server");
            return;
        }
        var bytes = new ReadOnlySpan<byte>(buffer, _partialLength + got);
        while (File >= 0 && TryTake(ref bytes)) { }

        _partialLength = bytes.Length;
        if (_partialLength > _partial.Length) _partial = new byte[BitOperations.RoundUpToPowerOf2((uint)_partialLength)];
        bytes.CopyTo(_partial);
    }

    private bool TryTake(ref ReadOnlySpan<byte> bytes)
    {
        if (_state != State.Handshake) return TryTakeFrame(ref bytes);

        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        if (!bytes.StartsWith("HTTP/1.1 101"u8))
        {
            Broken($"refused: {Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 300)])}");
            return false;
        }
        bytes = bytes[(end + 4)..];
        _state = State.Open;
        Opened();
        return true;
    }

    private bool TryTakeFrame(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return false;
        var (header, length) = bytes[1] switch
        {
            < 126 => (2, (int)bytes[1]),
            126 when bytes.Length >= 4 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
            127 when bytes.Length >= 10 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]))),
            _ => (0, 0),
        };
        if (header == 0 || bytes.Length < header + length) return false;
        var first = bytes[0];
        var payload = bytes.Slice(header, length);
        bytes = bytes[(header + length)..];
        switch (first & 0x0f)
        {
            case Text when (first & Final) != 0:
                Received(payload);
                break;
            case Text or Continuation:
                Fragment(payload, last: (first & Final) != 0);
                break;
            case Ping:
                WriteFrame(Pong, payload);
                break;
            case Close:
                Broken(length < 2 ? "closed by the server" :
                    $"closed by the server: {BinaryPrimitives.ReadUInt16BigEndian(payload)} {Encoding.UTF8.GetString(payload[2..])}");
                break;
        }
        return true;
    }

    private void Fragment(ReadOnlySpan<byte> payload, bool last)
    {
        Grow(ref _fragments, _fragmentsLength + payload.Length);
        payload.CopyTo(_fragments.AsSpan(_fragmentsLength));
        _fragmentsLength += payload.Length;
        if (!last) return;
        Received(_fragments.AsSpan(0, _fragmentsLength));
        _fragmentsLength = 0;
    }

    protected void WriteText(ReadOnlySpan<byte> text) => WriteFrame(Text, text);

    private void WriteFrame(byte opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[8 + payload.Length];
        var header = payload.Length < 126 ? 2 : 4;
        frame[0] = (byte)(Final | opcode);
        frame[1] = (byte)(Masked | (header == 2 ? payload.Length : 126));
        if (header == 4) BinaryPrimitives.WriteUInt16BigEndian(frame[2..], checked((ushort)payload.Length));
        _mask = _mask * 1664525 + 1013904223;
        MemoryMarshal.Write(frame[header..], _mask);
        var masked = frame.Slice(header + 4, payload.Length);
        payload.CopyTo(masked);
        var words = MemoryMarshal.Cast<byte, uint>(masked);
        for (var i = 0; i < words.Length; i++) words[i] ^= _mask;
        for (var i = words.Length * 4; i < masked.Length; i++) masked[i] ^= (byte)(_mask >> (i % 4 * 8));
        Append(frame[..(header + 4 + payload.Length)]);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Grow(ref _out, _outEnd + bytes.Length);
        bytes.CopyTo(_out.AsSpan(_outEnd));
        _outEnd += bytes.Length;
        if (_dirty) return;
        _dirty = true;
        _loop!.Dirty(this);
    }

    public void Flush()
    {
        _dirty = false;
        if (File < 0) return;
        var sent = 0;
        if (_outEnd > _outStart)
        {
            fixed (byte* start = &_out[_outStart]) sent = Libc.Send(File, start, _outEnd - _outStart);
        }
        if (sent == -2)
        {
            Broken("broken while sending");
            return;
        }
        _outStart += Math.Max(sent, 0);
        if (_outStart == _outEnd) _outStart = _outEnd = 0;
        if (_waitsForWritable == _outEnd > 0) return;
        _waitsForWritable = _outEnd > 0;
        _loop!.Watch(this, _waitsForWritable);
    }

    private void Broken(string why)
    {
        _loop!.Cut(this);
        events.Broken(this, why);
    }

    private static void Grow(ref byte[] bytes, int needed)
    {
        if (needed > bytes.Length) Array.Resize(ref bytes, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, 512)));
    }
}
