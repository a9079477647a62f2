using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tieline.Core.Attachments;

/// <summary>Keeps the chunks of a PNG (W3C PNG, third edition) that its pixels, colours and animation need.</summary>
internal static class PngCleaner
{
    private const int SignatureLength = 8;

    /// <summary>Length, type and checksum of a chunk.</summary>
    private const int Frame = 12;

    private static readonly string[] _kept =
        ["PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI", "sBIT", "bKGD", "pHYs", "acTL", "fcTL", "fdAT"];

    public static CleanImage? Clean(ReadOnlySpan<byte> file)
    {
        var (width, height, orientation, pixels, at) = (0, 0, 1, false, SignatureLength);
        var body = new ArrayBufferWriter<byte>(file.Length);
        ReadOnlySpan<byte> header = [];
        while (true)
        {
            if (file.Length - at < Frame) return null;
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - Frame) return null;
            var chunk = file.Slice(at, (int)length + Frame);
            var type = Encoding.Latin1.GetString(chunk.Slice(4, 4));
            var content = chunk[8..^4];
            at += chunk.Length;

            if (header.IsEmpty != (type == "IHDR")) return null;
            if (type == "IHDR")
            {
                if (content.Length != 13) return null;
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]));
                header = chunk;
                continue;
            }

            if (type == "IEND") return pixels ? CleanImage.Of(width, height, orientation, Assemble(file[..SignatureLength], header, orientation, body)) : null;
            if (type == "eXIf") orientation = ExifOrientation.Read(content);
            // A critical chunk that nobody knows is no PNG that anybody shows.
            if (char.IsAsciiLetterUpper(type[0]) && type is not ("PLTE" or "IDAT")) return null;
            pixels |= type == "IDAT";
            if (_kept.Contains(type, StringComparer.Ordinal)) body.Write(chunk);
        }
    }

    private static ArrayBufferWriter<byte> Assemble(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> header, int orientation, ArrayBufferWriter<byte> body)
    {
        var output = new ArrayBufferWriter<byte>(body.WrittenCount + 128);
        output.Write(signature);
        output.Write(header);
        if (orientation != 1) WriteChunk(output, "eXIf"u8, ExifOrientation.Block(orientation));
        output.Write(body.WrittenSpan);
        WriteChunk(output, "IEND"u8, []);
        return output;
    }

    private static void WriteChunk(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        byte[] named = [.. type, .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        output.Write(number);
        output.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(named));
        output.Write(number);
    }

    /// <summary>CRC-32 as in ISO 3309; only ever over a few bytes.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
