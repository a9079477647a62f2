using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace Tieline.Server.Tests.Attachments;

/// <summary>Images with things in them that nobody should get.</summary>
internal static class Pictures
{
    /// <summary>What stands in the metadata; 52.37 north and 4.89 east is somebody's home.</summary>
    public const string Secret = "GPS-SECRET-52.37N-4.89E";

    /// <summary>Red on the left, blue on the right.</summary>
    public static byte[] Encode(SKEncodedImageFormat format, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.Red);
        canvas.DrawRect(width / 2f, 0, width, height, new SKPaint { Color = SKColors.Blue });
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>EXIF with an orientation and a GPS directory that holds the secret.</summary>
    public static byte[] Exif(int orientation)
    {
        var secret = Encoding.ASCII.GetBytes(Secret + "\0");
        byte[] tiff = [.. "II"u8, 42, 0, 8, 0, 0, 0, 2, 0,
            0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0,
            0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0,
            0, 0, 0, 0,
            1, 0, 0x1D, 0x00, 2, 0, (byte)secret.Length, 0, 0, 0, 56, 0, 0, 0, 0, 0, 0, 0];
        return [.. tiff, .. secret];
    }

    public static byte[] Jpeg(int width = 640, int height = 480, int orientation = 6)
    {
        var plain = Encode(SKEncodedImageFormat.Jpeg, width, height);
        byte[] exif = [.. "Exif\0\0"u8, .. Exif(orientation)];
        byte[] xmp = [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. Encoding.ASCII.GetBytes($"<x>{Secret}</x>")];
        return [0xFF, 0xD8, .. Segment(0xE1, exif), .. Segment(0xE1, xmp), .. Segment(0xFE, Encoding.ASCII.GetBytes(Secret)), .. plain[2..], .. Encoding.ASCII.GetBytes("PK behind the end " + Secret)];
    }

    public static byte[] Png(int width = 640, int height = 480, int orientation = 6)
    {
        var plain = Encode(SKEncodedImageFormat.Png, width, height);
        const int AfterHeader = 8 + 25;
        return [.. plain[..AfterHeader], .. Chunk("eXIf", Exif(orientation)), .. Chunk("tEXt", Encoding.ASCII.GetBytes("Comment\0" + Secret)), .. plain[AfterHeader..], .. Encoding.ASCII.GetBytes("<script>" + Secret)];
    }

    public static byte[] Webp(int width = 640, int height = 480, int orientation = 6)
    {
        var plain = Encode(SKEncodedImageFormat.Webp, width, height);
        byte[] extended = [0x08 | 0x04, 0, 0, 0, .. Number24(width - 1), .. Number24(height - 1)];
        byte[] chunks = [.. "WEBP"u8, .. Riff("VP8X", extended), .. Riff("VP8 ", VP8In(plain)), .. Riff("EXIF", Exif(orientation)), .. Riff("XMP ", Encoding.ASCII.GetBytes(Secret))];
        return Riff("RIFF", chunks);
    }

    /// <summary>One pixel, a comment, and something behind the end.</summary>
    public static byte[] Gif(int width = 1, int height = 1) =>
        [.. "GIF89a"u8, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0x80, 0, 0, 255, 0, 0, 0, 0, 255,
            0x21, 0xFE, (byte)Secret.Length, .. Encoding.ASCII.GetBytes(Secret), 0,
            0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B, .. Encoding.ASCII.GetBytes("<html>" + Secret)];

    /// <summary>A PNG that promises more than it has.</summary>
    public static byte[] PngBomb(int width, int height)
    {
        var plain = Encode(SKEncodedImageFormat.Png, 4, 4);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(20), height);
        return plain;
    }

    public static byte[] JpegBomb()
    {
        var plain = Encode(SKEncodedImageFormat.Jpeg, 8, 8);
        var frame = plain.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        plain.AsSpan(frame + 5, 4).Fill(0xFF);
        return plain;
    }

    public static SKColor PixelAt(byte[] image, double x, double y)
    {
        using var bitmap = SKBitmap.Decode(image);
        return bitmap.GetPixel((int)(x * bitmap.Width), (int)(y * bitmap.Height));
    }

    private static byte[] VP8In(byte[] webp)
    {
        webp.AsSpan(12, 4).SequenceEqual("VP8 "u8).ShouldBeTrue();
        return webp[20..(20 + BinaryPrimitives.ReadInt32LittleEndian(webp.AsSpan(16)))];
    }

    private static byte[] Segment(byte marker, byte[] content) => [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];

    private static byte[] Chunk(string type, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        // Nobody here reads the checksum of what is left out.
        return [.. length, .. Encoding.ASCII.GetBytes(type), .. content, 0, 0, 0, 0];
    }

    private static byte[] Riff(string type, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
        return [.. Encoding.ASCII.GetBytes(type), .. length, .. content, .. content.Length % 2 == 0 ? (byte[])[] : [0]];
    }

    private static byte[] Number24(int number) => [(byte)number, (byte)(number >> 8), (byte)(number >> 16)];
}
