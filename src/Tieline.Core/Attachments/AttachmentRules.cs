using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tieline.Core.Attachments;

/// <summary>What may be attached, and what a file may be called.</summary>
public static class AttachmentRules
{
    public const int MaxPerMessage = 20;
    public const int MaxNameLength = 200;
    public const string DefaultName = "file";
    private const long MaxDurationMs = 24 * 60 * 60 * 1_000;

    /// <summary>Below this an image may be as empty as it likes: small ones cost nothing to decode.</summary>
    private const long AbsurdAbovePixels = 4_000_000;

    private const long AbsurdPixelsPerByte = 2_000;

    internal static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An image whose pixels are more than anybody would look at, or out of all proportion to its bytes, is made to exhaust whoever decodes it.</summary>
    /// <returns>Null when it may be decoded, else why not.</returns>
    public static string? CheckPixels(int width, int height, long bytes, long maxPixels)
    {
        var pixels = (long)width * height;
        if (pixels > maxPixels) return string.Create(CultureInfo.InvariantCulture, $"The image has {width} x {height} pixels; at most {maxPixels / 1_000_000} million are taken.");
        return pixels > AbsurdAbovePixels && pixels / Math.Max(1, bytes) > AbsurdPixelsPerByte
            ? string.Create(CultureInfo.InvariantCulture, $"The image promises {width} x {height} pixels in {bytes} bytes; that is not believed.") : null;
    }

    /// <summary>A name to show and to save under: without folders, without signs that are not seen or turn the writing direction.</summary>
    public static string CleanName(string? name)
    {
        if (name is null) return DefaultName;
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new StringBuilder(Math.Min(last.Length, MaxNameLength));
        foreach (var rune in last.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MaxNameLength) break;
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned || rune == Rune.ReplacementChar) continue;
            clean.Append(rune.ToString());
        }

        var trimmed = clean.ToString().Trim(' ', '.');
        return trimmed.Length == 0 ? DefaultName : trimmed;
    }

    /// <summary>Reads what a client attaches.</summary>
    /// <returns>The requests, or what is wrong with them.</returns>
    internal static (IReadOnlyList<AttachmentRequest>? Requests, string? Why) Read(string attachments)
    {
        using var document = JsonDocument.Parse(attachments);
        var count = document.RootElement.GetArrayLength();
        if (count > MaxPerMessage) return (null, string.Create(CultureInfo.InvariantCulture, $"A message carries at most {MaxPerMessage} attachments."));
        var requests = new List<AttachmentRequest>(count);
        foreach (var item in document.RootElement.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("id"u8, out var id) || id.ValueKind != JsonValueKind.String)
                return (null, "An attachment is an object with the id of a finished upload.");
            string? name = null;
            long? duration = null;
            if (item.TryGetProperty("name"u8, out var named) && named.ValueKind != JsonValueKind.Null)
            {
                if (named.ValueKind != JsonValueKind.String) return (null, "The name of an attachment must be a string.");
                name = named.GetString();
            }

            if (item.TryGetProperty("duration_ms"u8, out var length) && length.ValueKind != JsonValueKind.Null)
            {
                if (length.ValueKind != JsonValueKind.Number || !length.TryGetInt64(out var number) || number is < 0 or > MaxDurationMs)
                    return (null, "duration_ms must be a whole number of milliseconds, at most a day.");
                duration = number;
            }

            if (requests.Exists(request => request.Id == id.GetString())) return (null, "An attachment is named twice.");
            requests.Add(new AttachmentRequest(id.GetString()!, name, duration));
        }

        return (requests, null);
    }
}
