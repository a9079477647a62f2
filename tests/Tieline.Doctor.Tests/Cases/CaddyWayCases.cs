using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>Caddy in its other forms: named matchers, routes, headers, TLS sites, several servers.</summary>
internal static class CaddyWayCases
{
    private const string Proxy = CaddyCases.Proxy;
    private const string Pages = "handle {\n\t\troot * {run}/www\n\t\tfile_server\n\t}";

    private static ProxyCase Case(string name, string cause, string inside, bool mendable = false, string site = "http://chat.test:{front}") =>
        CaddyCases.Case(name, cause, CaddyCases.File(inside, site), mendable);

    private static ProxyCase Tls(string name, string cause, string certificate, string more = "", string site = "https://chat.test:{front_tls}") =>
        Case(name, cause, $"tls {{certs}}/{certificate}.pem {{certs}}/{certificate}.key{more}\n\t{Proxy}", site: site) with { Secure = true };

    public static IEnumerable<ProxyCase> All =>
    [
        Case("matcher-good", "none", "@socket {\n\t\theader Connection *Upgrade*\n\t\theader Upgrade websocket\n\t}\n\treverse_proxy @socket 127.0.0.1:{backend}\n\treverse_proxy /api/* 127.0.0.1:{backend}"),
        Case("matcher-strict", "proxy.connection_exact_match", "@socket {\n\t\theader Connection Upgrade\n\t\theader Upgrade websocket\n\t}\n\treverse_proxy @socket 127.0.0.1:{backend}\n\treverse_proxy /api/chat/test 127.0.0.1:{backend}"),
        Case("path-matcher", "proxy.location_mismatch", "@socket path /ws/*\n\treverse_proxy @socket 127.0.0.1:{backend}\n\treverse_proxy /api/chat/test 127.0.0.1:{backend}"),
        Case("exact-proxy", "proxy.location_mismatch", "reverse_proxy /api/chat/ws 127.0.0.1:{backend}\n\treverse_proxy /api/chat/test 127.0.0.1:{backend}"),
        Case("handle-good", "none", "handle /api/* {\n\t\t" + Proxy + "\n\t}\n\t" + Pages),
        Case("route-good", "none", "route {\n\t\t" + Proxy + "\n\t}"),
        Case("encode-good", "none", "encode gzip\n\t" + Proxy + " {\n\t\tflush_interval -1\n\t\theader_up X-Real-IP {remote_host}\n\t}"),
        Case("files-only", "proxy.location_missing", "root * {run}/www\n\tfile_server"),
        Case("prefix-uri", "proxy.path_rewritten", "uri strip_prefix /api\n\t" + Proxy, true),
        Case("rewritten", "proxy.path_rewritten", "rewrite * /app{uri}\n\t" + Proxy, true),
        Case("query-cut", "proxy.query_stripped", "rewrite * {path}?\n\t" + Proxy, true),
        Case("connection-deleted", "proxy.connection_header_wrong", Proxy + " {\n\t\theader_up Connection close\n\t}", true),
        Case("request-header", "proxy.upgrade_headers_missing", "request_header -Upgrade\n\t" + Proxy, true),
        Case("key-deleted", "proxy.ws_key_stripped", Proxy + " {\n\t\theader_up -Sec-WebSocket-Key\n\t}", true),
        Case("protocol-deleted", "proxy.subprotocol_stripped", Proxy + " {\n\t\theader_up -Sec-WebSocket-Protocol\n\t}", true),
        Case("password", "policy.basic_auth", "basicauth {\n\t\tada JDJhJDE0JGJ5c0VlbVhwL2dXZ0pPcFlYOWYxYS51dWxVOVVxbS5HVkNTOTFCQkJtVzNvY0Jsb3VvZnl5\n\t}\n\t" + Proxy),
        CaddyCases.Case("login-check", "policy.auth_request", CaddyCases.File("forward_auth 127.0.0.1:{inner} {\n\t\turi /login\n\t}\n\t" + Proxy) + "\nhttp://:{inner} {\n\trespond 401\n}\n"),
        Case("method", "policy.method", "@reads method GET\n\trespond @reads 405\n\t" + Proxy),
        Case("agent", "policy.user_agent", "@tools not header User-Agent *Mozilla*\n\trespond @tools 403\n\t" + Proxy),
        Case("own-error-page", "upstream.refused_backend_down", Proxy + "\n\thandle_errors {\n\t\trespond \"Sorry, back soon\" 502\n\t}") with { App = null },
        Case("wrong-port", "upstream.refused_wrong_port", "reverse_proxy 127.0.0.1:{closed}"),
        Case("wrong-interface", "upstream.refused_wrong_interface", Proxy) with { AppAddress = "127.0.0.3" },
        Case("plain-to-tls", "upstream.plain_to_tls", Proxy) with { App = new AppStyle { Certificate = TestCertificates.Shared.Certificate("chat") } },
        Case("unknown-name", "upstream.dns", "reverse_proxy chat-backend.invalid:{backend}"),
        Case("hung", "upstream.hung", Proxy + " {\n\t\ttransport http {\n\t\t\tresponse_header_timeout 2s\n\t\t}\n\t}") with { BackendBox = "reads-only" },
        Case("resets", "upstream.resets", Proxy) with { BackendBox = "reset" },
        Case("two-versions", "upstream.mixed_versions", "reverse_proxy 127.0.0.1:{backend} 127.0.0.1:{other} {\n\t\tlb_policy round_robin\n\t}"),
        Case("no-library", "backend.no_ws_library", Proxy) with { App = new AppStyle { NoSockets = true, Dumb = true, Server = "uvicorn" } },
        Case("dumb-upgrade-deleted", "proxy.upgrade_headers_missing", Proxy + " {\n\t\theader_up -Upgrade\n\t}", true) with { App = new AppStyle { Dumb = true, Server = "uvicorn" } },
        Case("host-refused", "backend.host_refused", Proxy) with { App = new AppStyle { Hosts = ["www.example.org"] } },
        Case("any-name-good", "none", Proxy, site: "http://:{front}"),
        Case("two-sites", "proxy.path_rewritten", "handle_path /api/* {\n\t\t" + Proxy + "\n\t}", true, "http://www.test:{front}, http://chat.test:{front}"),
        Tls("tls-good", "none", "chat"),
        Tls("tls-expired", "tls.cert_expired", "expired"),
        Tls("tls-self-signed", "tls.self_signed", "self"),
        Tls("tls-other-name", "tls.sni_rejected", "other", site: "https://other.test:{front_tls}"),
        Tls("tls-client-certificate", "tls.client_cert_required", "chat", " {\n\t\tclient_auth {\n\t\t\tmode require\n\t\t}\n\t}"),
    ];
}
