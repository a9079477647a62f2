using System.Text.Json;

namespace Tieline.Server;

/// <summary>What a search wants to know of a message's attachments.</summary>
internal static class SearchedAttachments
{
    public static bool HoldImage(string? attachments)
    {
        if (attachments is null) return false;
        try
        {
            using var document = JsonDocument.Parse(attachments);
            return document.RootElement.ValueKind == JsonValueKind.Array && document.RootElement.EnumerateArray().Any(IsImage);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsImage(JsonElement attachment) => attachment.ValueKind == JsonValueKind.Object
        && attachment.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("image");
}
