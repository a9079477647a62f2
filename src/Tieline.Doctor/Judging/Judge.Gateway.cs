using Tieline.Doctor.Evidence;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    /// <summary>502, 503, 504: the proxy has no way to the server. Time and the other paths tell which.</summary>
    private void JudgeGateway(string saw, Speaker speaker)
    {
        var onlySocket = KnownIsApplication;
        var slow = First.Ms > 1500;
        var timed = $"{saw}, after {First.Ms} ms";
        switch (First.Status)
        {
            case 504:
                _suspects.Add("upstream.hung", Likely, timed);
                _suspects.Add("upstream.unreachable", Likely - 5, timed);
                break;
            case 503:
                JudgeUnavailable(timed, onlySocket, slow, speaker);
                break;
            case 502 when speaker.Name is "apache" or "haproxy":
                // Both say 503 where nobody takes the connection: somebody did, and what came back was no answer.
                _suspects.Add("upstream.hung", slow && speaker.Name == "apache" ? Likely + 10 : Possible, timed);
                _suspects.Add("upstream.plain_to_tls", Likely, timed);
                _suspects.Add("upstream.resets", Likely - 5, timed);
                _suspects.Add(Plausible, "upstream.wrong_service", "backend.http2_only");
                _suspects.Add(Possible, "upstream.http2_to_http1", "upstream.tls_to_plain", "upstream.proxy_protocol_unexpected", "upstream.refused_backend_down", "upstream.refused_wrong_port", "upstream.port_taken", "limit.header_size");
                break;
            default:
                if (onlySocket)
                {
                    _suspects.Add("upstream.refused_wrong_port", Likely, $"{timed}; other paths reach the application");
                    _suspects.Add(Plausible, "upstream.tls_to_plain", "upstream.plain_to_tls", "upstream.resets", "upstream.permission", "upstream.dns", "upstream.wrong_service", "upstream.http2_to_http1");
                }
                else
                {
                    _suspects.Add("upstream.refused_backend_down", Likely, timed);
                    _suspects.Add(Plausible, "upstream.refused_wrong_port", "upstream.tls_to_plain", "upstream.http2_to_http1", "upstream.plain_to_tls", "upstream.resets", "upstream.refused_wrong_interface");
                }
                _suspects.Add(Possible, "upstream.permission", "upstream.dns", "upstream.marked_down", "upstream.wrong_service", "upstream.health_check_wrong", "chain.inner_down", "upstream.unreachable", "upstream.refused_wrong_interface", "backend.http2_only", "upstream.proxy_protocol_unexpected", "upstream.port_taken", "limit.header_size", "proxy.no_backend");
                break;
        }
        if (First.Status != 504) _suspects.Add(Possible, "upstream.hung");
    }

    private void JudgeUnavailable(string saw, bool onlySocket, bool slow, Speaker speaker)
    {
        var everywhere = Known is { Status: 503 } && file[Probe.Random] is { Status: 503 };
        if (everywhere && !slow && !speaker.IsProxy) _suspects.Add("proxy.maintenance", Likely, saw + "; every path says so, in somebody's own words");
        if (slow)
        {
            // HAProxy tries three times, a second apart, before it gives up.
            _suspects.Add(onlySocket ? "upstream.refused_wrong_port" : "upstream.refused_backend_down", Likely, saw);
            _suspects.Add("upstream.refused_wrong_port", Possible + 5);
            _suspects.Add(Plausible, "upstream.tls_to_plain", "upstream.refused_wrong_port", "upstream.unreachable", "upstream.refused_wrong_interface", "upstream.plain_to_tls");
        }
        else if (speaker.Name == "nginx")
        {
            // A limit lets somebody in at times.
            var always = file.Again.Count > 0 && file.Again.All(a => a.Status == 503);
            _suspects.Add("proxy.maintenance", everywhere ? Likely + 10 : always ? Likely : Plausible, saw);
            _suspects.Add(Plausible, "limit.rate", "limit.connections");
        }
        else
        {
            _suspects.Add("upstream.refused_backend_down", speaker.Name is "varnish" or "apache" or "h2o" or "lighttpd" ? Likely : Plausible, saw);
            _suspects.Add("upstream.marked_down", speaker.Name is "haproxy" ? Likely - 10 : Plausible, saw);
            _suspects.Add("upstream.health_check_wrong", speaker.Name is "haproxy" or "caddy" ? Likely : Possible, saw);
            _suspects.Add("proxy.no_backend", speaker.Name is "haproxy" ? onlySocket ? Likely + 10 : Plausible : Possible);
            _suspects.Add(Plausible, "upstream.refused_wrong_port", "proxy.maintenance");
            // No body at all in a 503 of Caddy: no server is thought healthy; a refused connection is its 502.
            if (speaker.Name == "caddy") _suspects.Add("upstream.health_check_wrong", Possible);
        }
        _suspects.Add(Possible, "limit.rate", "limit.connections", "limit.workers", "upstream.dns", "upstream.marked_down", "upstream.health_check_wrong", "upstream.resets", "upstream.http2_to_http1", "upstream.tls_to_plain", "chain.inner_down", "proxy.no_backend", "upstream.hung", "upstream.unreachable", "upstream.permission", "upstream.refused_wrong_interface", "upstream.proxy_protocol_unexpected");
    }
}
