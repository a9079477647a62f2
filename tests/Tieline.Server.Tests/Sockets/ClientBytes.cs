using System.Buffers.Binary;
using Tieline.Server.Sockets;

namespace Tieline.Server.Tests.Sockets;

/// <summary>Frames as clients send them, made byte by byte.</summary>
internal static class ClientBytes
{
    private static readonly byte[] _key = [0x37, 0xFA, 0x21, 0x3D];

    /// <param name="head">The first byte: FIN, reserved bits, opcode.</param>
    public static byte[] Frame(byte head, ReadOnlySpan<byte> payload)
    {
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0xFE, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0xFF, .. Long(payload.Length)],
        };
        var masked = payload.ToArray();
        for (var i = 0; i < masked.Length; i++) masked[i] ^= _key[i % 4];
        return [head, .. length, .. _key, .. masked];
    }

    public static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>Everything that a reader makes of the bytes when they arrive in pieces of these sizes, each as a word and its content.</summary>
    public static List<string> Read(byte[] bytes, IReadOnlyList<int> pieces, int limit)
    {
        var seen = new List<string>();
        using var reader = new MessageReader(limit);
        for (int at = 0, turn = 0; at < bytes.Length; turn++)
        {
            reader.Rest();
            var room = reader.Room();
            var size = Math.Min(Math.Min(pieces[turn % pieces.Count], room.Length), bytes.Length - at);
            bytes.AsSpan(at, size).CopyTo(room.Span);
            reader.Advance(size);
            at += size;
            var pongs = reader.Pongs;
            while (reader.Take(out var received) is var step and not ReadStep.Starved)
            {
                seen.Add(step == ReadStep.Ping ? "Ping " + Convert.ToHexString(received.Payload.Span) : Describe(received));
                if (received.Kind is ReceivedKind.Closed or ReceivedKind.Violation) return seen;
            }

            for (; pongs < reader.Pongs; pongs++) seen.Add("Pong");
        }

        return seen;
    }

    /// <summary>Short contents as they are, long ones by length and hash.</summary>
    public static string Content(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= 1000 ? Convert.ToHexString(bytes) : $"{bytes.Length} bytes, {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))}";

    private static string Describe(Received received) => received.Kind switch
    {
        ReceivedKind.Closed => $"Closed {received.Code} {received.Reason}",
        ReceivedKind.Violation => $"Violation {received.Code} {received.Reason}",
        _ => $"{received.Kind} {Content(received.Payload.Span)}",
    };
}
