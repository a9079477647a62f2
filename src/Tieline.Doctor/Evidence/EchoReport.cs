using System.Text.Json;

namespace Tieline.Doctor.Evidence;

/// <summary>What the application says it received, from the diagnostic echo.</summary>
internal sealed record EchoReport
{
    public string App { get; init; } = "";
    public string Id { get; init; } = "";
    public string Url { get; init; } = "";
    public string Http { get; init; } = "";
    /// <summary>Whether the server took the request for an upgrade; null where the echo does not say.</summary>
    public bool? UpgradeEvent { get; init; }

    public IReadOnlyList<Probes.Header> Headers { get; init; } = [];

    /// <summary>Whether a token came with the request, where the echo says so instead of repeating the address.</summary>
    public bool? HasToken { get; init; }

    public bool Received(string parameter) => HasToken ?? Url.Contains(parameter + "=", StringComparison.Ordinal);

    public string? this[string name]
    {
        get
        {
            foreach (var h in Headers)
                if (h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return h.Value;
            return null;
        }
    }

    public bool HasUpgrade => this["Upgrade"]?.Contains("websocket", StringComparison.OrdinalIgnoreCase) == true;

    public bool HasConnectionUpgrade => this["Connection"]?.Contains("upgrade", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Proxies on the way, as far as they say so.</summary>
    public int Hops => this["X-Forwarded-For"]?.Split(',', StringSplitOptions.RemoveEmptyEntries).Length ?? 0;

    public static EchoReport? Parse(string body)
    {
        if (!body.Contains("\"saw\"", StringComparison.Ordinal)) return null;
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("saw", out var saw) || saw.ValueKind != JsonValueKind.Object) return null;
            return new EchoReport
            {
                App = Text(root, "app"),
                Id = Text(root, "id"),
                Url = Text(saw, "url"),
                Http = Text(saw, "http").Replace("HTTP/", "", StringComparison.OrdinalIgnoreCase),
                HasToken = saw.TryGetProperty("token", out var token) && token.ValueKind is JsonValueKind.True or JsonValueKind.False ? token.GetBoolean() : null,
                UpgradeEvent = saw.TryGetProperty("upgradeEvent", out var up) && up.ValueKind is JsonValueKind.True or JsonValueKind.False ? up.GetBoolean() : null,
                Headers = saw.TryGetProperty("headers", out var headers) ? HeadersOf(headers) : [],
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static List<Probes.Header> HeadersOf(JsonElement headers)
    {
        var list = new List<Probes.Header>();
        if (headers.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in headers.EnumerateObject()) list.Add(new(property.Name, property.Value.ToString()));
        }
        else if (headers.ValueKind == JsonValueKind.Array)
        {
            foreach (var pair in headers.EnumerateArray())
                if (pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2) list.Add(new(pair[0].ToString(), pair[1].ToString()));
        }
        return list;
    }
}
