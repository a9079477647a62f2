using System.Globalization;
using System.Text;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Api;

/// <summary>Requests made up from the document, right ones and wrong ones, each run by a seed that is printed.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int PerOperation = 40;
    private static readonly string[] _texts = ["", "hi", "ada", "bob", "me", "_diag", "null", "0", "-1", "99999999999999999999", "é🍽\u0000\u202e", "' OR 1=1 --", "\"*", "..", "%2e%2e/", "a.b.c.1", "2026-01-02", "\ufffd"];
    private static readonly string[] _bodies = ["", "{", "[]", "null", "\"x\"", "1e999", "{\"type\":1}", "{\"a\":{\"a\":{\"a\":[]}}}", "{\"client_id\":\"\\ud800\"}", "\ufeff{}"];

    [Fact]
    public async Task Nothing_undocumented_is_answered_whatever_comes()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TIELINE_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"TIELINE_FUZZ_SEED={seed}");
        var random = new Random(seed);
        await using var server = await RunningServer.StartAsync(options => options with { SendsPerSecond = 0, PeoplePerMinute = 0 });
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        var conversation = (await ada.SendAsync(bob, "hi")).GetProperty("conversation").GetString()!;
        var (wrong, answered) = (new List<string>(), new HashSet<int>());

        foreach (var operation in ApiDocument.Operations.Where(operation => !operation.IsLine))
        {
            for (var i = 0; i < PerOperation; i++)
            {
                var address = AddressOf(operation, random, conversation);
                var body = operation.Body is { } schema ? random.Next(3) == 0 ? Pick(_bodies, random) : Make(schema, random, conversation, 0) : null;
                var token = random.Next(12) == 0 ? "bad" : random.Next(2) == 0 ? ada.Token : bob.Token;
                var answer = await Answer.ToAsync(server, operation.Method, address, token, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));
                answered.Add(answer.Status);
                if (WrongWith(operation, answer) is { } why) wrong.Add($"{operation.Method} {address} {body}: {why}");
            }
        }

        wrong.ShouldBeEmpty($"TIELINE_FUZZ_SEED={seed}. Where a status is meant, add it to the operation's responses in protocol/openapi.json.\n" + string.Join('\n', wrong.Take(20)));
        foreach (var status in (int[])[200, 204, 400, 401, 404]) answered.ShouldContain(status);
    }

    private static string? WrongWith(ApiOperation operation, Answer answer)
    {
        if (answer.Header("X-Tieline") is null) return $"{answer.Status} without X-Tieline: {answer.Text}";
        // Made-up segments of a path can lead to another route of the same depth, or to none.
        if (answer.Status is 404 or 405 && operation.Path.Contains('{', StringComparison.Ordinal)) return null;
        if (answer.Status == 500 || !operation.Documents(answer.Status)) return $"{answer.Status} {answer.Text}";
        if (operation.Answer(answer.Status) is not { } schema || answer.Header("Content-Type")?.StartsWith("application/json", StringComparison.Ordinal) != true) return null;
        return operation.Path.Contains('{', StringComparison.Ordinal) && answer.Status == 200 ? null : Schema.Check(schema, answer.Json) is { } fault ? $"{answer.Status} is not as documented: {fault}" : null;
    }

    private static string AddressOf(ApiOperation operation, Random random, string conversation)
    {
        var (path, query) = (operation.Path, new StringBuilder());
        foreach (var parameter in operation.Parameters)
        {
            var (name, at) = (parameter.GetProperty("name").GetString()!, parameter.GetProperty("in").GetString());
            var text = Value(parameter.GetProperty("schema"), name, random, conversation);
            // A zero in a path is refused by Kestrel itself, before there is a request that we could answer.
            text = at == "path" ? text.Replace("\0", "", StringComparison.Ordinal) : text;
            if (at == "path") path = path.Replace($"{{{name}}}", Uri.EscapeDataString(text.Length == 0 || text.Trim('.').Length == 0 ? "x" : text), StringComparison.Ordinal);
            else if (random.Next(3) > 0) query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(text));
        }

        return path + query;
    }

    private static string Value(JsonElement schema, string name, Random random, string conversation)
    {
        if (name == "wait") return "0";
        if (random.Next(4) == 0) return Pick(_texts, random);
        if (schema.TryGetProperty("enum", out var values)) return values[random.Next(values.GetArrayLength())].ToString();
        if (schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "integer") return random.Next(300).ToString(CultureInfo.InvariantCulture);
        return name switch { "conversation" => conversation, "userId" => random.Next(2) == 0 ? "ada" : "bob", _ => Pick(_texts, random) };
    }

    /// <summary>JSON that the schema allows, mostly.</summary>
    private static string Make(JsonElement schema, Random random, string conversation, int depth)
    {
        schema = ApiDocument.Resolve(schema);
        if (depth > 4 || random.Next(20) == 0) return Pick(["null", "true", "-1", "1.5", "\"x\"", "[]", "{}", "18446744073709551616"], random);
        foreach (var choice in (string[])["anyOf", "oneOf", "allOf"])
            if (schema.TryGetProperty(choice, out var options)) return Make(options[random.Next(options.GetArrayLength())], random, conversation, depth);
        if (schema.TryGetProperty("enum", out var values)) return values[random.Next(values.GetArrayLength())].GetRawText();
        if (schema.TryGetProperty("properties", out var properties))
        {
            var fields = properties.EnumerateObject().Where(_ => random.Next(4) > 0)
                .Select(field => $"\"{field.Name}\":{(field.Name == "conversation" && random.Next(4) > 0 ? $"\"{conversation}\"" : Make(field.Value, random, conversation, depth + 1))}");
            return "{" + string.Join(',', fields) + "}";
        }

        var type = schema.TryGetProperty("type", out var types) ? types.ValueKind == JsonValueKind.Array ? types[random.Next(types.GetArrayLength())].GetString() : types.GetString() : "object";
        return type switch
        {
            "string" => JsonSerializer.Serialize(Pick(_texts, random)),
            "integer" => random.Next(-1, 100).ToString(CultureInfo.InvariantCulture),
            "boolean" => random.Next(2) == 0 ? "true" : "false",
            "array" => "[" + string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => schema.TryGetProperty("items", out var items) ? Make(items, random, conversation, depth + 1) : "1")) + "]",
            "null" => "null",
            _ => "{\"x\":1}",
        };
    }

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
