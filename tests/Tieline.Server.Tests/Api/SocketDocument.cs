using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tieline.Server.Tests.Api;

/// <summary>protocol/asyncapi.json, read where it stands.</summary>
internal static class SocketDocument
{
    public static JsonElement Root { get; } = JsonDocument.Parse(File.ReadAllText(ApiDocument.Find("asyncapi.json"))).RootElement;

    public static JsonElement Messages => Root.GetProperty("components").GetProperty("messages");

    public static JsonElement Schemas => Root.GetProperty("components").GetProperty("schemas");

    /// <summary>The frames of one side in v2, by type.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Frames(string side) => Messages.EnumerateObject()
        .Where(message => message.Name.StartsWith(side + ".", StringComparison.Ordinal))
        .ToDictionary(message => message.Value.GetProperty("name").GetString()!, message => message.Value.GetProperty("payload"));

    public static JsonElement Payload(string message) => Messages.GetProperty(message).GetProperty("payload");

    public static JsonElement Resolve(JsonElement node) => Schema.Resolve(node, Root);

    public static string? Check(JsonElement schema, JsonElement value) => Schema.Check(schema, value, root: Root);

    public static IEnumerable<string> FieldsOf(JsonElement schema) =>
        Resolve(schema).TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(property => property.Name) : [];

    /// <summary>The JSON types that a schema lets through.</summary>
    public static IEnumerable<string> KindsOf(JsonElement schema)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("oneOf", out var choices)) return choices.EnumerateArray().SelectMany(KindsOf);
        if (schema.TryGetProperty("type", out var type)) return type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];
        if (schema.TryGetProperty("const", out var constant)) return [KindOf(constant)];
        return schema.TryGetProperty("enum", out var values) ? values.EnumerateArray().Select(KindOf) : [];
    }

    public static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "integer",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    /// <summary>Fields that stand in the value and not in its schema, by their path.</summary>
    public static IEnumerable<string> Unknown(JsonElement schema, JsonElement value, string at = "")
    {
        foreach (var (name, inner, field) in Walk(schema, value, at))
        {
            if (inner is not { } known) yield return name;
            else foreach (var deeper in Unknown(known, field, name)) yield return deeper;
        }
    }

    /// <summary>Fields that stand in a schema and not in the value, by their path.</summary>
    public static IEnumerable<string> Missing(JsonElement schema, JsonElement value, string at = "")
    {
        foreach (var (name, inner, field) in Walk(schema, value, at))
            if (inner is { } known) foreach (var deeper in Missing(known, field, name)) yield return deeper;
        if (value.ValueKind != JsonValueKind.Object) yield break;
        foreach (var field in FieldsOf(Part(schema, value)))
            if (!value.TryGetProperty(field, out _)) yield return $"{at}.{field}";
    }

    /// <summary>A value with every field of its schema.</summary>
    public static JsonNode? Sample(JsonElement schema)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("const", out var constant)) return JsonNode.Parse(constant.GetRawText());
        if (schema.TryGetProperty("enum", out var values)) return JsonNode.Parse(values[0].GetRawText());
        if (schema.TryGetProperty("oneOf", out var choices) && !schema.TryGetProperty("properties", out _)) return Sample(choices[0]);
        return KindsOf(schema).FirstOrDefault() switch
        {
            "string" => schema.TryGetProperty("pattern", out var pattern) && pattern.GetString()!.StartsWith("^\\d{4}", StringComparison.Ordinal) ? "2026-03-01T09:30:00.000000Z" : "x",
            "integer" => 7,
            "boolean" => true,
            "array" => new JsonArray(schema.TryGetProperty("items", out var items) ? Sample(items) : null),
            "object" => new JsonObject(FieldsOf(schema).Select(name => KeyValuePair.Create(name, Sample(schema.GetProperty("properties").GetProperty(name))))),
            _ => null,
        };
    }

    private static IEnumerable<(string Name, JsonElement? Schema, JsonElement Value)> Walk(JsonElement schema, JsonElement value, string at)
    {
        schema = Part(schema, value);
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            return value.EnumerateArray().Select(item => ($"{at}[]", (JsonElement?)items, item));
        if (value.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties)) return [];
        return value.EnumerateObject().Select(field => ($"{at}.{field.Name}", properties.TryGetProperty(field.Name, out var known) ? known : (JsonElement?)null, field.Value));
    }

    /// <summary>Of several schemas the one that fits the kind of the value.</summary>
    private static JsonElement Part(JsonElement schema, JsonElement value)
    {
        schema = Resolve(schema);
        return schema.TryGetProperty("oneOf", out var choices) && !schema.TryGetProperty("properties", out _)
            ? Resolve(choices.EnumerateArray().First(one => KindsOf(one).Contains(KindOf(value)))) : schema;
    }
}
