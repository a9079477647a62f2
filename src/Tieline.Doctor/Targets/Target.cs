namespace Tieline.Doctor.Targets;

/// <summary>The socket under examination: where it is, its path, and the token that opens it.</summary>
internal sealed record Target
{
    public required Endpoint Front { get; init; }

    /// <summary>Path without query, as it goes over the wire.</summary>
    public required string Path { get; init; }

    /// <summary>Query parameters other than the token, without the question mark.</summary>
    public string OtherQuery { get; init; } = "";

    /// <summary>Name of the parameter that carries the token.</summary>
    public string TokenName { get; init; } = "token";

    public string? Token { get; init; }

    /// <summary>The address for a reader: never with the token.</summary>
    public string Display => Front + Path + (Query(Token is null ? null : "***") is { Length: > 0 } q ? "?" + q : "");

    public string PathWith(string? token) => Query(token) is { Length: > 0 } q ? $"{Path}?{q}" : Path;

    /// <summary>The path of the live line, token included.</summary>
    public string FullPath => PathWith(Token);

    /// <summary>Another path with the same query and token.</summary>
    public string WithPath(string path) => (this with { Path = path }).FullPath;

    /// <summary>Folder of the path: <c>/api/chat/ws/</c> of <c>/api/chat/ws/bob</c>.</summary>
    public string Folder => Path[..(Path.LastIndexOf('/') + 1)];

    /// <summary>One folder higher.</summary>
    public string Parent => Folder.Length <= 1 ? "/" : Folder[..(Folder.TrimEnd('/').LastIndexOf('/') + 1)];

    private string Query(string? token)
    {
        var parts = new List<string>();
        if (OtherQuery.Length > 0) parts.Add(OtherQuery);
        if (token is not null) parts.Add($"{TokenName}={token}");
        return string.Join('&', parts);
    }

    private static readonly string[] _tokenNames = ["token", "access_token", "ticket", "auth", "jwt", "key", "apikey", "api_key"];

    /// <summary>Reads the address; null with a reason when it is no address of a socket.</summary>
    public static Target? Parse(string text, string? token, out string why)
    {
        why = "";
        if (!text.Contains("://", StringComparison.Ordinal)) text = "wss://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("ws" or "wss" or "http" or "https") || uri.Host.Length == 0)
        {
            why = $"'{Probes.Answer.Clip(text.Split('?')[0], 120)}' is not an address like wss://chat.example.org/api/chat/ws/bob.";
            return null;
        }
        var name = "token";
        string? found = null;
        var others = new List<string>();
        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var key = part.Split('=')[0];
            if (found is null && _tokenNames.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                name = key;
                found = part.Length > key.Length ? part[(key.Length + 1)..] : "";
            }
            else
            {
                others.Add(part);
            }
        }
        return new Target
        {
            Front = Endpoint.Of(uri),
            Path = uri.AbsolutePath,
            OtherQuery = string.Join('&', others),
            TokenName = name,
            Token = token is null ? found : Uri.EscapeDataString(token),
        };
    }
}
