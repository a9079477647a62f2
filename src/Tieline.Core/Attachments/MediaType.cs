using System.Text;

namespace Tieline.Core.Attachments;

/// <summary>What a file is, told by its bytes. Its name and what the sender says of it count for nothing.</summary>
public static class MediaType
{
    /// <summary>What is looked at of either end of a file.</summary>
    public const int EndLength = 64 * 1024;

    public const string Unknown = "application/octet-stream";
    public const string PlainText = "text/plain; charset=utf-8";

    private static readonly (int At, byte[] Bytes, string Type)[] _signatures =
    [
        (0, [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], "image/png"),
        (0, [0xFF, 0xD8, 0xFF], "image/jpeg"),
        (0, [.. "GIF87a"u8], "image/gif"),
        (0, [.. "GIF89a"u8], "image/gif"),
        (8, [.. "WEBPVP8"u8], "image/webp"),
        (8, [.. "WAVE"u8], "audio/wav"),
        (0, [.. "%PDF-"u8], "application/pdf"),
        (0, [.. "OggS"u8], "audio/ogg"),
        (0, [.. "fLaC"u8], "audio/flac"),
        (0, [.. "ID3"u8], "audio/mpeg"),
        (0, [0x1F, 0x8B, 0x08], "application/gzip"),
        (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed"),
        (0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "application/x-ole-storage"),
    ];

    private static readonly (string Folder, string Type)[] _office =
    [
        ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ];

    /// <param name="head">The first <see cref="EndLength"/> bytes, or all there are.</param>
    /// <param name="tail">The last <see cref="EndLength"/> bytes, or all there are: recorders write the index of a film at its end.</param>
    public static string Of(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        foreach (var (at, bytes, type) in _signatures)
            if (head.Length >= at + bytes.Length && head[at..].StartsWith(bytes) && (at == 0 || head.StartsWith("RIFF"u8)))
                return type == "audio/ogg" && head.IndexOf("theora"u8) >= 0 ? "video/ogg" : type;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3])) return OfMatroska(head);
        if (head.Length >= 12 && head[4..].StartsWith("ftyp"u8)) return OfIsoMedia(head, tail);
        if (head.StartsWith("PK\x03\x04"u8)) return OfZip(head, tail);
        if (head.Length >= 2 && head[0] == 0xFF && head[1] is 0xF1 or 0xF9) return "audio/aac";
        if (head.Length >= 3 && head[0] == 0xFF && (head[1] & 0xE6) == 0xE2 && (head[2] & 0xF0) is not 0xF0 and not 0) return "audio/mpeg";
        return OfText(head);
    }

    /// <summary>Types that a browser may show in place; everything else is only ever downloaded.</summary>
    public static bool IsShownInPlace(string type) =>
        type is "image/png" or "image/jpeg" or "image/gif" or "image/webp" || type.StartsWith("audio/", StringComparison.Ordinal) || type.StartsWith("video/", StringComparison.Ordinal);

    private static string OfMatroska(ReadOnlySpan<byte> head)
    {
        if (head[..Math.Min(head.Length, 64)].IndexOf("webm"u8) < 0) return "video/x-matroska";
        return head.IndexOf("V_VP"u8) >= 0 || head.IndexOf("V_AV1"u8) >= 0 || head.IndexOf("A_"u8) < 0 ? "video/webm" : "audio/webm";
    }

    private static string OfIsoMedia(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        var brand = Encoding.Latin1.GetString(head.Slice(8, 4));
        if (brand is "heic" or "heix" or "hevc" or "heim" or "heis" or "mif1" or "msf1") return "image/heic";
        if (brand is "avif" or "avis") return "image/avif";
        if (brand is "M4A " or "M4B ") return "audio/mp4";
        return Handles(head, "vide"u8) || Handles(tail, "vide"u8) || !(Handles(head, "soun"u8) || Handles(tail, "soun"u8)) ? "video/mp4" : "audio/mp4";
    }

    /// <summary>A track says in its handler box what it is for.</summary>
    private static bool Handles(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> what)
    {
        const int BetweenNameAndType = 12;
        for (var at = bytes.IndexOf("hdlr"u8); at >= 0;)
        {
            bytes = bytes[at..];
            if (bytes.Length >= BetweenNameAndType + 4 && bytes[BetweenNameAndType..].StartsWith(what)) return true;
            bytes = bytes[4..];
            at = bytes.IndexOf("hdlr"u8);
        }

        return false;
    }

    private static string OfZip(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        // An OpenDocument file begins with an uncompressed entry that names its type.
        const int NameAt = 30;
        if (head.Length > NameAt + 8 && head[NameAt..].StartsWith("mimetypeapplication/vnd.oasis.opendocument."u8))
        {
            var kind = head[(NameAt + "mimetypeapplication/vnd.oasis.opendocument.".Length)..];
            if (kind.StartsWith("text"u8)) return "application/vnd.oasis.opendocument.text";
            if (kind.StartsWith("spreadsheet"u8)) return "application/vnd.oasis.opendocument.spreadsheet";
            if (kind.StartsWith("presentation"u8)) return "application/vnd.oasis.opendocument.presentation";
        }

        // The list of entries stands at the end.
        if (head.IndexOf("[Content_Types].xml"u8) >= 0 || tail.IndexOf("[Content_Types].xml"u8) >= 0)
            foreach (var (folder, type) in _office)
                if (tail.IndexOf(Encoding.ASCII.GetBytes(folder)) >= 0) return type;
        return "application/zip";
    }

    private static string OfText(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty || head.IndexOfAnyInRange((byte)0x00, (byte)0x08) >= 0 || head.IndexOfAnyInRange((byte)0x0E, (byte)0x1A) >= 0) return Unknown;
        var text = head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? head[3..] : head;
        // Markup would be run by whoever opens it in a browser: it is no text but bytes to keep. So is a script that names its interpreter.
        if (text.TrimStart(" \t\r\n\f"u8).StartsWith("<"u8) || text.StartsWith("#!"u8)) return Unknown;
        // The head may end in the middle of a character.
        for (var cut = 0; cut < 4 && cut < text.Length; cut++)
            if (System.Text.Unicode.Utf8.IsValid(text[..^cut])) return cut == 0 || head.Length == EndLength ? PlainText : Unknown;
        return Unknown;
    }
}
