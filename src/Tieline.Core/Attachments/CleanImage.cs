using System.Buffers;
using System.Buffers.Binary;

namespace Tieline.Core.Attachments;

/// <summary>
/// An image without what it tells of its maker: place, time, camera, author, editing history, and whatever was hidden behind its end.
/// The pixels are the sender's own bytes; only the orientation, which pixels need to be seen rightly, survives of the metadata.
/// </summary>
/// <param name="Width">As shown, after turning.</param>
/// <param name="Orientation">The EXIF orientation, 1 to 8.</param>
public sealed record CleanImage(int Width, int Height, int Orientation, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>True for the types that <see cref="From"/> knows.</summary>
    public static bool Knows(string type) => type is "image/jpeg" or "image/png" or "image/webp" or "image/gif";

    /// <summary>Reads the structure of an image; nothing is decoded, so a bomb costs no more than its bytes.</summary>
    /// <returns>Null when the structure is damaged: then nobody can say what is in it.</returns>
    public static CleanImage? From(string type, ReadOnlySpan<byte> file) => type switch
    {
        "image/jpeg" => JpegCleaner.Clean(file),
        "image/png" => PngCleaner.Clean(file),
        "image/webp" => WebpCleaner.Clean(file),
        "image/gif" => GifCleaner.Clean(file),
        _ => null,
    };

    /// <param name="width">As stored, before turning.</param>
    internal static CleanImage? Of(int width, int height, int orientation, ArrayBufferWriter<byte> output) =>
        width <= 0 || height <= 0 ? null
        : orientation >= 5 ? new CleanImage(height, width, orientation, output.WrittenMemory)
        : new CleanImage(width, height, orientation, output.WrittenMemory);
}

/// <summary>The one EXIF field that is kept.</summary>
internal static class ExifOrientation
{
    private const ushort Tag = 0x0112;
    private const ushort Short = 3;

    /// <summary>A TIFF block that holds the orientation and nothing else.</summary>
    public static byte[] Block(int orientation)
    {
        byte[] block = [.. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        block[19] = (byte)orientation;
        return block;
    }

    /// <returns>1 where it is missing or nonsense.</returns>
    public static int Read(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8) return 1;
        var little = tiff.StartsWith("II"u8);
        if (!little && !tiff.StartsWith("MM"u8)) return 1;
        var directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2) return 1;
        var entries = tiff[(int)directory..];
        var count = Number(entries, little);
        for (var i = 0; i < count && entries.Length >= 2 + (12 * (i + 1)); i++)
        {
            var entry = entries.Slice(2 + (12 * i), 12);
            if (Number(entry, little) != Tag || Number(entry[2..], little) != Short) continue;
            var value = Number(entry[8..], little);
            return value is >= 1 and <= 8 ? value : 1;
        }

        return 1;
    }

    private static int Number(ReadOnlySpan<byte> at, bool little) => little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
}
