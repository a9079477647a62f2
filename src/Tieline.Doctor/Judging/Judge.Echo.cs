using Tieline.Doctor.Evidence;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    /// <summary>The echo says what arrived on the way that the socket takes: the shortest way to the cause.</summary>
    private void JudgeEcho()
    {
        if (file.Echo is not { } echo)
        {
            if (!file.Options.NoEcho && Speaker.Of(file[Probe.Echo]) is { IsProxy: true } && Speaker.Of(First).IsApplication) _suspects.Add("proxy.location_mismatch", Possible);
            return;
        }
        var said = $"the application received Upgrade: {echo["Upgrade"] ?? "none"}, Connection: {echo["Connection"] ?? "none"}, HTTP/{echo.Http}";
        var path = echo.Url.Split('?')[0];
        var wanted = Checks.Asks.EchoPath(file).Split('?')[0];
        if (path.Length > 0 && path != wanted) _suspects.Add("proxy.path_rewritten", Likely + 30, $"{wanted} was asked for, the application received {path}");
        if (file.Target.Token is not null && !echo.Received(file.Target.TokenName))
            _suspects.Add("proxy.query_stripped", Likely + 30, "the token was in the address, the application received none");
        if (echo["Host"] is { } host && !SameHost(host)) JudgeEchoHost(host);
        if (Speaker.Of(First).IsApplication || First.Status == 426)
        {
            if (!echo.HasUpgrade) LostOnTheWay("proxy.upgrade_headers_missing", echo, said);
            else if (!echo.HasConnectionUpgrade) LostOnTheWay("proxy.connection_header_wrong", echo, said);
            else if (echo["Sec-WebSocket-Key"] is null && echo["sec-websocket-key-present"] is null && echo.UpgradeEvent != true) _suspects.Add("proxy.ws_key_stripped", Likely, said);
            else if (echo["Sec-WebSocket-Version"] is null) _suspects.Add("proxy.ws_version_stripped", Likely + 20, "the application received no Sec-WebSocket-Version");
            else Arrives(echo, said);
        }
    }

    private bool SameHost(string host) => host.Split(':')[0].Trim('[', ']').Equals(file.Target.Front.Host, StringComparison.OrdinalIgnoreCase);

    private void JudgeEchoHost(string host)
    {
        var saw = $"the application received Host: {Probes.Answer.Clip(host, 60)} instead of {file.Target.Front.Host}";
        if (MentionsHost(First) || First.Status is 400 or 421) _suspects.Add("proxy.host_not_forwarded", Likely + 20, saw);
        else _suspects.Add("proxy.host_not_forwarded", Possible, saw);
    }

    private void LostOnTheWay(string cause, EchoReport echo, string said)
    {
        _suspects.Add(cause, Likely, said);
        // The complete handshake would have shown it, had it come so far.
        _suspects.Against(Plausible, "backend.", "client.");
        if (file.EchoOutside is { HasUpgrade: true } && cause == "proxy.upgrade_headers_missing")
            _suspects.Add("proxy.header_inheritance", Possible, "outside the socket's folder the upgrade arrives");
        if (file.EchoElsewhere.FirstOrDefault(e => e.Value.HasUpgrade) is { Value: not null } other)
        {
            // The same request with another path arrives whole: the lines are there, and they are not for this path.
            _suspects.Turn(cause, "proxy.location_mismatch", Plausible, $"at {other.Key} the upgrade arrives, at {Checks.Asks.EchoPath(file)} it does not");
            return;
        }
        if (OpensBeside && _suspects.Has("proxy.location_mismatch"))
        {
            _suspects.Turn(cause, "proxy.location_mismatch");
            return;
        }
        if (echo.Hops >= 2)
        {
            if (InnerAsksProperly(echo))
            {
                _suspects.Turn(cause, "chain.outer_upgrade_headers_missing", Likely, $"{said}; {echo.Hops} proxies are on the way, and the last one speaks HTTP/1.1 with Connection: close, as one does that knows the upgrade and was not asked for it");
                _suspects.Add("chain.inner_upgrade_headers_missing", Plausible);
                return;
            }
            // One of the two loses it; which one a probe at the inner proxy or the files must say.
            _suspects.Turn(cause, "chain.inner_upgrade_headers_missing", Possible, $"{said}; {echo.Hops} proxies are on the way");
            var missing = _suspects.Weight("chain.inner_upgrade_headers_missing") - _suspects.Weight("chain.outer_upgrade_headers_missing");
            _suspects.Add("chain.outer_upgrade_headers_missing", Math.Max(0, missing - 5), $"{said}; {echo.Hops} proxies are on the way");
        }
        else
        {
            _suspects.Against(Possible, "chain.");
            // nginx with the version and none of the headers: the lines may stand further out, where they are not inherited.
            if (FrontName is "nginx" or "openresty" && echo.Http == "1.1" && "close".Equals(echo["Connection"], StringComparison.OrdinalIgnoreCase)) _suspects.Add("proxy.header_inheritance", Plausible);
        }
    }

    /// <summary>
    /// Two nginx in a row: one that has the lines for an upgrade and gets none sends HTTP/1.1 and Connection: close; one that lacks
    /// them speaks HTTP/1.0.
    /// </summary>
    private bool InnerAsksProperly(EchoReport echo) =>
        FrontName is "nginx" or "openresty" && echo.Http == "1.1" && "close".Equals(echo["Connection"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Another id, or a slash more or less, opens.</summary>
    private bool OpensBeside => file[Probe.NeighbourDigits] is { Opened: true } || file[Probe.NeighbourObjectId] is { Opened: true } || file[Probe.NeighbourUuid] is { Opened: true } || file[Probe.NeighbourSlash] is { Opened: true };

    /// <summary>On the echo's path everything arrives, yet the socket's is refused: by the application, or on another way.</summary>
    private void Arrives(EchoReport echo, string said)
    {
        _suspects.Against(Plausible, "proxy.upgrade_headers_missing", "proxy.connection_header_wrong", "chain.");
        if (echo.Http == "1.0") _suspects.Add("proxy.http10", Likely + 10, said);
        switch (First.Status)
        {
            case 404 when echo.UpgradeEvent == false:
                _suspects.Add("backend.no_ws_library", Likely + 20, $"beside it the handshake arrives complete, and the server takes it for a plain request; {First.Summary()}");
                break;
            case 404:
                _suspects.Add("client.wrong_path", Likely, $"beside it the handshake arrives complete; {First.Summary()}");
                break;
            case 400 or 426 when SaysUpgradeIsMissing(First):
                _suspects.Add("proxy.location_mismatch", Likely, $"beside it the handshake arrives complete; {First.Summary()}");
                _suspects.Add("proxy.regex_location_wins", Plausible);
                break;
            case 400:
                _suspects.Add("backend.no_ws_middleware", Plausible, said);
                break;
        }
    }
}
