using System.Buffers;
using System.Buffers.Binary;

namespace Tieline.Core.Attachments;

/// <summary>Keeps the frames and the looping of a GIF (GIF89a); comments, embedded XMP and what follows the trailer are left out.</summary>
internal static class GifCleaner
{
    private const byte Extension = 0x21, Image = 0x2C, Trailer = 0x3B, GraphicControl = 0xF9, Application = 0xFF;

    public static CleanImage? Clean(ReadOnlySpan<byte> file)
    {
        if (file.Length < 13) return null;
        var (width, height) = SizeAt(file[6..]);
        var at = 13 + TableLength(file[10]);
        if (at > file.Length) return null;
        var output = new ArrayBufferWriter<byte>(file.Length);
        output.Write(file[..at]);
        var frames = 0;
        while (at < file.Length && file[at] != Trailer)
        {
            var start = at;
            var kept = true;
            if (file[at] == Extension)
            {
                if (at + 3 > file.Length) return null;
                kept = file[at + 1] == GraphicControl || (file[at + 1] == Application && IsLooping(file[(at + 2)..]));
                at += 2;
            }
            else if (file[at] == Image)
            {
                if (at + 11 > file.Length) return null;
                var (x, y) = SizeAt(file[(at + 1)..]);
                var (w, h) = SizeAt(file[(at + 5)..]);
                (width, height) = (Math.Max(width, x + w), Math.Max(height, y + h));
                at += 11 + TableLength(file[at + 9]);
                frames++;
            }
            else return null;

            if (!SkipBlocks(file, ref at)) return null;
            if (kept) output.Write(file[start..at]);
        }

        output.Write((ReadOnlySpan<byte>)[Trailer]);
        return frames == 0 ? null : CleanImage.Of(width, height, 1, output);
    }

    private static bool IsLooping(ReadOnlySpan<byte> block) =>
        block.Length > 11 && block[0] == 11 && (block[1..].StartsWith("NETSCAPE2.0"u8) || block[1..].StartsWith("ANIMEXTS1.0"u8));

    private static (int, int) SizeAt(ReadOnlySpan<byte> at) => (BinaryPrimitives.ReadUInt16LittleEndian(at), BinaryPrimitives.ReadUInt16LittleEndian(at[2..]));

    private static int TableLength(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    /// <summary>Sub-blocks each begin with their length; one of length 0 ends them.</summary>
    private static bool SkipBlocks(ReadOnlySpan<byte> file, ref int at)
    {
        while (at < file.Length)
        {
            var length = file[at];
            at += 1 + length;
            if (length == 0) return true;
        }

        return false;
    }
}
