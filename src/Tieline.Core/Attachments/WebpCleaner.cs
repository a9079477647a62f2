using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tieline.Core.Attachments;

/// <summary>Keeps the chunks of a WebP (RFC 9649) that its pixels, colours and animation need.</summary>
internal static class WebpCleaner
{
    private const int HeaderLength = 12;
    private const byte HasExif = 0x08, HasXmp = 0x04;

    public static CleanImage? Clean(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderLength) return null;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (size > file.Length - 8 || size < 4) return null;
        // What follows the stated end is no part of the image.
        file = file[..(int)(8 + size)];
        var (width, height, orientation, pixels, flagsAt, at) = (0, 0, 1, false, -1, HeaderLength);
        var output = new ArrayBufferWriter<byte>(file.Length + 64);
        output.Write(file[..HeaderLength]);
        while (file.Length - at >= 8)
        {
            var type = Encoding.Latin1.GetString(file.Slice(at, 4));
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            if (length > file.Length - at - 8) return null;
            var content = file.Slice(at + 8, (int)length);
            var chunk = file.Slice(at, (int)Math.Min(8 + length + (length & 1), file.Length - at));
            at += chunk.Length;

            var (w, h) = SizeIn(type, content);
            if (w < 0) return null;
            (width, height) = (Math.Max(width, w), Math.Max(height, h));
            if (type == "EXIF") orientation = ExifOrientation.Read(content.StartsWith("Exif\0\0"u8) ? content[6..] : content);
            if (type == "VP8X") flagsAt = output.WrittenCount + 8;
            if (type is not ("VP8X" or "VP8 " or "VP8L" or "ALPH" or "ANIM" or "ANMF" or "ICCP")) continue;
            pixels |= type is "VP8 " or "VP8L" or "ANMF";
            output.Write(chunk);
            if (chunk.Length % 2 != 0) output.Write((ReadOnlySpan<byte>)[0]);
        }

        if (!pixels) return null;
        // Only the extended format has a place for EXIF.
        if (flagsAt < 0) orientation = 1;
        if (orientation != 1)
        {
            var block = ExifOrientation.Block(orientation);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, block.Length);
            output.Write("EXIF"u8);
            output.Write(length);
            output.Write(block);
        }

        var written = output.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(written.AsSpan(4), written.Length - 8);
        if (flagsAt >= 0) written[flagsAt] = (byte)((written[flagsAt] & ~(HasExif | HasXmp)) | (orientation == 1 ? 0 : HasExif));
        output = new ArrayBufferWriter<byte>(written.Length);
        output.Write(written);
        return CleanImage.Of(width, height, orientation, output);
    }

    /// <returns>Zeros where the chunk names no size, negative where it is damaged.</returns>
    private static (int Width, int Height) SizeIn(string type, ReadOnlySpan<byte> content) => type switch
    {
        "VP8X" => content.Length < 10 ? (-1, -1) : (1 + Number24(content[4..]), 1 + Number24(content[7..])),
        "ANMF" => content.Length < 16 ? (-1, -1) : (1 + Number24(content[6..]), 1 + Number24(content[9..])),
        "VP8 " => content.Length < 10 || !content[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]) ? (-1, -1)
            : (BinaryPrimitives.ReadUInt16LittleEndian(content[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) & 0x3FFF),
        "VP8L" => content.Length < 5 || content[0] != 0x2F ? (-1, -1) : LosslessSize(BinaryPrimitives.ReadUInt32LittleEndian(content[1..])),
        _ => (0, 0),
    };

    private static (int Width, int Height) LosslessSize(uint bits) => (1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF));

    private static int Number24(ReadOnlySpan<byte> at) => at[0] | (at[1] << 8) | (at[2] << 16);
}
