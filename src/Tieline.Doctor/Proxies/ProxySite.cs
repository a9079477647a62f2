namespace Tieline.Doctor.Proxies;

/// <summary>What a proxy configuration is rendered for: one public name in front of one Tieline.</summary>
internal sealed record ProxySite
{
    /// <summary>The public name, for example <c>chat.example.org</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>Host and port of the server behind the proxy, for example <c>127.0.0.1:8000</c>.</summary>
    public required string Upstream { get; init; }

    /// <summary>More nodes of the same store, any of which serves anybody: there is nothing to keep a client on one of them.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    public IReadOnlyList<string> Upstreams => [Upstream, .. Others];

    /// <summary>As the command was given them.</summary>
    public string UpstreamFlags => string.Join(' ', Upstreams.Select(upstream => "--upstream " + upstream));

    /// <summary>Certificate chain (PEM), read by the proxy.</summary>
    public required string Certificate { get; init; }

    /// <summary>Private key (PEM), read by the proxy.</summary>
    public required string Key { get; init; }

    /// <summary>Address to listen on; empty listens on all.</summary>
    public string Address { get; init; } = "";

    /// <summary>Port for TLS.</summary>
    public int HttpsPort { get; init; } = 443;

    /// <summary>Port whose visitors are sent to TLS; 0 leaves that listener out.</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>Access log; null takes the proxy's usual place.</summary>
    public string? AccessLog { get; init; }

    /// <summary>The name in links: without the port where it is the usual one.</summary>
    public string HttpsAuthority => HttpsPort == 443 ? "$host" : $"$host:{HttpsPort}";

    public string UpstreamHost => Upstream[..Upstream.LastIndexOf(':')];

    public string UpstreamPort => Upstream[(Upstream.LastIndexOf(':') + 1)..];

    public string Listen(int port) => Address.Length == 0 ? $"{port}" : $"{Address}:{port}";

    /// <summary>Takes <c>http://127.0.0.1:8000</c>, <c>127.0.0.1:8000</c> or <c>localhost</c>; null when it is none of these.</summary>
    public static string? ParseUpstream(string text)
    {
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : "http://" + text, UriKind.Absolute, out var uri)) return null;
        if (uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/" || uri.Host.Length == 0) return null;
        return $"{uri.Host}:{uri.Port}";
    }

    /// <summary>A domain is written into configuration files, so nothing but a host name may pass.</summary>
    public static bool IsDomain(string text) =>
        text.Length is > 0 and < 254 && Uri.CheckHostName(text) == UriHostNameType.Dns;

    /// <summary>Paths are written into configuration files too: no quotes, line ends or other syntax.</summary>
    public static bool IsPath(string text) =>
        text.Length > 0 && text.All(c => char.IsLetterOrDigit(c) || "/._-+@~".Contains(c, StringComparison.Ordinal));
}
