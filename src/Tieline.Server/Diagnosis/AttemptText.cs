using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Tieline.Server.Diagnosis;

/// <summary>An attempt as one node keeps it for the others.</summary>
internal static class AttemptText
{
    public static string Write(Attempt attempt)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            var seen = attempt.Request;
            json.WriteStartObject();
            json.WriteString("at", attempt.At);
            json.WriteNumber("status", attempt.Status);
            json.WriteString("result", attempt.Result);
            json.WriteNumber("frames", attempt.FramesSent);
            if (attempt.CloseCode is { } code) json.WriteNumber("code", code);
            if (attempt.Reason is { } reason) json.WriteString("reason", reason);
            json.WriteString("method", seen.Method);
            json.WriteString("path", seen.Path);
            json.WriteString("http", seen.HttpVersion);
            json.WriteBoolean("upgrade", seen.UpgradeRequested);
            json.WriteBoolean("token", seen.HasToken);
            json.WriteBoolean("ticket", seen.HasTicket);
            Write(json, "headers", seen.Headers);
            Write(json, "addresses", seen.Addresses);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <returns>Null for what a newer or older node wrote in another way.</returns>
    public static Attempt? Read(string id, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var json = document.RootElement;
            var seen = new SeenRequest(Text("method"), Text("path"), Text("http"), Flag("upgrade"), Flag("token"), Flag("ticket"), Pairs("headers"), Pairs("addresses"));
            return new Attempt(id, json.GetProperty("at").GetDateTimeOffset(), seen)
            {
                Status = json.GetProperty("status").GetInt32(),
                Result = Text("result"),
                FramesSent = json.GetProperty("frames").GetInt32(),
                CloseCode = json.TryGetProperty("code", out var code) ? code.GetInt32() : null,
                Reason = json.TryGetProperty("reason", out var reason) ? reason.GetString() : null,
            };

            string Text(string name) => json.GetProperty(name).GetString()!;
            bool Flag(string name) => json.GetProperty(name).GetBoolean();
            List<KeyValuePair<string, string>> Pairs(string name) => [.. json.GetProperty(name).EnumerateObject().Select(field => new KeyValuePair<string, string>(field.Name, field.Value.GetString()!))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in pairs) json.WriteString(key, value);
        json.WriteEndObject();
    }
}
