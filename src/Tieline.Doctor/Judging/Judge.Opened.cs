using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    // Pings every 20 to 25 s keep a line open on every proxy at its defaults; a cut before that is a fault, one after it a note.
    private const double PingPause = 25;

    /// <summary>101, but no pong came back.</summary>
    private void JudgeDeadLine()
    {
        var line = file.Line!;
        var saw = line.Words();
        var direct = file.DirectLine;
        if (line.End == LineEnd.Closed)
        {
            JudgeCloseCode(line);
            return;
        }
        var length = First["Content-Length"] ?? First["Transfer-Encoding"];
        if (line.End == LineEnd.Garbage)
        {
            _suspects.Add("tunnel.corrupts_frames", Proven, saw);
            return;
        }
        if (First.Headers.Count > 0 && file.LineWithoutCompression is { Pong: true } or { PongAfterBurst: true })
        {
            _suspects.Add("tunnel.breaks_compression", Proven, $"with permessage-deflate: {saw}; without: {file.LineWithoutCompression!.Words()}");
            return;
        }
        if (length is not null) _suspects.Add("tunnel.no_tunnel", Proven, $"the 101 says Content-Length or Transfer-Encoding ({length}); then {saw}");
        if (line.Ended && line.Seconds < 1.5)
        {
            _suspects.Add("tunnel.closed_at_once", Likely + 20, saw);
            _suspects.Add(Plausible, "tunnel.no_tunnel", "upstream.resets");
            return;
        }
        if (line.Ended) _suspects.Add("tunnel.no_tunnel", Plausible, saw);
        if (line.DataFrames > 0)
        {
            _suspects.Add("tunnel.swallows_client", Likely + 20, $"frames of the server arrive, a ping gets no pong: {saw}");
            return;
        }
        if (line.HeardOurClose)
        {
            _suspects.Add("tunnel.swallows_server", Likely + 20, "no frame arrives, but the server ends the line after our close frame");
            _suspects.Add("tunnel.buffers_server", Possible);
        }
        else
        {
            _suspects.Add("tunnel.swallows_both", Likely, saw);
            _suspects.Add("tunnel.swallows_server", Plausible);
            _suspects.Add("tunnel.swallows_client", direct is { DataFrames: > 0 } ? Possible : Plausible);
        }
    }

    private void JudgeCloseCode(LineReport line)
    {
        var saw = line.Words();
        var aboutToken = TokenWords().IsMatch(line.CloseReason) || line.CloseCode is 1008 or 4401 or 3000;
        if (line.CloseCode is 1002 or 1007) _suspects.Add("tunnel.corrupts_frames", Likely + 20, saw);
        else if (aboutToken && file.Target.Token is null) _suspects.Add("client.no_token", Likely + 30, saw);
        else if (aboutToken && line.CloseReason.Contains("missing", StringComparison.OrdinalIgnoreCase)) _suspects.Add("proxy.query_stripped", Likely + 35, $"the token was sent, the server says: {saw}");
        else if (aboutToken)
        {
            _suspects.Add("client.bad_token", Likely + 20, saw);
            if (file.Echo?.HasToken != true) _suspects.Add(Possible, "proxy.query_stripped");
        }
        else _suspects.Add("backend.error", Likely, saw);
        if (file.Echo is { } echo && file.Target.Token is not null && !echo.Received(file.Target.TokenName))
            _suspects.Add("proxy.query_stripped", Likely, "the echo shows that the token does not arrive");
    }

    /// <summary>It opens and answers. What still fails for others, later, or with more?</summary>
    private void JudgeOpened()
    {
        // Slow once is a machine that was busy, or a server that was cold.
        if (First.Ms >= 4500 && !file.Repeated.Any(a => a is { Opened: true, Ms: < 2500 }))
        {
            // Every other probe suffers from the same wait and would only say it again in other words.
            _suspects.Add("net.slow_handshake", Proven, $"the 101 came after {First.Ms} ms");
            return;
        }
        if (file.Line is { PongAfterBurst: true, Pong: false }) _suspects.Add("tunnel.buffers_server", Proven, "one ping got no pong, 80 more brought the answers of all");
        if (file.Line is { End: LineEnd.Closed } closed && closed.CloseCode != 1000) JudgeCloseCode(closed);
        if (file.Options.Page is { Scheme: "https" } && !Secure) _suspects.Add("client.mixed_content", Proven, $"the page {file.Options.Page.GetLeftPart(UriPartial.Authority)} is https, the socket is ws://");
        JudgeOtherClients();
        JudgeLimits();
        JudgeHolds();
        if (file[Probe.AlpnBoth] is { Tls.Alpn: "h2" } both && !IsHttp2(both))
            _suspects.Add("proxy.alpn_h2_without_backend", Proven, $"TLS agrees on HTTP/2, then: {both.Summary()}");
        if (file.Http2 is { Offered: true, Works: false, Status: not (429 or 503) } http2)
            _suspects.Add("proxy.h2_websocket", Proven, $"over HTTP/1.1 it opens; over HTTP/2, which the server's SETTINGS offer for WebSockets (RFC 8441): {http2.Words()}");
        if (file.Large is { Ended: true } large)
        {
            if (large.CloseCode == 1009) _suspects.Add("backend.max_payload", Proven, $"200 KB at once: {large.Words()}");
            else _suspects.Add("limit.frame_size", Likely + 20, $"200 KB at once: {large.Words()}");
        }
    }

    private bool Refused(Probe probe) => file[probe] is { } a && !a.Opened && a.Status is not (429 or 503) && file.Repeated.Any(r => r.Opened);

    private void JudgeOtherClients()
    {
        if (Refused(Probe.Origin) && file[Probe.Origin] is { } origin)
        {
            _suspects.Add(Speaker.Of(origin).IsProxy ? "policy.origin" : "backend.origin_refused", Likely + 20, $"with the page's Origin: {origin.Summary()}");
            _suspects.Add(Plausible, "backend.origin_refused", "policy.origin");
        }
        else if (Refused(Probe.Browser))
        {
            _suspects.Add("policy.user_agent", Likely, Quote("with a browser's User-Agent", file[Probe.Browser]));
        }
        if (Refused(Probe.Firefox)) _suspects.Add("proxy.connection_exact_match", Likely + 30, Quote("with \"Connection: keep-alive, Upgrade\", as Firefox sends", file[Probe.Firefox]));
        if (file.Echo is { } echo && echo["Sec-WebSocket-Key"] is not null && echo["Sec-WebSocket-Protocol"] is null && echo.HasUpgrade)
            _suspects.Add("proxy.subprotocol_stripped", Likely + 20, "Sec-WebSocket-Protocol was sent and did not arrive");
        if (file[Probe.DirectSubprotocol]?["Sec-WebSocket-Protocol"] is { } chosen && file[Probe.Subprotocol] is { Opened: true } front && front["Sec-WebSocket-Protocol"] is null)
            _suspects.Add("proxy.subprotocol_stripped", Likely + 30, $"straight at the server '{Answer.Clip(chosen, 40)}' is confirmed, through the proxy none");
        if (file.Options.Subprotocol is not null && file[Probe.Subprotocol] is { Opened: true } asked && asked["Sec-WebSocket-Protocol"] is null)
            _suspects.Add("proxy.subprotocol_stripped", Plausible, "the subprotocol asked for is not confirmed");
    }

    private void JudgeLimits()
    {
        if (file[Probe.LongToken] is { } longer && !longer.Opened && TooLong(longer)) _suspects.Add("limit.header_size", Likely + 20, $"with an address of 3.5 KB: {longer.Summary()}");
        else if (file[Probe.LongerToken] is { } longest && !longest.Opened && TooLong(longest)) _notes.Add($"An address of 9 KB is refused ({longest.Status}): keep tokens below 8 KB, or raise the proxy's line limit.");
        var failed = file.Repeated.Where(a => !a.Opened).ToList();
        if (failed.Count > 0) JudgeRepeated(failed);
        var many = file.Many.Where(a => !a.Opened).ToList();
        if (many.Count == 0) return;
        var saw = $"{file.Many.Count - many.Count} of {file.Many.Count} sockets at once opened; else {many[0].Summary()}";
        var hang = many.All(a => a.Fault is Fault.Silent or Fault.ConnectTimeout);
        if (file[Probe.WhileHeld] is { Opened: false, HasStatus: true } held && file[Probe.AfterHeld] is { Opened: true })
        {
            _suspects.Add("limit.connections", Proven, $"{saw}; a second later still {held.Status}, and it opens when the others are closed");
            _suspects.Add("limit.workers", Plausible);
            return;
        }
        if (file[Probe.WhileHeld] is { Opened: true }) _suspects.Add("limit.rate", Plausible, $"{saw}; a second later it opens beside the others");
        if (many.Any(a => a.Status == 429)) _suspects.Add("limit.rate", Likely, saw);
        if (!hang)
        {
            var closed = many.All(a => a.Fault is Fault.Closed or Fault.Reset) || many.Any(a => a.Status == 500);
            _suspects.Add("limit.connections", closed ? Plausible + 10 : Likely, saw);
            _suspects.Add("limit.workers", closed ? Likely : Possible, saw);
            _suspects.Add(Possible, "limit.rate");
            return;
        }
        // Programs with a process per connection run out of those; the others have a number to turn.
        var perProcess = FrontName is "apache" || FrontName.Length == 0;
        _suspects.Add("limit.workers", perProcess ? Likely : Plausible, saw);
        _suspects.Add("limit.connections", perProcess ? Plausible : Likely, saw);
    }

    private static bool TooLong(Answer a) => a.Status is 400 or 413 or 414 or 431 or 494 || a.Fault is Fault.Closed or Fault.Reset or Fault.Silent;

    private void JudgeRepeated(List<Answer> failed)
    {
        var saw = $"{file.Repeated.Count - failed.Count} of {file.Repeated.Count} in a row opened; else {failed[0].Summary()}";
        if (failed.Any(a => a.Status is 429))
        {
            _suspects.Add("limit.rate", Proven, saw);
        }
        else if (failed.All(a => a.Status == 503 || a.Fault is Fault.Closed or Fault.Reset) && failed.Count >= 3)
        {
            _suspects.Add("limit.rate", Likely + 10, saw);
            _suspects.Add("limit.connections", Plausible, saw);
        }
        else if (failed.Any(a => a.Status is 404 or 426 or 400) && failed.All(a => Speaker.Of(a).IsApplication))
        {
            _suspects.Add("upstream.mixed_versions", Likely + 10, saw);
            _suspects.Add("upstream.ipv6_intruder", Plausible, saw);
        }
        else
        {
            _suspects.Add("upstream.ipv6_intruder", Likely, saw);
            _suspects.Add("upstream.mixed_versions", Plausible, saw);
            _suspects.Add(Possible, "limit.rate", "limit.connections", "limit.workers", "upstream.wrong_service");
        }
    }

    private void JudgeHolds()
    {
        if (file.SilentHold is not { } silent || file.PingedHold is not { } pinged) return;
        if (!pinged.Ended && !pinged.Pong)
        {
            _suspects.Add("tunnel.half_open", Likely + 20, $"after {pinged.Seconds:0} s no pong came any more, and nobody ended the line");
        }
        else if (silent.Ended && pinged.Ended && pinged.Seconds < silent.Seconds * 1.25 + 1)
        {
            _suspects.Add("tunnel.lifetime_limit", Likely + 20, $"a silent line was cut after {silent.Seconds:0.0} s and one pinged every second after {pinged.Seconds:0.0} s");
        }
        else if (silent.Ended && silent.CloseCode is 0 or 1001 or 1005 or 1006 && silent.Ended)
        {
            var saw = $"a silent line was cut after {silent.Seconds:0.0} s, one pinged every second was not";
            if (silent.Seconds < PingPause)
            {
                _suspects.Add("tunnel.idle_timeout", Likely + 20, saw);
                _suspects.Add("chain.inner_idle_timeout", file.Echo is { Hops: >= 2 } ? Likely + 25 : Possible, file.Echo is { Hops: >= 2 } ? "two proxies are on the way" : "");
            }
            else
            {
                _notes.Add($"{saw}{WhoseDefault(silent.Seconds)}. Ping every 20 to 25 s.");
            }
        }
    }

    /// <summary>Well-known defaults, measured; the number tells whose limit it probably is.</summary>
    private static string WhoseDefault(double seconds) => seconds switch
    {
        > 49 and < 52 => " (HAProxy as Debian ships it cuts after 50 s)",
        > 58 and < 63 => " (nginx, Apache, Varnish and lighttpd cut after 60 s, so do AWS load balancers)",
        > 98 and < 122 => " (Cloudflare cuts after 100 to 120 s)",
        > 298 and < 303 => " (h2o and Debian's Apache cut after 300 s)",
        _ => "",
    };
}
