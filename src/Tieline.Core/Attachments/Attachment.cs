using System.Buffers;
using System.Text;
using System.Text.Json;
using Tieline.Core.Accounts;

namespace Tieline.Core.Attachments;

/// <summary>A finished upload, as the server found it.</summary>
/// <param name="Id">Random; the name of the upload and of the stored file.</param>
/// <param name="Size">Of what is stored, in bytes.</param>
/// <param name="UploadLength">Of what was sent: an image loses its metadata.</param>
/// <param name="Width">Of an image, as shown; null for everything else.</param>
/// <param name="Blur">A tiny picture as a data address, to stand there until the image comes.</param>
public sealed record Attachment(string Id, AccountKey Owner, string Name, string Type, long Size, long UploadLength, int? Width = null, int? Height = null,
    string? Blur = null, bool HasThumb = false)
{
    public bool IsImage => Width is not null;

    private string KindWhen(long? durationMs) =>
        IsImage ? "image" : durationMs is not null && Type.StartsWith("audio/", StringComparison.Ordinal) ? "voice" : "file";

    /// <summary>What a message keeps of it. Addresses are added when it is shown, see <see cref="Shown"/>.</summary>
    internal void Write(Utf8JsonWriter json, AttachmentRequest request)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("kind"u8, KindWhen(request.DurationMs));
        json.WriteString("name"u8, request.Name is { } name ? AttachmentRules.CleanName(name) : Name);
        json.WriteString("type"u8, Type);
        json.WriteNumber("size"u8, Size);
        if (Width is { } width) json.WriteNumber("width"u8, width);
        if (Height is { } height) json.WriteNumber("height"u8, height);
        if (request.DurationMs is { } duration) json.WriteNumber("duration_ms"u8, duration);
        if (Blur is not null) json.WriteString("blur"u8, Blur);
        if (HasThumb) json.WriteBoolean(ThumbField, true);
        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> ThumbField => "thumb"u8;

    /// <summary>The stored description with an address for each file and thumbnail.</summary>
    /// <param name="addressOf">Makes the address of an attachment (true: of its thumbnail).</param>
    public static string Shown(string stored, Func<string, bool, string> addressOf)
    {
        using var document = JsonDocument.Parse(stored);
        var buffer = new ArrayBufferWriter<byte>(stored.Length + 512);
        using (var json = new Utf8JsonWriter(buffer, AttachmentRules.JsonOptions))
        {
            json.WriteStartArray();
            foreach (var attachment in document.RootElement.EnumerateArray())
            {
                var id = attachment.GetProperty("id"u8).GetString()!;
                json.WriteStartObject();
                foreach (var field in attachment.EnumerateObject())
                    if (!field.NameEquals(ThumbField)) field.WriteTo(json);
                json.WriteString("url"u8, addressOf(id, false));
                if (attachment.TryGetProperty(ThumbField, out _)) json.WriteString("thumb_url"u8, addressOf(id, true));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The ids in a stored description.</summary>
    public static IReadOnlyList<string> IdsIn(string stored)
    {
        using var document = JsonDocument.Parse(stored);
        return [.. document.RootElement.EnumerateArray().Select(attachment => attachment.GetProperty("id"u8).GetString()!)];
    }
}

/// <summary>What a client says of an attachment that it sends.</summary>
internal sealed record AttachmentRequest(string Id, string? Name, long? DurationMs);
