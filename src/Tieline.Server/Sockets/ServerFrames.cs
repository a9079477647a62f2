using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Tieline.Protocol;

namespace Tieline.Server.Sockets;

/// <summary>WebSocket frames as a server sends them: whole and without a mask. Each goes behind what is collected already.</summary>
internal static class ServerFrames
{
    private const byte Final = 0x80;
    private const int ShortPayload = 125;
    private const int MaxHead = 10;

    public static void AppendText(IBufferWriter<byte> frames, ReadOnlySpan<byte> payload) => Append(frames, Opcode.Text, payload);

    public static void AppendPing(IBufferWriter<byte> frames) => Append(frames, Opcode.Ping, []);

    public static void AppendPong(IBufferWriter<byte> frames, ReadOnlySpan<byte> payload) => Append(frames, Opcode.Pong, payload);

    public static void AppendClose(IBufferWriter<byte> frames, int code, string reason)
    {
        Span<byte> payload = stackalloc byte[2 + CloseCodes.MaxReasonBytes];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        var length = Encoding.UTF8.GetBytes(Cut(reason), payload[2..]);
        Append(frames, Opcode.Close, payload[..(2 + length)]);
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

    private static void Append(IBufferWriter<byte> frames, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = frames.GetSpan(MaxHead + payload.Length);
        frame[0] = (byte)(Final | (byte)opcode);
        int head;
        if (payload.Length <= ShortPayload)
        {
            frame[1] = (byte)payload.Length;
            head = 2;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            frame[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)payload.Length);
            head = 4;
        }
        else
        {
            frame[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(frame[2..], (ulong)payload.Length);
            head = 10;
        }

        payload.CopyTo(frame[head..]);
        frames.Advance(head + payload.Length);
    }
}
