using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>v1 knows three card fields; v2 carries any object. The three are stored as one card, so that each protocol shows the other's.</summary>
public static class V1Card
{
    /// <summary>The card that holds the given raw JSON values, null when there is none.</summary>
    public static string? Join(string? postId, string? storyId, string? storyData)
    {
        if (postId is null && storyId is null && storyData is null) return null;
        var fields = new List<string>(3);
        if (postId is not null) fields.Add($"\"post_id\":{postId}");
        if (storyId is not null) fields.Add($"\"story_id\":{storyId}");
        if (storyData is not null) fields.Add($"\"story_data\":{storyData}");
        return $"{{{string.Join(',', fields)}}}";
    }

    /// <summary>The raw JSON values of the three fields, null where the card has none.</summary>
    public static (string? PostId, string? StoryId, string? StoryData) Split(string? card)
    {
        if (card is null) return default;
        using var document = JsonDocument.Parse(card);
        return (Field(document, "post_id"), Field(document, "story_id"), Field(document, "story_data"));
    }

    private static string? Field(JsonDocument card, string name) =>
        card.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : null;
}
