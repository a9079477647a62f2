using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tieline.Server.Sockets;

internal enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>The head of one frame as a client sends it (RFC 6455, 5.2).</summary>
/// <param name="Size">Bytes of the head itself, the mask's key included.</param>
/// <param name="Length">Bytes of payload behind it.</param>
internal readonly record struct FrameHeader(Opcode Opcode, bool IsFinal, int Size, long Length, uint Mask)
{
    public const int MaxControlPayload = 125;

    private const int Final = 0x80;
    private const int Reserved = 0x70;
    private const int Masked = 0x80;
    private const int MaskSize = 4;

    public bool IsControl => Opcode >= Opcode.Close;

    /// <summary>Reads the head that begins at the first byte.</summary>
    /// <param name="fault">What RFC 6455 forbids in it; null when there is nothing, or not enough to tell.</param>
    /// <returns>False when it has not arrived in full, or is faulty.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header, out string? fault)
    {
        header = default;
        fault = null;
        if (bytes.Length < 2) return false;
        var (first, second) = (bytes[0], bytes[1]);
        var opcode = (Opcode)(first & 0x0F);
        fault = FaultOf(first, second, opcode);
        if (fault is not null) return false;

        var (size, length) = (2, (long)(second & 0x7F));
        if (length == 126)
        {
            if (bytes.Length < 4) return false;
            (size, length) = (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
        }
        else if (length == 127)
        {
            if (bytes.Length < 10) return false;
            (size, length) = (10, BinaryPrimitives.ReadInt64BigEndian(bytes[2..]));
            if (length < 0) fault = "a length with its highest bit set";
            if (fault is not null) return false;
        }

        if (bytes.Length < size + MaskSize) return false;
        header = new FrameHeader(opcode, (first & Final) != 0, size + MaskSize, length, MemoryMarshal.Read<uint>(bytes[size..]));
        return true;
    }

    /// <summary>Takes the mask off, in place.</summary>
    public void Unmask(Span<byte> payload)
    {
        if (Mask == 0) return;
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        var wide = Mask | ((ulong)Mask << 32);
        for (var i = 0; i < words.Length; i++) words[i] ^= wide;
        Span<byte> key = stackalloc byte[MaskSize];
        MemoryMarshal.Write(key, Mask);
        for (var i = words.Length * sizeof(ulong); i < payload.Length; i++) payload[i] ^= key[i % MaskSize];
    }

    private static string? FaultOf(byte first, byte second, Opcode opcode)
    {
        if ((first & Reserved) != 0) return "a reserved bit, though no extension was agreed on";
        if (opcode is > Opcode.Binary and < Opcode.Close or > Opcode.Pong) return "an unknown opcode";
        if ((second & Masked) == 0) return "a frame without a mask";
        if (opcode < Opcode.Close) return null;
        if ((first & Final) == 0) return "a control frame in pieces";
        return (second & 0x7F) > MaxControlPayload ? "a control frame that is too long" : null;
    }
}
