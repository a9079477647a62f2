using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tieline.Server.Diagnosis;

/// <summary>The part of a request that tells what stands between the client and here. An allow-list: what is not named is not kept.</summary>
internal sealed record SeenRequest(string Method, string Path, string HttpVersion, bool UpgradeRequested, bool HasToken, bool HasTicket,
    IReadOnlyList<KeyValuePair<string, string>> Headers, IReadOnlyList<KeyValuePair<string, string>> Addresses)
{
    private const int MaxValue = 512;

    private static readonly string[] _told =
        ["Upgrade", "Connection", "Host", "Origin", "Via", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix",
         "Sec-WebSocket-Version", "Sec-WebSocket-Extensions"];

    private static readonly string[] _toldToOperator = ["X-Forwarded-For", "X-Real-IP", "Forwarded"];

    public static SeenRequest From(HttpContext context)
    {
        var request = context.Request;
        var headers = Pick(request.Headers, _told);
        // Only that it is there, and only which protocols beside the token's.
        if (request.Headers.ContainsKey("Sec-WebSocket-Key")) headers.Add(new("Sec-WebSocket-Key", "(present)"));
        if (request.Headers.TryGetValue("Sec-WebSocket-Protocol", out var protocols)) headers.Add(new("Sec-WebSocket-Protocol", MaskProtocols(protocols.ToString())));
        return new SeenRequest(request.Method, Cut(Masking.Mask(request.Path.Value ?? "")), request.Protocol,
            headers.Any(header => header.Key == "Upgrade"), HasTokenIn(request), request.Query.ContainsKey("ticket"), headers, Pick(request.Headers, _toldToOperator));
    }

    public static string MaskProtocols(string protocols) => string.Join(", ", protocols.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(protocol => protocol.StartsWith("bearer.", StringComparison.OrdinalIgnoreCase) ? "bearer.(masked)" : Cut(Masking.Mask(protocol))));

    /// <summary>The shape that the doctor reads from any backend: <c>{method, url, http, upgradeEvent, headers}</c>, and what else is known.</summary>
    public void Write(Utf8JsonWriter json, bool toOperator)
    {
        json.WriteString("method", Method);
        json.WriteString("url", Path);
        json.WriteString("http", HttpVersion.Replace("HTTP/", "", StringComparison.Ordinal));
        json.WriteBoolean("upgradeEvent", UpgradeRequested);
        json.WriteBoolean("token", HasToken);
        json.WriteBoolean("ticket", HasTicket);
        json.WriteStartObject("headers");
        foreach (var (name, value) in Headers) json.WriteString(name.ToLowerInvariant(), value);
        if (toOperator)
            foreach (var (name, value) in Addresses) json.WriteString(name.ToLowerInvariant(), value);
        json.WriteEndObject();
    }

    private static bool HasTokenIn(HttpRequest request) =>
        request.Query.ContainsKey("token") || request.Headers.ContainsKey("Authorization")
        || request.Headers.SecWebSocketProtocol.ToString().Contains("bearer.", StringComparison.OrdinalIgnoreCase);

    private static List<KeyValuePair<string, string>> Pick(IHeaderDictionary headers, string[] names) =>
        [.. names.Where(headers.ContainsKey).Select(name => new KeyValuePair<string, string>(name, Cut(Masking.Mask(headers[name].ToString()))))];

    private static string Cut(string value) => value.Length <= MaxValue ? value : value[..MaxValue] + "...";
}
