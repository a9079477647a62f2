using System.Text.RegularExpressions;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal enum SpeakerKind { Unknown, Application, Proxy, Cdn }

/// <summary>Who wrote an answer. The Server header names the last hop, not the author; the body and its style do.</summary>
internal sealed partial record Speaker(SpeakerKind Kind, string Name)
{
    private static readonly Speaker _application = new(SpeakerKind.Application, "the application");
    private static readonly Speaker _unknown = new(SpeakerKind.Unknown, "someone");

    public bool IsApplication => Kind == SpeakerKind.Application;

    public bool IsProxy => Kind is SpeakerKind.Proxy or SpeakerKind.Cdn;

    public static Speaker Of(Answer? answer)
    {
        if (answer is null || !answer.HasStatus) return _unknown;
        if (answer["X-Tieline"] is not null || answer["X-Backend"] is not null) return _application;
        if (answer["cf-mitigated"] is not null || (answer["CF-RAY"] is not null && (answer.Status >= 520 || answer.BodyHas("error code:")))) return new(SpeakerKind.Cdn, "Cloudflare");
        var server = answer["Server"] ?? "";
        foreach (var (name, body, header) in _pages)
            if (body.IsMatch(answer.Body) && (header.Length == 0 || server.Contains(header, StringComparison.OrdinalIgnoreCase))) return new(SpeakerKind.Proxy, name);
        if (answer["X-Squid-Error"] is not null) return new(SpeakerKind.Proxy, "squid");
        if (server.Contains("awselb", StringComparison.OrdinalIgnoreCase)) return new(SpeakerKind.Cdn, "an AWS load balancer");
        var type = answer["Content-Type"] ?? "";
        if (type.Contains("json", StringComparison.OrdinalIgnoreCase) || answer.Body.StartsWith('{')) return _application;
        if (AppServers().IsMatch(server) || FrameworkPage().IsMatch(answer.Body)) return _application;
        if (answer.Body.Length == 0) return Empty(answer, server);
        if (type.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase)) return _application;
        return _unknown;
    }

    /// <summary>An empty body has no style. Caddy and HAProxy are silent themselves; elsewhere it is the application's.</summary>
    private static Speaker Empty(Answer answer, string server)
    {
        if (server.Equals("Caddy", StringComparison.OrdinalIgnoreCase)) return new(SpeakerKind.Proxy, "caddy");
        if (answer.Status is >= 300 and < 400 && server.Length == 0) return _unknown;
        return server.Length == 0 ? _unknown : _application;
    }

    // Each is the default error page of one program; an operator's own pages are nobody's and stay unknown.
    private static readonly (string Name, Regex Body, string Header)[] _pages =
    [
        ("nginx", NginxPage(), ""),
        ("apache", ApachePage(), ""),
        ("apache", HtmlPage(), "Apache"),
        ("haproxy", HaproxyPage(), ""),
        ("varnish", VarnishPage(), ""),
        ("lighttpd", LighttpdPage(), ""),
        ("python's http.server", PythonPage(), ""),
        ("envoy", EnvoyPage(), ""),
        ("traefik", TraefikPage(), ""),
        ("squid", SquidPage(), ""),
        ("h2o", H2oPage(), "h2o"),
        ("IIS", IisPage(), ""),
    ];

    [GeneratedRegex(@"<center>(nginx|openresty|tengine)|<title>Welcome to nginx", RegexOptions.IgnoreCase)]
    private static partial Regex NginxPage();

    [GeneratedRegex(@"^<!DOCTYPE HTML PUBLIC ""-//IETF//DTD HTML 2\.0//EN"">|<address>Apache|Apache2 \w+ Default Page", RegexOptions.IgnoreCase)]
    private static partial Regex ApachePage();

    [GeneratedRegex(@"^<!DOCTYPE HTML PUBLIC ""-//W3C//DTD HTML 4\.01//EN""", RegexOptions.IgnoreCase)]
    private static partial Regex HtmlPage();

    [GeneratedRegex(@"^\s*<html><body><h1>\d{3} [\w -]+</h1>\s", RegexOptions.IgnoreCase)]
    private static partial Regex HaproxyPage();

    [GeneratedRegex("Varnish cache server|Guru Meditation", RegexOptions.IgnoreCase)]
    private static partial Regex VarnishPage();

    [GeneratedRegex(@"^<\?xml version=""1\.0"" encoding=""iso-8859-1""\?>\s*<!DOCTYPE html PUBLIC ""-//W3C//DTD XHTML 1\.0 Transitional//EN""|<h1>\d{3} [^<]+</h1>\s*</body>\s*</html>\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex LighttpdPage();

    [GeneratedRegex("<h1>Error response</h1>|<title>Directory listing for ", RegexOptions.IgnoreCase)]
    private static partial Regex PythonPage();

    [GeneratedRegex("^(upstream connect error|no healthy upstream|upstream request timeout)", RegexOptions.IgnoreCase)]
    private static partial Regex EnvoyPage();

    [GeneratedRegex(@"^404 page not found\s*$")]
    private static partial Regex TraefikPage();

    [GeneratedRegex(@"squid|<div id=""titles"">", RegexOptions.IgnoreCase)]
    private static partial Regex SquidPage();

    [GeneratedRegex(@"^(bad gateway|gateway timeout|not found|file not found|bad request|proxy error|connection failure|I/O error|upstream error|refused|internal server error).{0,60}$", RegexOptions.IgnoreCase)]
    private static partial Regex H2oPage();

    [GeneratedRegex("<title>IIS|Microsoft-HTTPAPI|iisstart", RegexOptions.IgnoreCase)]
    private static partial Regex IisPage();

    // Pages that frameworks write by themselves: Express, Django, Flask, Spring, Tomcat, Rails, Phoenix.
    [GeneratedRegex(@"<pre>Cannot (GET|POST) /|<p>The requested resource was not found on this server\.</p>|^<!doctype html>\s*<html lang=en>\s*<title>\d{3} |Whitelabel Error Page|<h1>HTTP Status \d{3} |<title>The page you were looking for doesn't exist|Phoenix\.Router\.NoRouteError|^400: Bad Request$", RegexOptions.IgnoreCase)]
    private static partial Regex FrameworkPage();

    [GeneratedRegex("uvicorn|kestrel|gunicorn|daphne|hypercorn|werkzeug|express|cowboy|jetty|tomcat|puma|Python/.*websockets|aiohttp|TornadoServer|mosquitto", RegexOptions.IgnoreCase)]
    private static partial Regex AppServers();
}
