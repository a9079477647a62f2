using System.Text.RegularExpressions;
using Tieline.Doctor.Configuration;
using Tieline.Doctor.Evidence;

namespace Tieline.Doctor.Logs;

/// <summary>Sentences by which programs themselves name a cause. Only what was written during the run counts in full.</summary>
internal static class LogClues
{
    public static IReadOnlyList<Clue> Read(IReadOnlyList<LogLine> lines)
    {
        var clues = new Dictionary<string, Clue>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            foreach (var (pattern, causes, weight) in _sentences)
            {
                if (!Says(pattern, line.Text)) continue;
                var counts = line.Phase == LogPhase.Before ? weight / 2 : weight;
                foreach (var cause in causes)
                {
                    // The same sentence a hundred times says no more than once.
                    if (clues.TryGetValue(cause, out var known) && known.Weight >= counts) continue;
                    clues[cause] = new Clue(cause, counts, $"{Path.GetFileName(line.File)}: {Probes.Answer.Clip(line.Text.Trim(), 300)}");
                }
                break;
            }
        }
        return [.. clues.Values];
    }

    // By the clock on the wall: it must be long enough for a machine that is busy with something else.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>A line that cannot be decided in time is no evidence, and no reason to stop.</summary>
    private static bool Says(Regex pattern, string line)
    {
        try
        {
            return pattern.IsMatch(line);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static readonly (Regex Pattern, string[] Causes, int Weight)[] _sentences =
    [
        (Nginx("13: Permission denied\\) while connecting to upstream"), ["upstream.permission"], 120),
        (Nginx("2: No such file or directory\\) while connecting to upstream"), ["upstream.refused_backend_down"], 110),
        (Nginx("SSL_do_handshake\\(\\) failed.*while SSL handshaking to upstream|SSL_do_handshake.*wrong version number"), ["upstream.tls_to_plain"], 110),
        (Nginx("timed out\\) while connecting to upstream"), ["upstream.unreachable"], 110),
        (Nginx("timed out\\) while reading response header from upstream"), ["upstream.hung"], 110),
        (Nginx("111: Connection refused\\) while connecting to upstream"), ["upstream.refused_backend_down", "upstream.refused_wrong_port", "upstream.refused_wrong_interface", "chain.inner_down"], 40),
        (Nginx("No route to host|Network is unreachable\\) while connecting"), ["upstream.unreachable"], 110),
        (Nginx("no live upstreams"), ["upstream.marked_down"], 90),
        (Nginx("could not be resolved|no resolver defined|host not found in upstream"), ["upstream.dns"], 120),
        (Nginx("upstream sent (no valid HTTP/1\\.0 header|invalid header|duplicate header|unsupported)"), ["upstream.wrong_service", "upstream.plain_to_tls", "backend.http2_only"], 50),
        (Nginx("104: Connection reset by peer\\) while (reading response header|sending request|SSL)"), ["upstream.resets"], 80),
        (Nginx("upstream prematurely closed connection"), ["upstream.resets", "upstream.wrong_service"], 40),
        (Nginx("limiting requests, excess"), ["limit.rate"], 100),
        (Nginx("limiting connections by zone"), ["limit.connections"], 100),
        (Nginx("worker_connections are not enough|worker_connections exceed"), ["limit.workers"], 120),
        (Nginx("access forbidden by rule"), ["policy.ip_denied", "policy.method"], 60),
        (Nginx("no user/password was provided|user .* was not found in"), ["policy.basic_auth"], 100),
        (Nginx("auth request unexpected status"), ["policy.auth_request"], 110),
        (Nginx("while reading PROXY protocol"), ["proxy.proxy_protocol_expected"], 110),
        (Nginx("client sent plain HTTP request to HTTPS port"), ["client.plain_to_tls_port"], 100),
        (Nginx("client sent no required SSL certificate"), ["tls.client_cert_required"], 110),
        (Nginx("client sent too (long|large)"), ["limit.header_size"], 90),
        (Nginx("rewrite or internal redirection cycle"), ["proxy.static_fallback"], 60),
        (Nginx("open\\(\\) .* failed \\(2: No such file"), ["proxy.location_missing", "proxy.wrong_vhost"], 15),
        (Nginx("\\[emerg\\].*(unknown directive|directive|invalid|unexpected|host not found|duplicate|not allowed)"), ["proxy.reload_refused"], 130),
        (Any("ModSecurity: (Access denied|Warning)"), ["policy.waf"], 120),
        (Any("No protocol handler was valid"), ["proxy.module_missing"], 130),
        (Any("\\(111\\)Connection refused|AH00957|AH01114"), ["upstream.refused_backend_down", "upstream.refused_wrong_port", "upstream.refused_wrong_interface"], 40),
        (Any("AH01630|client denied by server configuration"), ["policy.ip_denied", "policy.method"], 60),
        (Any("AH00161|AH00484|AH10159|MaxRequestWorkers setting|server reached Max"), ["limit.workers"], 120),
        (Any("AH01618|AH01617|AH01614"), ["policy.basic_auth"], 80),
        (Any("request failed: URI too long|AH00565|AH00566"), ["limit.header_size"], 80),
        (Any("AH00898|AH01102|error reading (status line|response)"), ["upstream.resets", "upstream.wrong_service", "upstream.hung"], 40),
        (Any("AH01097|AH02029|SSL Proxy|AH00961|SSL handshake.*failed.*proxy"), ["upstream.tls_to_plain"], 60),
        (Any("AH00895|AH00898.*DNS|DNS lookup failure"), ["upstream.dns"], 110),
        (Any("<NOSRV>.* SC--|/<NOSRV>"), ["proxy.no_backend", "upstream.marked_down", "upstream.health_check_wrong", "upstream.dns", "limit.rate", "policy.ip_denied", "proxy.maintenance", "policy.user_agent", "proxy.redirect_https"], 10),
        (Any("Server \\S+ is DOWN.*(wrong status|Layer7)"), ["upstream.health_check_wrong"], 110),
        (Any("Server \\S+ is DOWN.*(Connection refused|Layer4)"), ["upstream.refused_backend_down"], 70),
        (Any("has no server available"), ["upstream.marked_down", "upstream.health_check_wrong"], 30),
        (Any(" sQ(--|-D)|queue"), ["limit.connections"], 40),
        (Any("connect: connection refused"), ["upstream.refused_backend_down", "upstream.refused_wrong_port", "upstream.refused_wrong_interface"], 40),
        (Any("no upstreams available"), ["upstream.health_check_wrong", "upstream.marked_down"], 70),
        (Any("HTTP status code out of tolerances|unexpected status code.*health|health check.*(fail|status)"), ["upstream.health_check_wrong"], 110),
        (Any("tls: first record does not look like a TLS handshake|http: server gave HTTP response to HTTPS client"), ["upstream.tls_to_plain"], 120),
        (Any("malformed HTTP response \\\\?\"\\\\*(x15|u0015)|transport connection broken.*x15"), ["upstream.plain_to_tls"], 120),
        (Any("http2: |frame too large|bogus greeting|unexpected.*preface|malformed HTTP version"), ["upstream.http2_to_http1", "backend.http2_only"], 80),
        (Any("malformed HTTP"), ["upstream.wrong_service"], 80),
        (Any("dial tcp .*i/o timeout"), ["upstream.unreachable"], 110),
        (Any("no such host|server misbehaving|Name or service not known"), ["upstream.dns"], 110),
        (Any("read: connection reset by peer"), ["upstream.resets"], 80),
        (Any("No supported WebSocket library detected|Unsupported upgrade request"), ["backend.no_ws_library"], 120),
        (Any("request from a reverse proxy was received from|X-Forwarded-For header from an untrusted proxy"), ["backend.proxy_not_trusted"], 120),
        (Any("token not found in 'Connection' header|could not find connection header with token"), ["proxy.connection_header_wrong", "proxy.upgrade_headers_missing"], 60),
        (Any("'websocket' token not found in 'Upgrade' header|could not find upgrade header with token"), ["proxy.upgrade_headers_missing"], 80),
        (Any("EADDRINUSE|address already in use|Errno 98|AddressInUse"), ["upstream.port_taken"], 110),
        (Any("connect_blocking.*refused|s_connect.*Connection refused|Connection refused \\(111\\)|establishing connection failed|connect\\(\\) failed.*refused"), ["upstream.refused_backend_down", "upstream.refused_wrong_port"], 60),
        (Any("FetchError.*(no backend connection|backend \\S+: (fail|unhealthy))"), ["upstream.refused_backend_down", "upstream.refused_wrong_port"], 40),
        (Any("AllowedHosts|Invalid host|DisallowedHost"), ["backend.host_refused", "proxy.host_not_forwarded"], 30),
        (Any("Origin.*(not allowed|value not allowed)"), ["backend.origin_refused"], 90),
    ];

    // The words of nginx stand in lines that carry a level, so that an access log quoting them is not taken for one.
    private static Regex Nginx(string words) => new(@"\[(emerg|alert|crit|error|warn|info|notice)\].*(" + words + ")", RegexOptions.CultureInvariant, _patience);

    private static Regex Any(string words) => new(words, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, _patience);
}
