using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    private bool KnownIsApplication => Known is not null && Speaker.Of(Known).IsApplication && Known.Status is 200 or 401 or 405;

    /// <summary>A proxy answered in the application's place: what does it do with other requests?</summary>
    private void JudgeProxyPage(Speaker speaker)
    {
        var saw = $"{First.Summary()} (from {speaker.Name})";
        switch (First.Status)
        {
            case 200: JudgePage(saw, speaker); break;
            case 400: JudgeProxyBadRequest(saw); break;
            case 401: JudgeProxyLogin(saw); break;
            case 403: JudgeProxyForbidden(saw); break;
            case 404: JudgeProxyNotFound(saw); break;
            case 405: JudgeMethod(); _suspects.Add("policy.method", Likely, saw); _suspects.Add(Plausible, "proxy.location_mismatch", "proxy.location_missing"); break;
            case 407: _suspects.Add("client.forward_proxy_auth", Likely, saw); break;
            case 426 or 464 or 505: _suspects.Add(Likely, "upstream.http2_to_http1"); _suspects.Add("proxy.upgrade_headers_missing", Likely, saw); _suspects.Add(Plausible, _upgradeCauses); _suspects.Add(Possible, "backend.http2_only"); break;
            case 429: _suspects.Add("limit.rate", Proven, saw); break;
            case 500: JudgeProxyError(saw, speaker); break;
            case 501: _suspects.Add("upstream.wrong_service", Likely, saw); _suspects.Add(Plausible, "upstream.port_taken", "proxy.location_mismatch"); break;
            case 502 or 503 or 504: JudgeGateway(saw, speaker); break;
            default: _suspects.Add("proxy.wrong_vhost", Possible, saw); AddNoWay(Possible); break;
        }
    }

    private void AddNoWay(int weight) => _suspects.Add(weight, "upstream.refused_backend_down", "upstream.refused_wrong_port", "upstream.refused_wrong_interface", "upstream.hung", "upstream.resets", "upstream.wrong_service");

    private void JudgePage(string saw, Speaker speaker)
    {
        if (First.Body.Length == 0)
        {
            // Caddy says 200 and nothing for a name it does not serve, and for a path without a handler.
            _suspects.Add("proxy.wrong_vhost", KnownIsApplication ? Possible : Likely, saw);
            _suspects.Add("proxy.location_mismatch", KnownIsApplication ? Likely : Plausible, saw);
            _suspects.Add(Plausible, "proxy.static_fallback", "proxy.location_missing");
            return;
        }
        var fallback = file[Probe.Random] is { } random && random.Status == 200 && random.Body == First.Body;
        if (speaker.Name.StartsWith("python", StringComparison.Ordinal)) _suspects.Add(Likely, "proxy.location_mismatch", "upstream.port_taken");
        _suspects.Add("proxy.static_fallback", fallback ? Likely : Plausible, fallback ? $"{saw}; a path that nobody serves gets the same page" : saw);
        _suspects.Add("proxy.location_mismatch", KnownIsApplication ? Plausible + 10 : Plausible);
        _suspects.Add("proxy.location_missing", Plausible);
        _suspects.Add("proxy.wrong_vhost", KnownIsApplication ? Possible : Plausible + 10);
        if (IsWelcome(First)) _suspects.Add("proxy.wrong_vhost", Plausible, "it is the page that the proxy is installed with");
        if (OtherNeighbour(out var neighbour)) _suspects.Add("proxy.location_mismatch", Likely, neighbour);
        if (SamePageForStrangers && !KnownIsApplication) _suspects.Add("proxy.wrong_vhost", Possible, "a name that nobody serves gets the same page");
        if (file[Probe.Random] is { } r && r.LooksLike(First) && !fallback) _suspects.Add("net.captive_portal", Plausible);
        if (First.BodyHas("sign in to the network") || First.BodyHas("captive")) _suspects.Add("net.captive_portal", Likely, saw);
    }

    private static bool IsWelcome(Answer? root) =>
        root is { Status: 200 or 403 } && (root.BodyHas("<title>Welcome to nginx") || root.BodyHas("Default Page: It works") || root.BodyHas("<h1>It works!</h1>") || root.BodyHas("Test Page for the") || root.BodyHas("Placeholder page"));

    private bool SamePageForStrangers => file[Probe.OtherHost] is { } other && Plain is { } plain && other.LooksLike(plain);

    /// <summary>A neighbouring path that reaches the application although the socket's own does not.</summary>
    private bool OtherNeighbour(out string saw)
    {
        foreach (var (probe, path) in ((Probe, string)[])[(Probe.NeighbourDigits, file.Target.Folder + "1"), (Probe.NeighbourFolder, file.Target.Folder), (Probe.NeighbourParent, file.Target.Folder.TrimEnd('/')), (Probe.Echo, "the echo beside it")])
        {
            if (file[probe] is not { HasStatus: true } answer || (!answer.Opened && !Speaker.Of(answer).IsApplication && EchoReport.Parse(answer.Body) is null)) continue;
            saw = $"{path} reaches the application ({answer.Status}), {file.Target.Path} does not";
            return true;
        }
        saw = "";
        return false;
    }

    private void JudgeProxyBadRequest(string saw)
    {
        if (OtherSchemeAnswers && !Secure) _suspects.Add("client.plain_to_tls_port", Likely + 20, Quote("with TLS", file[Probe.OtherScheme]));
        if (ProxyLineHelps) _suspects.Add("proxy.proxy_protocol_expected", Proven, Quote("with a PROXY line in front", file[Probe.ProxyPrefix]));
        // An answer in HTTP/1.1 to everything else says that HTTP/2 is not all it speaks: HAProxy takes both on one port.
        if (Http2Answers && Known is not { HasStatus: true } && file[Probe.Malformed] is not { HasStatus: true }) _suspects.Add("proxy.http2_only", Proven, "it answers an HTTP/2 preface");
        if (Plain is { Status: not 400 } && Known is { Status: not 400 })
        {
            _suspects.Add("proxy.upgrade_headers_missing", Plausible, saw);
            _suspects.Add(Possible, _upgradeCauses);
        }
        if (RefusesEverything && First.Body.Length == 0)
            _suspects.Add("upstream.proxy_protocol_unexpected", Likely, $"{First.Summary()}, whatever is asked");
        _suspects.Add("backend.http2_only", Plausible, saw);
        _suspects.Add("proxy.upgrade_headers_missing", KnownIsApplication ? Plausible : Possible, saw);
        _suspects.Add(Possible, "upstream.plain_to_tls", "limit.header_size", "upstream.proxy_protocol_unexpected", "proxy.host_not_forwarded", "backend.host_refused", "backend.no_ws_middleware", "proxy.ws_key_stripped");
        _suspects.Add(Possible, _upgradeCauses);
    }

    private void JudgeProxyLogin(string saw)
    {
        if (First["WWW-Authenticate"] is { } challenge)
        {
            var basic = challenge.StartsWith("Basic", StringComparison.OrdinalIgnoreCase) || challenge.StartsWith("Digest", StringComparison.OrdinalIgnoreCase);
            _suspects.Add(basic ? "policy.basic_auth" : "policy.auth_request", basic ? Proven : Likely, $"{saw}, WWW-Authenticate: {Answer.Clip(challenge, 60)}");
            return;
        }
        _suspects.Add("policy.auth_request", Likely + 20, saw);
        _suspects.Add(Plausible, "policy.basic_auth");
    }

    private void JudgeProxyForbidden(string saw)
    {
        var everywhere = Known is { Status: 403 } && file[Probe.Random] is { Status: 403 };
        JudgeMethod();
        _suspects.Add("policy.ip_denied", Likely, everywhere ? saw + "; every path is refused alike" : saw);
        _suspects.Add("policy.waf", Plausible, saw);
        _suspects.Add("policy.method", Plausible);
        _suspects.Add(Possible, "policy.user_agent", "proxy.location_mismatch", "proxy.location_missing", "upstream.permission", "policy.auth_request", "policy.origin", "proxy.wrong_vhost");
    }

    /// <summary>Where a GET is refused, an empty POST to the same path goes through: then it is the method.</summary>
    private void JudgeMethod()
    {
        if (file[Probe.BesideGet] is { HasStatus: true } get && get.Status == First.Status && file[Probe.BesidePost] is { HasStatus: true } post && post.Status != First.Status && Speaker.Of(post).IsApplication)
            _suspects.Add("policy.method", Proven, $"a GET beside the socket: {get.Summary()}; a POST: {post.Summary()}");
    }

    private void JudgeProxyNotFound(string saw)
    {
        if (KnownIsApplication)
        {
            _suspects.Add("proxy.location_missing", Likely, $"{saw}; {Checks.Asks.KnownPath(file)} reaches the application");
            _suspects.Add("proxy.location_mismatch", Likely, saw);
            if (OtherNeighbour(out var neighbour)) _suspects.Add("proxy.location_mismatch", Likely, neighbour);
        }
        else
        {
            _suspects.Add("proxy.location_missing", Likely, $"{saw}; no path reaches the application");
            // Error pages look alike under every name; the first page does not where the proxy knows this one.
            var nothing = SamePageForStrangers && file[Probe.Root] is { Status: 404 } first && file[Probe.RootOtherHost] is { } stranger && first.LooksLike(stranger);
            if (nothing) _suspects.Add("proxy.wrong_vhost", Possible, "not even a first page is there: the block that answers serves no site");
            var unknown = SamePageForStrangers && file[Probe.Root] is { HasStatus: true } root && file[Probe.RootOtherHost] is { } other && root.LooksLike(other) && root.Status != 404;
            if (IsWelcome(file[Probe.Root])) _suspects.Add("proxy.wrong_vhost", Plausible, "the first page is the one that the proxy is installed with");
            _suspects.Add("proxy.wrong_vhost", unknown ? Likely - 5 : SamePageForStrangers ? Likely - 5 : Plausible, unknown ? "a name that nobody serves gets the same answers, the first page too" : SamePageForStrangers ? "a name that nobody serves gets the same answer" : "");
            if (OtherNeighbour(out var neighbour)) _suspects.Add("proxy.location_mismatch", Likely, neighbour);
            _suspects.Add("proxy.location_mismatch", Plausible);
        }
        _suspects.Add(Plausible, "chain.host_not_forwarded", "upstream.port_taken", "upstream.wrong_service");
        _suspects.Add(Possible, "proxy.path_rewritten", "proxy.regex_location_wins", "proxy.order", "proxy.static_fallback", "proxy.cached_error", "proxy.stale_config");
        // A page of a program that is not the front: the front forwards, to a stranger.
        var front = FrontName;
        var author = Speaker.Of(First).Name;
        if (front.Length > 0 && author != front && Speaker.Of(First).IsProxy)
        {
            if (KnownIsApplication) _suspects.Add("proxy.location_mismatch", Plausible, $"{author} answers behind {front}");
            else
            {
                _suspects.Add("upstream.port_taken", Plausible + 10, $"{author} answers behind {front}");
                _suspects.Add("proxy.location_mismatch", Plausible + 20, $"{author} answers behind {front}");
            }
        }
    }

    private void JudgeProxyError(string saw, Speaker speaker)
    {
        if (speaker.Name == "apache") _suspects.Add("proxy.module_missing", Likely + 20, saw);
        // nginx has few reasons for a 500 of its own; the usual one is a login check that gets no sensible answer.
        if (speaker.Name is "nginx" or "openresty") _suspects.Add("policy.auth_request", Plausible, saw);
        else _suspects.Add(Plausible, "backend.error", "proxy.module_missing");
        _suspects.Add("policy.auth_request", Plausible);
        _suspects.Add(Possible, "upstream.dns", "limit.workers", "proxy.redirect_path");
        AddNoWay(Possible);
    }
}
