using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>HAProxy in its other forms: choices by header and path, TLS in front, several sections.</summary>
internal static class HaproxyWayCases
{
    private static ProxyCase Case(string name, string cause, string config, bool mendable = false) => HaproxyCases.Case(name, cause, config, mendable);

    private static string File(string front = "", string back = "", string server = "", string bind = "", string defaults = "timeout tunnel 1h", string global = "", string rest = "") =>
        HaproxyCases.File(front, back, server, bind, defaults, global, rest);

    private static ProxyCase Tls(string name, string cause, string bind, string certificate = "chat", string front = "", string global = "") =>
        Case(name, cause, File(front: front, bind: $" ssl crt {{certs}}/{certificate}.bundle.pem{bind}", global: global).Replace("127.0.0.1:{front}", "127.0.0.1:{front_tls}", StringComparison.Ordinal)) with { Secure = true };

    // A rule that knows a handshake by its key, which RFC 8441 does without.
    private const string KeyRule = "http-request deny if { path_beg /api/chat/ws } !{ req.hdr(Sec-WebSocket-Key) -m found }";

    private const string Sockets = "backend sockets\n  timeout tunnel 1h\n  server two 127.0.0.1:{backend}";

    public static IEnumerable<ProxyCase> All =>
    [
        Case("by-upgrade-good", "none", File(front: "acl socket hdr(Upgrade) -i websocket\n  use_backend sockets if socket", rest: Sockets)),
        Case("by-path-good", "none", File(front: "use_backend sockets if { path_beg /api/chat/ws }", rest: Sockets)),
        Case("by-host-wrong", "proxy.wrong_vhost", File(front: "use_backend app if { hdr(host) -i chat.example }\n  default_backend pages", rest: "backend pages\n  http-request return status 404 content-type text/html string \"<h1>No page</h1>\"").Replace("  default_backend app\n", "", StringComparison.Ordinal)),
        Case("listen-good", "none", File().Replace("frontend public", "listen public", StringComparison.Ordinal)),
        Case("connection-deleted", "proxy.connection_header_wrong", File(front: "http-request del-header Connection"), true),
        Case("key-deleted", "proxy.ws_key_stripped", File(front: "http-request del-header Sec-WebSocket-Key"), true),
        Case("version-deleted", "proxy.ws_version_stripped", File(front: "http-request del-header Sec-WebSocket-Version"), true),
        Case("protocol-deleted", "proxy.subprotocol_stripped", File(back: "http-request del-header Sec-WebSocket-Protocol"), true),
        Case("path-set", "proxy.path_rewritten", File(front: "http-request set-path /app%[path]"), true),
        Case("uri-replaced", "proxy.path_rewritten", File(front: "http-request replace-uri ^/api/(.*) /\\1"), true),
        Case("wrong-port", "upstream.refused_wrong_port", File().Replace("server one 127.0.0.1:{backend}", "server one 127.0.0.1:{closed}", StringComparison.Ordinal)),
        Case("wrong-interface", "upstream.refused_wrong_interface", File()) with { AppAddress = "127.0.0.3" },
        Case("plain-to-tls", "upstream.plain_to_tls", File()) with { App = new AppStyle { Certificate = TestCertificates.Shared.Certificate("chat") } },
        Case("hung", "upstream.hung", File(defaults: "timeout tunnel 1h").Replace("timeout server 30s", "timeout server 2s", StringComparison.Ordinal)) with { BackendBox = "reads-only" },
        Case("no-library", "backend.no_ws_library", File()) with { App = new AppStyle { NoSockets = true, Dumb = true, Server = "uvicorn" } },
        Case("host-refused", "backend.host_refused", File()) with { App = new AppStyle { Hosts = ["www.example.org"] } },
        Case("origin-refused", "backend.origin_refused", File()) with { App = new AppStyle { Origins = ["https://www.example.org"] } },
        Case("password", "policy.basic_auth", File(front: "http-request auth realm staging unless { http_auth(people) }", rest: "userlist people\n  user ada insecure-password secret")),
        Case("method", "policy.method", File(front: "acl reads method GET\n  http-request deny if reads { path_beg /api/chat/ws }")),
        Case("maintenance", "proxy.maintenance", File(front: "http-request deny deny_status 503")),
        Case("silent-drop", "policy.ip_denied", File(front: "http-request reject unless { src 10.0.0.0/8 }")),
        Case("tcp-down", "upstream.refused_backend_down", File().Replace("mode http", "mode tcp", StringComparison.Ordinal).Replace("option httplog", "option tcplog", StringComparison.Ordinal)) with { App = null },
        Case("tcp-good", "none", File().Replace("mode http", "mode tcp", StringComparison.Ordinal).Replace("option httplog", "option tcplog", StringComparison.Ordinal)),
        Case("check-down", "upstream.refused_backend_down", File(server: " check inter 200ms fall 1")) with { App = null },
        Case("tunnel-short", "tunnel.idle_timeout", File(defaults: "timeout tunnel 3s"), true) with { Hold = 8 },
        Tls("tls-good", "none", ""),
        Tls("tls-both-good", "none", " alpn h2,http/1.1"),
        Tls("http2-key-rule", "proxy.h2_websocket", " alpn h2,http/1.1", front: KeyRule),
        Tls("http2-key-rule-off", "none", " alpn h2,http/1.1", front: KeyRule, global: "h2-workaround-bogus-websocket-clients"),
        Tls("tls-expired", "tls.cert_expired", "", "expired"),
        Tls("tls-other-name", "tls.cert_name_mismatch", "", "other"),
        Tls("tls-strict-names", "tls.sni_rejected", " strict-sni", "other"),
        Tls("tls-client-certificate", "tls.client_cert_required", " verify required ca-file {certs}/ca.pem"),
        Tls("tls-plain-client", "client.plain_to_tls_port", "") with { WrongScheme = true },
    ];
}
