using System.Buffers;
using System.Buffers.Binary;

namespace Tieline.Core.Attachments;

/// <summary>Keeps of a JPEG (ITU T.81, annex B) what its pixels need: tables, frames, scans, colour profile, JFIF without its thumbnail.</summary>
internal static class JpegCleaner
{
    private const byte StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA, Comment = 0xFE, App0 = 0xE0, App1 = 0xE1, App2 = 0xE2, App14 = 0xEE, App15 = 0xEF;
    private const int JfifLength = 16;

    public static CleanImage? Clean(ReadOnlySpan<byte> file)
    {
        if (file.Length < 4 || file[0] != 0xFF || file[1] != StartOfImage) return null;
        var body = new ArrayBufferWriter<byte>(file.Length);
        ReadOnlySpan<byte> jfif = [];
        var (width, height, orientation, scans, at) = (0, 0, 1, 0, 2);
        while (NextMarker(file, ref at))
        {
            var marker = file[at + 1];
            if (marker == EndOfImage) break;
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
            {
                at += 2;
                continue;
            }

            if (marker == StartOfImage || at + 4 > file.Length) return null;
            var length = 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 4 || at + length > file.Length) return null;
            var segment = file.Slice(at, length);
            var content = segment[4..];
            at += length;

            if (IsFrame(marker))
            {
                // A second frame header could promise other pixels than the first one did.
                if (width != 0 || content.Length < 6) return null;
                (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(content[1..]), BinaryPrimitives.ReadUInt16BigEndian(content[3..]));
                if (width == 0 || height == 0) return null;
            }
            else if (marker == App0)
            {
                if (jfif.IsEmpty && content.StartsWith("JFIF\0"u8) && length >= JfifLength + 2) jfif = segment;
                continue;
            }
            else if (marker == App1 && content.StartsWith("Exif\0\0"u8)) orientation = ExifOrientation.Read(content[6..]);

            if (!IsKept(marker, content)) continue;
            body.Write(segment);
            if (marker != StartOfScan) continue;
            if (width == 0) return null;
            var end = EndOfScan(file, at);
            body.Write(file[at..end]);
            at = end;
            scans++;
        }

        return scans == 0 ? null : CleanImage.Of(width, height, orientation, Assemble(jfif, orientation, body));
    }

    private static ArrayBufferWriter<byte> Assemble(ReadOnlySpan<byte> jfif, int orientation, ArrayBufferWriter<byte> body)
    {
        var output = new ArrayBufferWriter<byte>(body.WrittenCount + 64);
        output.Write((ReadOnlySpan<byte>)[0xFF, StartOfImage]);
        if (!jfif.IsEmpty)
        {
            // Up to the density; the thumbnail behind it may show what was cut off from the image.
            output.Write((ReadOnlySpan<byte>)[0xFF, App0, 0, JfifLength]);
            output.Write(jfif.Slice(4, JfifLength - 4));
            output.Write((ReadOnlySpan<byte>)[0, 0]);
        }

        if (orientation != 1)
        {
            var block = ExifOrientation.Block(orientation);
            output.Write((ReadOnlySpan<byte>)[0xFF, App1, 0, (byte)(2 + 6 + block.Length)]);
            output.Write("Exif\0\0"u8);
            output.Write(block);
        }

        output.Write(body.WrittenSpan);
        output.Write((ReadOnlySpan<byte>)[0xFF, EndOfImage]);
        return output;
    }

    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static bool IsKept(byte marker, ReadOnlySpan<byte> content) => marker switch
    {
        App2 => content.StartsWith("ICC_PROFILE\0"u8),
        App14 => content.StartsWith("Adobe"u8),
        Comment or (>= App0 and <= App15) => false,
        _ => true,
    };

    /// <summary>Goes to the next marker; what stands before it is nothing that a decoder reads.</summary>
    private static bool NextMarker(ReadOnlySpan<byte> file, ref int at)
    {
        for (; at + 1 < file.Length; at++)
            if (file[at] == 0xFF && file[at + 1] is not (0x00 or 0xFF)) return true;
        return false;
    }

    /// <summary>Entropy-coded bytes end at the first marker that is neither a stuffed 0xFF nor a restart.</summary>
    private static int EndOfScan(ReadOnlySpan<byte> file, int at)
    {
        while (true)
        {
            var found = file[at..].IndexOf((byte)0xFF);
            if (found < 0 || at + found + 1 >= file.Length) return file.Length;
            at += found;
            if (file[at + 1] is not (0x00 or 0xFF or (>= 0xD0 and <= 0xD7))) return at;
            at += file[at + 1] == 0xFF ? 1 : 2;
        }
    }
}
