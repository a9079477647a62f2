using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>The fields of a frame that arrived as a JSON element; each says which field is at fault.</summary>
internal static class FrameElement
{
    /// <summary>Null where the field is absent or null.</summary>
    public static JsonElement? Optional(this JsonElement json, string field) =>
        json.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string Text(this JsonElement json, string field) => json.OptionalText(field) ?? throw Missing(field);

    public static string? OptionalText(this JsonElement json, string field) =>
        json.Optional(field) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            _ => throw Wrong(field, "a string"),
        };

    public static long Number(this JsonElement json, string field) => json.OptionalNumber(field) ?? throw Missing(field);

    public static long? OptionalNumber(this JsonElement json, string field) =>
        json.Optional(field) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number,
            _ => throw Wrong(field, "a whole number"),
        };

    public static bool Flag(this JsonElement json, string field) =>
        json.Optional(field) switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            null => throw Missing(field),
            _ => throw Wrong(field, "true or false"),
        };

    public static Timestamp Time(this JsonElement json, string field) =>
        Timestamp.TryParse(json.Text(field), out var time) ? time : throw Wrong(field, "a time such as 2026-03-01T09:30:00.000000Z");

    public static JsonElement.ArrayEnumerator Items(this JsonElement json, string field) =>
        json.Optional(field) switch
        {
            { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
            null => throw Missing(field),
            _ => throw Wrong(field, "an array"),
        };

    private static FrameException Missing(string field) => new(WireError.Invalid, $"{field} is missing.");

    private static FrameException Wrong(string field, string expected) => new(WireError.Invalid, $"{field} must be {expected}.");
}
