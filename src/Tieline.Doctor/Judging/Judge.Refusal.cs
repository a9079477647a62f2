using System.Text.RegularExpressions;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    /// <summary>A status that is no 101. The first question is who answered.</summary>
    private void JudgeRefusal()
    {
        if (First["Sec-WebSocket-Accept"] is not null)
        {
            _suspects.Add("proxy.status_rewritten", Proven, $"the answer is {First.Status} with Sec-WebSocket-Accept, which only a 101 has");
            return;
        }
        if (JudgeByWords()) return;
        if (First["Age"] is { } age && age != "0" && First.Status >= 400) _suspects.Add("proxy.cached_error", Likely, $"the answer is {age} s old (Age header)");
        if (First.Headers.Any(h => h.Name.Contains("Cache", StringComparison.OrdinalIgnoreCase) && h.Name.StartsWith("X-", StringComparison.OrdinalIgnoreCase) && h.Value.Contains("HIT", StringComparison.OrdinalIgnoreCase)))
            _suspects.Add("proxy.cached_error", Proven, "the answer comes from a cache: " + First.Summary());
        if (file.Again.Any(a => a.Opened) && First.Status is not (429 or 503))
        {
            JudgeFlapping();
            return;
        }
        JudgeVariants();
        if (First.Status is 400 or 403 or 404 or 421 && MentionsHost(First))
        {
            JudgeApplication();
            return;
        }
        var speaker = Speaker.Of(First);
        if (First.Status is >= 300 and < 400) JudgeRedirect(speaker);
        else if (speaker.IsApplication || RefusesUnknownRoutes || (speaker.Kind == SpeakerKind.Unknown && LooksLikeKnownApplication())) JudgeApplication();
        else JudgeProxyPage(speaker);
        JudgeEcho();
    }

    /// <summary>The very same request is refused and let in by turns: two who answer, and they differ.</summary>
    private void JudgeFlapping()
    {
        var saw = $"the same handshake: {First.Summary()}; then {file.Again.Count(a => a.Opened)} of {file.Again.Count} opened";
        if (First.Status is >= 500)
        {
            _suspects.Add("upstream.refused_backend_down", Likely + 20, saw);
            _suspects.Add(Plausible, "upstream.mixed_versions", "upstream.ipv6_intruder", "limit.connections");
            return;
        }
        _suspects.Add("upstream.mixed_versions", Likely + 20, saw);
        _suspects.Add("upstream.ipv6_intruder", Likely);
        _suspects.Add(Possible, "policy.waf", "limit.rate");
    }

    /// <summary>
    /// ASGI servers refuse a socket of an unknown route with 403 and no body, and a GET of it with a 404 in their own words; no proxy
    /// that forbids a path forbids only its upgrade.
    /// </summary>
    private bool RefusesUnknownRoutes =>
        First is { Status: 403, Body.Length: 0 } && Plain is { Status: 404 } get && Speaker.Of(get).IsApplication;

    /// <summary>The application's style is known when it answered elsewhere: the same server header and content type.</summary>
    private bool LooksLikeKnownApplication() =>
        Known is { Status: 200 } known && Speaker.Of(known).IsApplication && known["Content-Type"] == First["Content-Type"] && First.Body.Length > 0;

    /// <summary>One header changed, and it opens: then that header is what somebody looks at.</summary>
    private void JudgeVariants()
    {
        if (file[Probe.Browser] is { Opened: true } && file[Probe.NoCompression] is { Opened: false })
            _suspects.Add("policy.user_agent", Proven, $"with a browser's User-Agent it opens, with the doctor's own: {First.Summary()}");
        if (file[Probe.NoCompression] is { Opened: true } && file[Probe.Browser] is { Opened: false })
            _suspects.Add("tunnel.breaks_compression", Likely, "without permessage-deflate it opens");
        if (file[Probe.ShortToken] is { Fault: Fault.None } shorter && shorter.Status != First.Status && First.Status is 400 or 414 or 431 or 413 or 494)
            _suspects.Add("limit.header_size", Proven, $"with the token of {file.Target.Token!.Length} bytes: {First.Summary()}; with a short one: {shorter.Summary()}");
        if (file[Probe.Fresh] is { Opened: true } && file[Probe.NoCompression] is { Opened: false })
            _suspects.Add("proxy.cached_error", Proven, $"at an address that no cache has seen it opens, here: {First.Summary()}");
        else JudgeNeighbours();
        // A later handshake that opens, though nothing changed, was refused by a counter before.
        if (First.Status is 429) _suspects.Add("limit.rate", Proven, First.Summary());
        else if (First.Status is 503 && file[Probe.Firefox] is { Opened: true }) _suspects.Add("limit.rate", Likely, $"{First.Summary()}; a moment later it opens");
        if (file[Probe.NoToken] is { Fault: Fault.None } bare && file[Probe.WrongToken] is { Fault: Fault.None } wrong &&
            Speaker.Of(First).IsProxy && First.Status is 403 or 406 or 501 && bare.Status != First.Status)
            _suspects.Add("policy.waf", Likely + 20, $"without the token: {bare.Summary()}; with it: {wrong.Summary()}");
    }

    /// <summary>Another id, or a slash more or less, and it opens: then the path is what somebody is particular about.</summary>
    private void JudgeNeighbours()
    {
        var ours = Speaker.Of(First).IsApplication && !SaysUpgradeIsMissing(First);
        foreach (var (probe, kind) in ((Probe, string)[])[(Probe.NeighbourDigits, "a number"), (Probe.NeighbourObjectId, "an id of 24 digits of base 16"), (Probe.NeighbourUuid, "a UUID")])
        {
            if (file[probe] is not { Opened: true }) continue;
            _suspects.Add(ours ? "client.unknown_peer" : "proxy.location_mismatch", Proven, $"with {kind} as the id it opens, {file.Target.Path}: {First.Summary()}");
            break;
        }
        if (file.Usual.FirstOrDefault(u => u.Value.Opened) is { Key: not null } usual)
            _suspects.Add("client.wrong_path", Suspects.SecondFault + 60, $"{usual.Key} opens, {file.Target.Path}: {First.Summary()}");
        if (Known is { Status: 200 } known && file[Probe.Random]?.LooksLike(known) != true && file.Cut.OrderByDescending(c => c.Key.Length).FirstOrDefault(c => c.Value.LooksLike(known)) is { Key: not null } cut)
            _suspects.Add("proxy.path_rewritten", Proven + 10, $"{cut.Key} gets what {Checks.Asks.KnownPath(file)} gets: {cut.Key[..^Checks.Asks.KnownPath(file).Length]} is cut off on the way");
        if (file[Probe.NeighbourSlash] is { Opened: true })
            _suspects.Add(First.Status is >= 300 and < 400 ? "proxy.redirect_path" : ours ? "client.wrong_path" : "proxy.location_mismatch", Proven, $"{(file.Target.Path.EndsWith('/') ? "without" : "with")} a slash at the end it opens, as it is: {First.Summary()}");
    }

    /// <summary>Programs that say in words what is wrong.</summary>
    private bool JudgeByWords()
    {
        var body = First.Body;
        foreach (var (pattern, cause, only) in _words)
        {
            if (!pattern.IsMatch(body) || (only != 0 && First.Status != only)) continue;
            _suspects.Add(cause, Proven - 5, First.Summary());
            return cause is not ("proxy.ws_key_stripped" or "proxy.ws_version_stripped");
        }
        if (First["cf-mitigated"] is not null)
        {
            _suspects.Add("policy.cdn_challenge", Proven, $"cf-mitigated: {First["cf-mitigated"]}");
            return true;
        }
        if (First.Status is >= 520 and <= 527 or 530)
        {
            _suspects.Add("upstream.cdn_origin_down", Proven, First.Summary());
            return true;
        }
        if (First.Status is 414 or 431 or 494)
        {
            _suspects.Add("limit.header_size", Proven, First.Summary());
            return true;
        }
        if (First.Status == 421)
        {
            _suspects.Add("proxy.wrong_vhost", Likely, First.Summary());
            return true;
        }
        return false;
    }

    private static readonly (Regex Pattern, string Cause, int Only)[] _words =
    [
        (NoLibrary(), "backend.no_ws_library", 0),
        (PlainToTls(), "client.plain_to_tls_port", 400),
        (NoClientCertificate(), "tls.client_cert_required", 400),
        (Http2Endpoint(), "backend.http2_only", 0),
        (NoKey(), "proxy.ws_key_stripped", 0),
        (NoVersion(), "proxy.ws_version_stripped", 0),
        (NoSuchServer(), "upstream.dns", 0),
        (NoTlsBehind(), "upstream.tls_to_plain", 0),
        (Challenge(), "policy.cdn_challenge", 403),
        (NoTunnel(), "upstream.cdn_origin_down", 0),
        (TooLarge(), "limit.header_size", 400),
    ];

    [GeneratedRegex("No supported WebSocket library|Unsupported upgrade request", RegexOptions.IgnoreCase)]
    private static partial Regex NoLibrary();

    [GeneratedRegex("plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled|Client sent an HTTP request to an HTTPS server", RegexOptions.IgnoreCase)]
    private static partial Regex PlainToTls();

    [GeneratedRegex("No required SSL certificate|SSL certificate error", RegexOptions.IgnoreCase)]
    private static partial Regex NoClientCertificate();

    [GeneratedRegex(@"HTTP/1\.\w request was sent to an HTTP/2 only", RegexOptions.IgnoreCase)]
    private static partial Regex Http2Endpoint();

    [GeneratedRegex(@"(missing|invalid|bad|no)\b.{0,24}Sec-WebSocket-Key|Sec-WebSocket-Key.{0,24}(missing|invalid)", RegexOptions.IgnoreCase)]
    private static partial Regex NoKey();

    [GeneratedRegex(@"(missing|invalid|unsupported|bad|no)\b.{0,24}Sec-WebSocket-Version|Sec-WebSocket-Version.{0,24}(missing|invalid)", RegexOptions.IgnoreCase)]
    private static partial Regex NoVersion();

    [GeneratedRegex("Error during SSL Handshake with remote server", RegexOptions.IgnoreCase)]
    private static partial Regex NoTlsBehind();

    [GeneratedRegex("DNS lookup failure for", RegexOptions.IgnoreCase)]
    private static partial Regex NoSuchServer();

    [GeneratedRegex("Just a moment\\.\\.\\.|challenge-platform|Attention Required", RegexOptions.IgnoreCase)]
    private static partial Regex Challenge();

    [GeneratedRegex(@"^\s*Tunnel \S+ not found|ERR_NGROK_3200|Argo Tunnel error|endpoint .{0,60} is offline", RegexOptions.IgnoreCase)]
    private static partial Regex NoTunnel();

    [GeneratedRegex("Request Header Or Cookie Too Large|Size of a request header field exceeds", RegexOptions.IgnoreCase)]
    private static partial Regex TooLarge();

    private void JudgeRedirect(Speaker speaker)
    {
        var location = First["Location"] ?? "";
        var saw = $"{First.Status} to {Answer.Clip(location.Split('?')[0], 120)}";
        var front = file.Target.Front;
        if (!Uri.TryCreate(new Uri($"{(Secure ? "https" : "http")}://{front.Authority}{file.Target.Path}"), location, out var to))
        {
            _suspects.Add("proxy.redirect_path", Plausible, saw);
            return;
        }
        var sameHost = to.IdnHost.Equals(front.Host, StringComparison.OrdinalIgnoreCase);
        if (sameHost && to.AbsolutePath.TrimEnd('/') == file.Target.Path.TrimEnd('/') && to.AbsolutePath != file.Target.Path)
        {
            _suspects.Add("proxy.redirect_path", Proven, saw);
        }
        else if (sameHost && to.Scheme is "https" or "wss" && !Secure)
        {
            _suspects.Add("proxy.redirect_https", Proven, saw);
        }
        else if (sameHost && to.Scheme is "https" or "wss")
        {
            // It is https already: whoever redirects does not know that TLS ended further out.
            if (speaker.IsProxy) _suspects.Add("chain.redirect_loop", Proven, $"{saw}, though the request came by https; {speaker.Name} answers");
            else _suspects.Add("backend.https_redirect", Likely + 20, $"{saw}, though the request came by https");
            _suspects.Add(Plausible, "backend.https_redirect", "chain.redirect_loop");
        }
        else if (!sameHost && (file[Probe.Random] is { } r && r.Status == First.Status))
        {
            _suspects.Add("net.captive_portal", Likely + 10, saw + "; every other path is sent there too");
            _suspects.Add(Plausible, "proxy.wrong_vhost", "policy.auth_request");
        }
        else
        {
            _suspects.Add("proxy.redirect_path", Plausible, saw);
            _suspects.Add(Plausible, "policy.auth_request", "net.captive_portal", "proxy.wrong_vhost");
        }
    }
}
