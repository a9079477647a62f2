using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    /// <summary>The same handshake straight at the server divides the world in two: behind the proxy, or in front.</summary>
    private void JudgeDirect()
    {
        if (Direct is not { } direct) return;
        var saw = Quote("straight at the server", direct);
        if (direct.Opened && file.DirectLine is { Pong: true } line) JudgeServerWell(direct, line, saw);
        else if (direct.Fault is Fault.Refused or Fault.Unreachable) JudgeServerGone(saw);
        else if (direct.Fault is Fault.ConnectTimeout) JudgeServerUnreachable(saw);
        else if (IsHttp2(file[Probe.DirectHttp2]) && !direct.Opened) _suspects.Add("backend.http2_only", Proven, $"{saw}; it answers an HTTP/2 preface");
        else if (file[Probe.DirectTls] is { Opened: true } && !file.Options.Backend!.Secure) JudgeServerSpeaksTls(saw);
        else if (direct.Fault is Fault.Silent) JudgeServerSilent(saw);
        else if (direct.Fault is Fault.NotHttp) JudgeServerStrange(saw);
        else if (direct.Fault is Fault.Reset or Fault.Closed) JudgeServerCloses(saw);
        else if (direct.HasStatus) JudgeServerRefuses(direct, saw);
        else if (file.DirectLine is { End: LineEnd.Closed } closed && file.Line is { End: LineEnd.Closed } here && closed.CloseCode == here.CloseCode)
            _suspects.Add("client.bad_token", Likely, $"straight at the server the same: {closed.Words()}");
        JudgeInner();
    }

    /// <summary>Proxy and server are well and do not get the request: the name leads elsewhere, or somebody stands on the way.</summary>
    private void JudgeElsewhere()
    {
        if (file[Probe.FrontHere] is not { Opened: true, Tls: null or { Flaw: CertificateFlaw.None } } || KnownIsApplication) return;
        _suspects.Add("dns.wrong_address", First.HasStatus ? Proven : Plausible, $"at {string.Join(", ", file.Addresses)}, where the name leads: {First.Summary()}; at this machine's own port {file.Target.Front.Port} it opens");
    }

    private void JudgeServerWell(Answer direct, LineReport line, string saw)
    {
        // Whatever it is, it lies before the server.
        _suspects.Against(Proven * 2, "backend.no_", "backend.error", "backend.http2", "backend.max", "client.bad_token", "client.wrong_path", "client.no_token", "upstream.refused_backend_down", "upstream.port_taken");
        _suspects.Against(Likely, "upstream.hung");
        if (!file.Options.Backend!.Secure) _suspects.Against(Likely, "upstream.plain_to_tls");
        if (MentionsHost(First) || _suspects.Has("proxy.host_not_forwarded"))
        {
            if (file[Probe.DirectOwnHost] is { Opened: false } own && MentionsHost(own)) _suspects.Add("proxy.host_not_forwarded", Likely, $"{saw}; under its own address: {own.Summary()}");
            _suspects.Against(Likely, "backend.host_refused");
        }
        foreach (var cause in (string[])["proxy.upgrade_headers_missing", "proxy.path_rewritten", "proxy.query_stripped", "proxy.connection_header_wrong"])
            if (_suspects.Has(cause)) _suspects.Add(cause, Possible, saw);
        if (First.Status is 502 or 503 or 504 || First.Fault != Fault.None)
            foreach (var cause in (string[])["upstream.refused_wrong_port", "upstream.tls_to_plain", "upstream.http2_to_http1"])
                if (_suspects.Has(cause)) _suspects.Add(cause, cause == "upstream.refused_wrong_port" ? Possible + 5 : Possible, saw);
        if (file.Options.Backend!.Secure && First.Status is 400 or 502 or 503 && _suspects.Has("upstream.plain_to_tls")) _suspects.Add("upstream.plain_to_tls", Plausible, $"with TLS {saw}");
        if (file[Probe.DirectForwarded] is { Opened: false, HasStatus: true } distrusted && distrusted.Status == First.Status)
        {
            _suspects.Add("backend.proxy_not_trusted", Proven, $"{saw}; with X-Forwarded-For, as a proxy adds it: {distrusted.Summary()}");
            return;
        }
        if (First.Status is 403 or 404 && Known is { Status: 404 } lost && file[Probe.DirectKnown] is { Status: 200 } found && Speaker.Of(lost).IsApplication && Speaker.Of(found).IsApplication)
            _suspects.Add("proxy.path_rewritten", Likely, $"{Checks.Asks.KnownPath(file)} straight at the server: {found.Status}; through the proxy: {lost.Summary()}");
        if (RefusesUnknownRoutes) _suspects.Add("proxy.path_rewritten", Likely, $"{saw}, and through the proxy the same server does not know the path");
        if (First.HasStatus && Speaker.Of(First).IsApplication && First.Status == 404 && file[Probe.DirectPlain] is { } get && Plain is { } plain && !get.LooksLike(plain))
            _suspects.Add("proxy.path_rewritten", Plausible, $"a GET straight at the server: {get.Summary()}; through the proxy: {plain.Summary()}");
        if (line.DataFrames > 0 && _suspects.Has("tunnel.swallows_both"))
        {
            _suspects.Add("tunnel.swallows_both", Possible, $"{saw}, and its first frame comes by itself");
            _suspects.Against(Likely, "tunnel.swallows_client");
        }
        _ = direct;
    }

    private void JudgeServerGone(string saw)
    {
        var elsewhere = ListensElsewhere();
        if (elsewhere is not null) _suspects.Add("upstream.refused_wrong_interface", Proven, $"{saw}; but something listens on {elsewhere}");
        else _suspects.Add("upstream.refused_backend_down", First.Status is 502 or 503 or 504 || First.Fault is Fault.Closed or Fault.Reset or Fault.TlsReset ? Likely + 20 : Plausible, saw);
        _suspects.Against(Possible, "proxy.", "policy.");
    }

    /// <summary>The port is open on another address of this machine.</summary>
    private string? ListensElsewhere()
    {
        var port = file.Options.Backend!.Port;
        return file.Listening?.FirstOrDefault(l => l.EndsWith($":{port}", StringComparison.Ordinal));
    }

    private void JudgeServerUnreachable(string saw)
    {
        _suspects.Add("upstream.unreachable", Likely + 30, saw);
        _suspects.Against(Likely, "upstream.hung", "upstream.refused");
    }

    private void JudgeServerSpeaksTls(string saw)
    {
        if (!Secure && file[Probe.OtherScheme] is { HasStatus: true }) _suspects.Add("client.plain_to_tls_port", Likely, "the server speaks TLS, and so does the public port");
        else _suspects.Add("upstream.plain_to_tls", Proven, $"{saw}; with TLS it opens");
        _suspects.Against(Proven, "upstream.refused", "upstream.hung");
    }

    private void JudgeServerSilent(string saw)
    {
        var answersGet = file[Probe.DirectPlain] is { HasStatus: true };
        _suspects.Add("upstream.hung", answersGet ? Likely : Likely + 30, saw);
        _suspects.Against(Likely, "net.", "upstream.unreachable", "upstream.refused");
    }

    private void JudgeServerStrange(string saw)
    {
        _suspects.Add("upstream.wrong_service", Proven, saw);
    }

    private void JudgeServerCloses(string saw)
    {
        _suspects.Add("upstream.resets", Likely + 30, saw);
        _suspects.Against(Plausible, "net.", "proxy.wrong_vhost", "upstream.refused");
    }

    private void JudgeServerRefuses(Answer direct, string saw)
    {
        var get = file[Probe.DirectPlain];
        var speaker = Speaker.Of(direct);
        foreach (var (pattern, cause, _) in _words)
            if (cause.StartsWith("backend.", StringComparison.Ordinal) && pattern.IsMatch(direct.Body)) _suspects.Add(cause, Proven, saw);
        if (_suspects.Weight("backend.no_ws_library") >= Proven)
        {
            // The server names its fault when asked directly and not through the proxy, where a GET gets the same: the upgrade is lost as well.
            if (First.HasStatus && direct.Status != First.Status && Plain is not null && Plain.LooksLike(First))
                _suspects.Add("proxy.upgrade_headers_missing", Math.Max(0, Suspects.SecondFault - _suspects.Weight("proxy.upgrade_headers_missing")), $"through the proxy a handshake and a plain GET get the same: {First.Summary()}");
            _suspects.Add("backend.no_ws_library", Likely);
            return;
        }
        if (speaker.IsProxy || (speaker.Kind == SpeakerKind.Unknown && direct.Body.Contains("<html", StringComparison.OrdinalIgnoreCase)))
        {
            // A web server with files has the port that the application should have.
            _suspects.Add("upstream.port_taken", Likely + 30, $"{saw} ({speaker.Name})");
            return;
        }
        if (MentionsHost(direct))
        {
            _suspects.Add("backend.host_refused", Likely + 30, saw);
            _suspects.Against(Likely, "proxy.host_not_forwarded");
            return;
        }
        if (direct.Status is >= 300 and < 400)
        {
            _suspects.Add("backend.https_redirect", Likely + 20, saw);
            _suspects.Against(Likely, "chain.");
            return;
        }
        if (direct.Status is 401 || MentionsToken(direct))
        {
            _suspects.Add("client.bad_token", Likely + 20, saw);
            _suspects.Against(Likely, "proxy.query_stripped");
            return;
        }
        JudgeServerHasNoSocket(direct, get, saw);
    }

    private void JudgeServerHasNoSocket(Answer direct, Answer? get, string saw)
    {
        var same = get is not null && get.Status == direct.Status && get.Body == direct.Body;
        var uvicorn = direct["Server"]?.Contains("uvicorn", StringComparison.OrdinalIgnoreCase) == true;
        var kestrel = direct["Server"]?.Contains("kestrel", StringComparison.OrdinalIgnoreCase) == true;
        if (direct.Status == 403) _suspects.Add("client.wrong_path", Likely + 10, saw);
        else if (direct.Status == 404 && uvicorn) _suspects.Add("backend.no_ws_library", Likely + 30, $"{saw}; uvicorn with a library refuses an unknown route with 403");
        else if (kestrel || (direct.Status is 400 or 426 && same)) _suspects.Add("backend.no_ws_middleware", Likely + 20, $"{saw}; a plain GET gets the same");
        else if (direct.Status == 404) _suspects.Add("client.wrong_path", Likely + 10, saw);
        else _suspects.Add("backend.error", Plausible, saw);
        if (direct.Status == 404 && same) _suspects.Add("backend.no_ws_library", Plausible, $"{saw}; a plain GET gets the same");
        if (file.Echo is { HasUpgrade: false } lost && file.DirectEcho is { HasUpgrade: true })
        {
            // The echo has shown both ways: what the proxy loses is lost, whatever else the server lacks.
            var server = _suspects.Weight("backend.no_ws_library") >= _suspects.Weight("backend.no_ws_middleware") ? "backend.no_ws_library" : "backend.no_ws_middleware";
            if (_suspects.Weight(server) >= Likely)
                foreach (var cause in (string[])[server, "proxy.upgrade_headers_missing"])
                    _suspects.Add(cause, Math.Max(0, Suspects.SecondFault - _suspects.Weight(cause)), cause == server ? saw : $"straight at the server the upgrade arrives, through the proxy it does not (Connection: {lost["Connection"] ?? "none"})");
            return;
        }
        // The server refuses by itself; that the proxy is broken as well is not shown by this.
        _suspects.Against(Likely, "proxy.upgrade_headers_missing", "proxy.connection_header_wrong", "proxy.path_rewritten");
        _suspects.Against(Plausible, "chain.", "proxy.http10", "proxy.location");
    }

    private void JudgeInner()
    {
        foreach (var (where, answer) in file.InnerAnswers)
        {
            var saw = $"straight at the inner proxy {where}: {answer.Summary()}";
            if (answer.Opened)
            {
                _suspects.Turn("proxy.upgrade_headers_missing", "chain.outer_upgrade_headers_missing", Plausible, saw);
                _suspects.Against(Likely, "chain.inner_upgrade_headers_missing", "chain.inner_down");
                if (_suspects.Has("chain.host_not_forwarded")) _suspects.Add("chain.host_not_forwarded", Likely, saw);
            }
            else if (answer.Fault is Fault.Refused)
            {
                _suspects.Add("chain.inner_down", Proven, saw);
            }
            else if (SaysUpgradeIsMissing(answer))
            {
                _suspects.Add("chain.inner_upgrade_headers_missing", Proven, saw);
            }
            else if (answer.Status is >= 300 and < 400)
            {
                _suspects.Add("chain.redirect_loop", Likely, saw);
            }
        }
    }
}
