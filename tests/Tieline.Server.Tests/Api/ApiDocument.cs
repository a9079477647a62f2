using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Tieline.Server.Tests.Api;

/// <summary>protocol/openapi.json, read where it stands.</summary>
internal static class ApiDocument
{
    public static JsonElement Root { get; } = JsonDocument.Parse(File.ReadAllText(Find("openapi.json"))).RootElement;

    public static IEnumerable<ApiOperation> Operations =>
        from path in Root.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select new ApiOperation(operation.Name.ToUpperInvariant(), path.Name, operation.Value);

    public static JsonElement Resolve(JsonElement node) => Schema.Resolve(node);

    public static string Find(string file, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "protocol", file));
}

internal sealed record ApiOperation(string Method, string Path, JsonElement Node)
{
    public bool NeedsToken => Node.GetProperty("security").GetArrayLength() > 0;

    public bool IsLine => Path is "/api/chat/stream" or "/api/chat/ws/{userId}";

    public IEnumerable<JsonElement> Parameters => Node.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];

    public JsonElement? Body => Node.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/json", out var json)
        ? json.GetProperty("schema") : null;

    public bool Documents(int status) => Node.GetProperty("responses").TryGetProperty($"{status}", out _);

    /// <summary>The schema of an answer, null where it is not JSON.</summary>
    public JsonElement? Answer(int status) =>
        ApiDocument.Resolve(Node.GetProperty("responses").GetProperty($"{status}")).TryGetProperty("content", out var content)
        && content.TryGetProperty("application/json", out var json) ? json.GetProperty("schema") : null;

    public override string ToString() => $"{Method} {Path}";
}
