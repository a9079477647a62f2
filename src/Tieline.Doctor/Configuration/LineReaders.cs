using System.Text.RegularExpressions;

namespace Tieline.Doctor.Configuration;

/// <summary>
/// Proxies whose few relevant settings are read line by line: nothing is edited in their files, a person does that.
/// </summary>
internal sealed partial class LineReader(string proxy, Regex recognizes, Func<ConfigText, int, bool> listens, IReadOnlyList<LineRule> rules) : IConfigReader
{
    public string Proxy => proxy;

    public bool Recognizes(ConfigText file) => recognizes.IsMatch(file.Text);

    public Reading Read(ConfigText file, ReadingQuestion question)
    {
        if (!listens(file, question.Port)) return new Reading(proxy) { MainFile = file.Path };
        var clues = new List<Clue>();
        var text = Uncommented(file.Text);
        foreach (var rule in rules)
        {
            var match = rule.Pattern.Match(text);
            if (match.Success != rule.Present) continue;
            var saw = match.Success ? $"{file.Where(match.Index)}: {Probes.Answer.OneLine(match.Value)}" : $"{file.Path}: {rule.Missing}";
            clues.Add(new(rule.Cause, rule.Weight, saw) { Remedy = rule.Remedy });
        }
        var ups = Upstream().Matches(text).Select(m => m.Groups["host"].Value + ":" + m.Groups["port"].Value).Distinct().Where(u => !u.EndsWith($":{question.Port}", StringComparison.Ordinal)).ToList();
        return new Reading(proxy) { MainFile = file.Path, Listens = true, Clues = clues, Upstreams = ups, ForwardsUpgrade = clues.Any(c => c.Cause == "proxy.upgrade_headers_missing") ? false : null };
    }

    /// <summary>Comments blanked out, offsets kept.</summary>
    private static string Uncommented(string text) => Comment().Replace(text, m => new string(' ', m.Length));

    [GeneratedRegex(@"(?m)^\s*(#|//).*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?<host>127\.0\.0\.\d+|localhost|\d+\.\d+\.\d+\.\d+)""?[\]\s]*(?:[:;,]|""\s*,|"";)\s*(?:""port""\s*=>\s*|\.port\s*=\s*""?|port\s*=\s*""?)?(?<port>\d{2,5})")]
    private static partial Regex Upstream();

    public static IReadOnlyList<IConfigReader> All { get; } =
    [
        new LineReader("varnish", Vcl(), (_, _) => true,
        [
            new("proxy.upgrade_headers_missing", 90, PassNotPipe(), true, "", "return (pipe) for requests with Upgrade, before any pass or hash"),
            new("proxy.upgrade_headers_missing", 80, Pipe(), false, "no return (pipe)", "return (pipe) for requests with Upgrade"),
            new("proxy.upgrade_headers_missing", 80, PipeCopies(), false, "vcl_pipe does not copy Upgrade", "set bereq.http.upgrade = req.http.upgrade and the same for connection in vcl_pipe"),
            new("proxy.connection_header_wrong", 80, PipeConnection(), false, "vcl_pipe does not copy Connection", "set bereq.http.connection = req.http.connection in vcl_pipe"),
            new("proxy.path_rewritten", 80, SetUrl(), true, "", "leave req.url as it is for the socket's path"),
            new("proxy.maintenance", 70, Synth503(), true, "", "end maintenance"),
            new("policy.ip_denied", 70, Synth403(), true, "", "let the client in"),
            new("proxy.cached_error", 70, Lookup(), true, "", "return (pipe) for the socket's path"),
            new("tunnel.idle_timeout", 60, PipeTimeout(), true, "", "a longer pipe_timeout"),
        ]),
        new LineReader("lighttpd", Lighttpd(), (f, port) => f.Text.Contains($"{port}", StringComparison.Ordinal),
        [
            new("proxy.upgrade_headers_missing", 90, LightUpgrade(), false, "proxy.header without \"upgrade\" => \"enable\"", "proxy.header = (\"upgrade\" => \"enable\")"),
            new("proxy.path_rewritten", 70, LightRewrite(), true, "", "leave the path as it is"),
            new("proxy.redirect_https", 80, LightRedirect(), true, "", "wss:// in the client"),
            new("policy.ip_denied", 80, LightDeny(), true, "", "let the client in"),
            new("policy.basic_auth", 80, LightAuth(), true, "", "no password for the socket's path"),
            new("tunnel.idle_timeout", 60, LightTimes(), true, "", "longer times"),
            new("proxy.location_mismatch", 50, LightCondition(), true, "", "a condition that covers the socket's path"),
            new("limit.connections", 70, LightLimit(), true, "", "a larger limit"),
        ]),
        new LineReader("h2o", H2o(), (f, port) => f.Text.Contains($"{port}", StringComparison.Ordinal),
        [
            new("proxy.upgrade_headers_missing", 90, H2oSocket(), false, "proxy.websocket is not ON", "proxy.websocket: ON"),
            new("tunnel.idle_timeout", 70, H2oTimeout(), true, "", "a longer proxy.websocket.timeout"),
            new("proxy.host_not_forwarded", 60, H2oHost(), false, "no proxy.preserve-host: ON", "proxy.preserve-host: ON"),
            new("upstream.tls_to_plain", 70, H2oTls(), true, "", "http:// to the server"),
            new("proxy.redirect_https", 70, H2oRedirect(), true, "", "wss:// in the client"),
        ]),
        new LineReader("hitch", Hitch(), (f, port) => f.Text.Contains($"{port}", StringComparison.Ordinal),
        [
            new("upstream.proxy_protocol_unexpected", 90, HitchProxy(), true, "", "write-proxy-v2 = off"),
            new("proxy.alpn_h2_without_backend", 90, HitchAlpn(), true, "", "alpn-protos = \"http/1.1\""),
            new("tls.old_protocol", 80, HitchOld(), true, "", "TLSv1.2 TLSv1.3"),
        ]),
        new LineReader("stunnel", Stunnel(), (f, port) => f.Text.Contains($"{port}", StringComparison.Ordinal),
        [
            new("upstream.proxy_protocol_unexpected", 90, StunnelProxy(), true, "", "no protocol = proxy"),
            new("tls.client_cert_required", 80, StunnelVerify(), true, "", "no client certificate"),
            new("tunnel.idle_timeout", 80, StunnelIdle(), true, "", "a longer TIMEOUTidle"),
        ]),
        new LineReader("squid", Squid(), (f, port) => f.Text.Contains($"{port}", StringComparison.Ordinal),
        [
            new("proxy.upgrade_headers_missing", 80, SquidUpgrade(), false, "no http_upgrade_request_protocols", "http_upgrade_request_protocols websocket allow all"),
            new("client.forward_proxy_denies", 60, SquidConnect(), true, "", "allow CONNECT to the port"),
            new("client.forward_proxy_auth", 60, SquidAuth(), true, "", "credentials for the client"),
        ]),
    ];
}

/// <summary>A line that speaks for a cause, by being there or by being absent.</summary>
internal sealed record LineRule(string Cause, int Weight, Regex Pattern, bool Present, string Missing, string Remedy);
