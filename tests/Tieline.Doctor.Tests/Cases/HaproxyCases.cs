using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

internal static class HaproxyCases
{
    internal static string File(string front = "", string back = "", string server = "", string bind = "", string defaults = "timeout tunnel 1h", string global = "", string rest = "") => $$"""
        global
          maxconn 200
          log stdout format raw local0
          {{global}}
        defaults
          mode http
          log global
          option httplog
          timeout connect 2s
          timeout client 30s
          timeout server 30s
          {{defaults}}
        frontend public
          bind 127.0.0.1:{front}{{bind}}
          {{front}}
          default_backend app
        backend app
          {{back}}
          # one server is enough
          server one 127.0.0.1:{backend}{{server}}
        {{rest}}

        """;

    internal static ProxyCase Case(string name, string cause, string config, bool mendable = false) =>
        new("haproxy-" + name, "haproxy", cause) { Configs = [("haproxy", "haproxy.cfg", config)], Mendable = mendable };

    public static IEnumerable<ProxyCase> All =>
    [
        Case("good", "none", File()),
        Case("good-httpclose", "none", File(front: "option httpclose")),
        Case("upgrade-deleted", "proxy.upgrade_headers_missing", File(front: "http-request del-header Upgrade"), true),
        Case("connection-set", "proxy.connection_header_wrong", File(back: "http-request set-header Connection close"), true),
        Case("path-cut", "proxy.path_rewritten", File(front: "http-request replace-path /api/chat/(.*) /\\1"), true),
        Case("query-cut", "proxy.query_stripped", File(front: "http-request set-query x=1"), true),
        Case("host-set", "proxy.host_not_forwarded", File(back: "http-request set-header Host internal.local"), true) with { App = new AppStyle { Hosts = ["chat.test"] } },
        Case("to-https", "proxy.redirect_https", File(front: "http-request redirect scheme https code 301")),
        Case("no-backend", "proxy.no_backend", File(front: "use_backend app if { path_beg /other/ }").Replace("  default_backend app\n", "", StringComparison.Ordinal)),
        Case("other-backend", "proxy.location_mismatch", File(front: "use_backend pages if { path_beg /api/chat/ws }", rest: "backend pages\n  http-request return status 404 content-type text/html string \"<h1>No page</h1>\"")),
        Case("denied", "policy.ip_denied", File(front: "http-request deny unless { src 10.0.0.0/8 }")),
        Case("agent", "policy.user_agent", File(front: "http-request deny unless { req.hdr(User-Agent) -m sub Mozilla }")),
        Case("rate", "limit.rate", File(front: "stick-table type ip size 1k expire 30s store http_req_rate(30s)\n  http-request track-sc0 src\n  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 4 }")),
        Case("front-full", "limit.connections", File(front: "maxconn 4")),
        Case("server-full", "limit.connections", File(server: " maxconn 3")),
        Case("small-buffer", "limit.header_size", File(global: "tune.bufsize 4096")),
        Case("no-tunnel-time", "tunnel.idle_timeout", File(defaults: "").Replace("client 30s", "client 3s", StringComparison.Ordinal).Replace("server 30s", "server 3s", StringComparison.Ordinal), true) with { Hold = 8 },
        Case("to-tls", "upstream.tls_to_plain", File(server: " ssl verify none"), true),
        Case("server-h2", "upstream.http2_to_http1", File(server: " proto h2"), true),
        Case("sends-proxy", "upstream.proxy_protocol_unexpected", File(server: " send-proxy"), true),
        Case("bind-h2", "proxy.http2_only", File(bind: " proto h2"), true),
        Case("accept-proxy", "proxy.proxy_protocol_expected", File(bind: " accept-proxy")),
        Case("disabled", "upstream.marked_down", File(server: " disabled")),
        Case("health", "upstream.health_check_wrong", File(back: "option httpchk GET /nowhere", server: " check inter 200ms fall 1")),
        Case("down", "upstream.refused_backend_down", File()) with { App = null },
    ];
}
