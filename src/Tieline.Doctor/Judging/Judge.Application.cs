using System.Text.Json;
using System.Text.RegularExpressions;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    private static readonly string[] _upgradeCauses =
    [
        "proxy.upgrade_headers_missing", "proxy.connection_header_wrong", "proxy.header_inheritance", "proxy.regex_location_wins", "proxy.order",
        "chain.inner_upgrade_headers_missing", "chain.outer_upgrade_headers_missing", "proxy.http10", "proxy.stale_config", "proxy.reload_refused", "proxy.location_mismatch",
    ];

    /// <summary>The application answered, so the way to it is open; what it says depends on what arrived.</summary>
    private void JudgeApplication()
    {
        if (MentionsHost(First))
        {
            // Some proxies put their own name for the server into Host unless told otherwise; others pass on what came.
            var rewrites = ProxyInFront && FrontName is not ("haproxy" or "caddy" or "varnish" or "lighttpd");
            _suspects.Add("proxy.host_not_forwarded", rewrites ? Likely : Plausible, First.Summary());
            _suspects.Add("backend.host_refused", rewrites ? Plausible : Likely, First.Summary());
            return;
        }
        if (First.Status is 401 || (First.Status is 403 && MentionsToken(First)))
        {
            JudgeTokenRefusal();
            return;
        }
        if (SaysUpgradeIsMissing(First))
        {
            JudgeUpgradeLost(First.Summary());
            return;
        }
        switch (First.Status)
        {
            case 403: JudgeForbiddenByApplication(); break;
            case 404: JudgeNotFoundByApplication(); break;
            case 400: JudgeBadRequest(); break;
            case 502 or 503 or 504:
                // A page in plain words may be an operator's own, put in place of the proxy's.
                _suspects.Add("backend.error", Plausible, First.Summary());
                JudgeGateway(First.Summary(), Speaker.Of(First));
                break;
            case >= 500: _suspects.Add("backend.error", Likely, First.Summary()); AddNoWay(Possible); break;
            case 200:
                _suspects.Add(Likely, "proxy.location_mismatch");
                _suspects.Add(Plausible, "proxy.upgrade_headers_missing", "proxy.wrong_vhost", "upstream.wrong_service");
                break;
            default:
                _suspects.Add("client.wrong_path", Plausible, First.Summary());
                _suspects.Add(Plausible, "proxy.upgrade_headers_missing");
                break;
        }
    }

    private static bool MentionsToken(Answer a) => TokenWords().IsMatch(a.Body);

    private static bool MentionsHost(Answer a) => HostWords().IsMatch(a.Body);

    /// <summary>The server complains that no upgrade came, although one was sent.</summary>
    private static bool SaysUpgradeIsMissing(Answer a) => a.Status == 426 || (a.Status is 400 or 405 or 500 or 501 && (UpgradeWords().IsMatch(a.Body) || WantsAHandshake(a)));

    /// <summary>Gorilla's answer to a request that lacks a part of the handshake names the version it speaks; Engine.IO's has a number.</summary>
    private static bool WantsAHandshake(Answer a) =>
        a.Status == 400 && ((a["Sec-WebSocket-Version"] is not null && !a.BodyHas("version") && !a.BodyHas("key")) || a.Body.Contains("\"code\":3,\"message\":\"Bad request\"", StringComparison.Ordinal));

    [GeneratedRegex(@"token|jwt|unauthori[sz]ed|not authenticated|credentials", RegexOptions.IgnoreCase)]
    private static partial Regex TokenWords();

    [GeneratedRegex(@"invalid host ?(header|name)|DisallowedHost|Host .{0,40}not allowed|blocked host|unknown host header", RegexOptions.IgnoreCase)]
    private static partial Regex HostWords();

    [GeneratedRegex(@"upgrade[_ ]required|can ""upgrade"" only|not a websocket|(missing|invalid|no)\b.{0,12}(upgrade|connection) header|websocket (request )?(expected|required)|expected.{0,20}(websocket|upgrade)|'upgrade'|WebSocket client", RegexOptions.IgnoreCase)]
    private static partial Regex UpgradeWords();

    [GeneratedRegex(@"connection header: ?""?(?<value>[\w, -]*)", RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionValue();

    /// <summary>The answer itself may list what arrived: Tieline's and similar servers' 426.</summary>
    private static (string? Http, string? Connection, string? Upgrade)? SawInBody(Answer answer)
    {
        if (!answer.Body.StartsWith('{')) return null;
        try
        {
            using var json = JsonDocument.Parse(answer.Body);
            if (!json.RootElement.TryGetProperty("saw", out var saw) || saw.ValueKind != JsonValueKind.Object) return null;
            string? Text(string name) => saw.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;
            return (Text("http"), Text("connection"), Text("upgrade"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void JudgeUpgradeLost(string summary)
    {
        var weight = Direct is { Opened: false, HasStatus: true } ? Plausible : Likely;
        _suspects.Add(Possible, _upgradeCauses);
        if (SawInBody(First) is { } saw)
        {
            var upgrade = saw.Upgrade?.Contains("websocket", StringComparison.OrdinalIgnoreCase) == true;
            var connection = saw.Connection?.Contains("upgrade", StringComparison.OrdinalIgnoreCase) == true;
            if (upgrade && !connection) _suspects.Add("proxy.connection_header_wrong", Likely + 20, $"the application received Upgrade: {saw.Upgrade} but Connection: {saw.Connection ?? "none"}");
            else if (!upgrade) _suspects.Add("proxy.upgrade_headers_missing", Likely + 20, $"the application received no Upgrade header (Connection: {saw.Connection ?? "none"}, HTTP/{saw.Http})");
            else _suspects.Add("proxy.ws_version_stripped", Plausible, summary);
            return;
        }
        if (ConnectionValue().Match(First.Body) is { Success: true } match && !match.Groups["value"].Value.Contains("upgrade", StringComparison.OrdinalIgnoreCase))
        {
            // "close" is what a proxy writes that sets nothing; anything else was written by somebody.
            var close = match.Groups["value"].Value.Trim() is "close" or "";
            _suspects.Add(close ? "proxy.upgrade_headers_missing" : "proxy.connection_header_wrong", weight, summary);
            _suspects.Add("proxy.connection_header_wrong", Possible);
        }
        else
        {
            _suspects.Add("proxy.upgrade_headers_missing", weight, summary);
            if (First.BodyHas("HTTP/1.0")) _suspects.Add("proxy.http10", Likely, summary);
        }
        _suspects.Add(Possible, "backend.no_ws_middleware");
    }

    private void JudgeTokenRefusal()
    {
        var bare = file[Probe.NoToken];
        if (file.Target.Token is null)
        {
            _suspects.Add("client.no_token", Likely + 20, First.Summary());
        }
        else if (bare is not null && bare.LooksLike(First) && file[Probe.WrongToken] is { } wrong && wrong.LooksLike(First))
        {
            // With, without and with a wrong token the same words: the token does not arrive.
            var missing = First.BodyHas("missing") || First.BodyHas("required") || First.BodyHas("not authenticated");
            _suspects.Add("proxy.query_stripped", missing ? Likely + 30 : Likely, $"with, without and with a wrong token the same answer: {First.Summary()}");
            _suspects.Add("client.bad_token", missing ? Possible : Plausible);
        }
        else
        {
            _suspects.Add("client.bad_token", Likely + 20, First.Summary());
            _suspects.Add(Possible, "proxy.query_stripped");
        }
    }

    private void JudgeForbiddenByApplication()
    {
        if (Regex.IsMatch(First.Body, "origin", RegexOptions.IgnoreCase))
        {
            _suspects.Add("backend.origin_refused", Likely + 20, First.Summary());
            return;
        }
        // Servers on ASGI refuse an unknown socket route with 403 and answer a GET of it with 404.
        var get = Plain?.Status;
        var random = file[Probe.RandomHandshake]?.Status;
        if (get is 404 && (random is 403 || file.Target.Token is null)) _suspects.Add("client.wrong_path", Likely + 25, random is 403 ? $"{First.Summary()}; a path that surely does not exist is refused alike, a GET says 404" : $"{First.Summary()}; a GET says 404");
        else _suspects.Add("client.bad_token", Likely, First.Summary());
        if (get is 404 && ProxyInFront) _suspects.Add("proxy.path_rewritten", Known is { Status: 404 } missing && Speaker.Of(missing).IsApplication ? Likely + 20 : Possible, "the address that should answer is unknown to it too");
        _suspects.Add(Plausible, "client.wrong_path", "backend.origin_refused");
        _suspects.Add(Possible, "policy.ip_denied", "policy.waf", "client.bad_token");
    }

    private void JudgeNotFoundByApplication()
    {
        var sameAsGet = Plain is not null && Plain.LooksLike(First);
        var knownMissing = Known is { Status: 404 } && Speaker.Of(Known).IsApplication;
        var saw = sameAsGet ? $"a handshake and a plain GET get the same answer: {First.Summary()}" : First.Summary();
        var bare = First["Server"]?.Contains("uvicorn", StringComparison.OrdinalIgnoreCase) == true && !ProxyInFront;
        if (knownMissing && First.Body.Length > 0) _suspects.Add("proxy.path_rewritten", Likely + 10, $"{saw}; the address that should answer is unknown to it too");
        else _suspects.Add("proxy.path_rewritten", Plausible);
        if (!sameAsGet && Plain is { Status: 426 or 400 })
        {
            // The route exists for a GET: another place answers the handshake.
            _suspects.Add("proxy.location_mismatch", Likely, saw);
        }
        _suspects.Add("proxy.upgrade_headers_missing", bare ? Possible : sameAsGet ? Plausible + 20 : Possible, saw);
        _suspects.Add("backend.no_ws_library", bare ? Likely + 20 : sameAsGet ? Plausible + 10 : Possible, saw);
        _suspects.Add("client.wrong_path", Plausible, saw);
        _suspects.Add(Possible, _upgradeCauses);
        _suspects.Add(Possible, "backend.no_ws_middleware", "proxy.wrong_vhost", "upstream.wrong_service", "upstream.port_taken", "upstream.mixed_versions");
    }

    /// <summary>Whatever is asked, the answer is 400; one that was lost on its way does not count.</summary>
    private bool RefusesEverything
    {
        get
        {
            List<Answer> answered = [.. new[] { Plain, Known, file[Probe.Random], file[Probe.RandomHandshake], file[Probe.OtherHost] }.OfType<Answer>().Where(a => a.HasStatus)];
            return answered.Count >= 3 && answered.All(a => a.Status == 400);
        }
    }

    private void JudgeBadRequest()
    {
        var sameAsGet = Plain is not null && Plain.Status == First.Status;
        // Every request is a broken one to it, even one to a path that nobody serves: something is sent in front.
        if (RefusesEverything && First.Body.Length == 0)
            _suspects.Add("upstream.proxy_protocol_unexpected", Likely, $"{First.Summary()}, whatever is asked");
        _suspects.Add("proxy.upgrade_headers_missing", sameAsGet ? Likely : Plausible, First.Summary());
        _suspects.Add(Plausible, "backend.no_ws_middleware", "proxy.http10");
        // aiohttp's bare page, whatever is asked: Home Assistant does not know this proxy.
        if (First.Body == "400: Bad Request" && Known is { Status: 400 } known && known.Body == First.Body && file[Probe.Random]?.Body == First.Body) _suspects.Add("backend.proxy_not_trusted", Likely, "every path gets this answer");
        _suspects.Add("backend.proxy_not_trusted", First.Body == "400: Bad Request" ? Likely + 10 : Possible, First.Body == "400: Bad Request" ? First.Summary() : "");
        _suspects.Add(Possible, _upgradeCauses);
        _suspects.Add(Possible, "proxy.ws_key_stripped", "proxy.ws_version_stripped", "upstream.proxy_protocol_unexpected", "upstream.plain_to_tls", "proxy.host_not_forwarded", "backend.host_refused", "backend.http2_only");
    }
}
