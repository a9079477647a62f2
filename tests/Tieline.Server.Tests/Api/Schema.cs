using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tieline.Server.Tests.Api;

/// <summary>As much of JSON Schema as our documents use.</summary>
internal static class Schema
{
    /// <param name="root">The document that references lead into; openapi.json where none is given.</param>
    /// <returns>What is wrong, null when nothing is.</returns>
    public static string? Check(JsonElement schema, JsonElement value, string at = "$", JsonElement? root = null)
    {
        schema = Resolve(schema, root);
        string? In(JsonElement one) => Check(one, value, at, root);
        if (schema.TryGetProperty("anyOf", out var any) && any.EnumerateArray().All(one => In(one) is not null)) return $"{at}: none of anyOf";
        if (schema.TryGetProperty("oneOf", out var some) && some.EnumerateArray().Count(one => In(one) is null) != 1) return $"{at}: not one of oneOf";
        if (schema.TryGetProperty("allOf", out var all) && all.EnumerateArray().Select(In).FirstOrDefault(wrong => wrong is not null) is { } part) return part;
        if (schema.TryGetProperty("const", out var constant) && constant.GetRawText() != value.GetRawText()) return $"{at}: {value} is not {constant}";
        if (schema.TryGetProperty("enum", out var values) && values.EnumerateArray().All(one => one.GetRawText() != value.GetRawText())) return $"{at}: {value} is none of {values}";
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => Is(name, value))) return $"{at}: {value.GetRawText()} is no {type}";
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(value.GetString()!, pattern.GetString()!)) return $"{at}: {value} does not fit {pattern}";
        if (OutOfBounds(schema, value) is { } bound) return $"{at}: {value} is beyond {bound}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => CheckObject(schema, value, at, root),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                value.EnumerateArray().Select((item, i) => Check(items, item, $"{at}[{i}]", root)).FirstOrDefault(wrong => wrong is not null),
            _ => null,
        };
    }

    public static JsonElement Resolve(JsonElement node, JsonElement? root = null)
    {
        while (node.ValueKind == JsonValueKind.Object && node.TryGetProperty("$ref", out var reference))
        {
            node = root ?? ApiDocument.Root;
            foreach (var step in reference.GetString()!.Split('/').Skip(1)) node = node.GetProperty(step);
        }

        return node;
    }

    private static string? CheckObject(JsonElement schema, JsonElement value, string at, JsonElement? root)
    {
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray())
                if (!value.TryGetProperty(name.GetString()!, out _)) return $"{at}: {name} is missing";
        foreach (var property in value.EnumerateObject())
        {
            JsonElement? of = schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(property.Name, out var known) ? known
                : schema.TryGetProperty("additionalProperties", out var more) ? more : null;
            if (of is { } inner && Check(inner, property.Value, $"{at}.{property.Name}", root) is { } wrong) return wrong;
        }

        return null;
    }

    private static string? OutOfBounds(JsonElement schema, JsonElement value)
    {
        (string Name, long Size, int Sign)[] bounds = value.ValueKind switch
        {
            JsonValueKind.String => [("minLength", value.GetString()!.Length, 1), ("maxLength", value.GetString()!.Length, -1)],
            JsonValueKind.Array => [("maxItems", value.GetArrayLength(), -1)],
            JsonValueKind.Number when value.TryGetInt64(out var number) => [("minimum", number, 1), ("maximum", number, -1)],
            _ => [],
        };
        foreach (var (name, size, sign) in bounds)
            if (schema.TryGetProperty(name, out var bound) && (size - bound.GetInt64()) * sign < 0) return $"{name} {bound}";
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
