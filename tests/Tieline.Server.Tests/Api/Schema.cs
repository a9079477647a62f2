using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tieline.Server.Tests.Api;

/// <summary>As much of JSON Schema as our documents use.</summary>
internal static class Schema
{
    /// <returns>What is wrong, null when nothing is.</returns>
    public static string? Check(JsonElement schema, JsonElement value, string at = "$")
    {
        schema = ApiDocument.Resolve(schema);
        if (schema.TryGetProperty("anyOf", out var any) && any.EnumerateArray().All(one => Check(one, value, at) is not null)) return $"{at}: none of anyOf";
        if (schema.TryGetProperty("oneOf", out var some) && some.EnumerateArray().All(one => Check(one, value, at) is not null)) return $"{at}: none of oneOf";
        if (schema.TryGetProperty("allOf", out var all) && all.EnumerateArray().Select(one => Check(one, value, at)).FirstOrDefault(wrong => wrong is not null) is { } part) return part;
        if (schema.TryGetProperty("const", out var constant) && constant.GetRawText() != value.GetRawText()) return $"{at}: {value} is not {constant}";
        if (schema.TryGetProperty("enum", out var values) && values.EnumerateArray().All(one => one.GetRawText() != value.GetRawText())) return $"{at}: {value} is none of {values}";
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => Is(name, value))) return $"{at}: {value.GetRawText()} is no {type}";
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(value.GetString()!, pattern.GetString()!)) return $"{at}: {value} does not fit {pattern}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => CheckObject(schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                value.EnumerateArray().Select((item, i) => Check(items, item, $"{at}[{i}]")).FirstOrDefault(wrong => wrong is not null),
            _ => null,
        };
    }

    private static string? CheckObject(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray())
                if (!value.TryGetProperty(name.GetString()!, out _)) return $"{at}: {name} is missing";
        foreach (var property in value.EnumerateObject())
        {
            JsonElement? of = schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(property.Name, out var known) ? known
                : schema.TryGetProperty("additionalProperties", out var more) ? more : null;
            if (of is { } inner && Check(inner, property.Value, $"{at}.{property.Name}") is { } wrong) return wrong;
        }

        return null;
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];

    private static bool Is(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => false,
    };
}
