using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>What stands between nginx and the application, and what refuses before it: upstreams, policies, limits, TLS.</summary>
internal static class NginxWayCases
{
    private const string Good = NginxCases.Good;
    private const string To = "proxy_pass http://127.0.0.1:{backend};";

    private static ProxyCase Case(string name, string cause, string config, bool mendable = false) => NginxCases.Case(name, cause, config, mendable);

    private static string Tls(string more, string listen = "listen 127.0.0.1:{front_tls} ssl;", string name = "server_name chat.test;", string certificate = "chat", string http = "") =>
        NginxCases.File($"ssl_certificate {{certs}}/{certificate}.pem; ssl_certificate_key {{certs}}/{certificate}.key; {more} location / {{ {To} {Good} }}", http, listen, name);

    // As gorilla/websocket (Mattermost and most of Go) and Express answer a handshake that lost its upgrade.
    private const string Gorilla = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nSec-Websocket-Version: 13\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 12\r\nConnection: close\r\n\r\nBad Request\n";
    private const string Express = "HTTP/1.1 404 Not Found\r\nX-Powered-By: Express\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 47\r\nConnection: close\r\n\r\n<!DOCTYPE html><pre>Cannot GET /api/chat</pre>\n";

    private static AppStyle WithTls => new() { Certificate = TestCertificates.Shared.Certificate("chat") };

    public static IEnumerable<ProxyCase> All =>
    [
        Case("own-error-page", "upstream.refused_backend_down", NginxCases.Socket(Good, server: "error_page 502 504 /sorry.html; location = /sorry.html { internal; return 502 '<h1>We will be back</h1>'; }")) with { App = null },
        Case("json-error-page", "upstream.refused_backend_down", NginxCases.Socket(Good, server: "error_page 502 = @down; location @down { default_type application/json; return 502 '{\"error\":\"bad gateway\"}'; }")) with { App = null },
        Case("socket-file-missing", "upstream.refused_backend_down", NginxCases.Socket(Good, "http://unix:{run}/app.sock")),
        Case("plain-to-tls", "upstream.plain_to_tls", NginxCases.Socket(Good), true) with { App = WithTls },
        Case("tls-to-tls-good", "none", NginxCases.Socket(Good, "https://127.0.0.1:{backend}")) with { App = WithTls },
        Case("resets", "upstream.resets", NginxCases.Socket(Good)) with { BackendBox = "reset" },
        Case("wrong-service", "upstream.wrong_service", NginxCases.Socket(Good)) with { BackendBox = "banner" },
        Case("backend-closes", "upstream.resets", NginxCases.Socket(Good)) with { BackendBox = "close" },
        Case("no-library", "backend.no_ws_library", NginxCases.Socket(Good)) with { App = new AppStyle { NoSockets = true, Dumb = true, Server = "uvicorn" } },
        Case("no-library-and-no-upgrade", "backend.no_ws_library+proxy.upgrade_headers_missing", NginxCases.Socket(NginxCases.Forward)) with { App = new AppStyle { NoSockets = true, Dumb = true, Server = "uvicorn" } },
        Case("dumb-no-upgrade", "proxy.upgrade_headers_missing", NginxCases.Socket(NginxCases.Forward), true) with { App = new AppStyle { Dumb = true, Server = "uvicorn" } },
        Case("dumb-no-echo-no-upgrade", "proxy.upgrade_headers_missing", NginxCases.Socket(NginxCases.Forward), true) with { App = new AppStyle { Dumb = true, NoEcho = true } },
        Case("wrong-path", "client.wrong_path", NginxCases.Socket(Good)) with { Path = "/api/chat/socket/bob" },
        Case("bad-token", "client.bad_token", NginxCases.Socket(Good)) with { Token = "forged", App = new AppStyle { RefusesBeforeUpgrade = true } },
        Case("query-cut-refused", "proxy.query_stripped", NginxCases.Socket("rewrite ^(/api/chat/ws/.*)$ $1? break; " + Good), true) with { App = new AppStyle { RefusesBeforeUpgrade = true } },
        Case("host-refused-own", "proxy.host_not_forwarded", NginxCases.Socket(NginxCases.Upgrade), true) with { App = new AppStyle { Hosts = ["chat.test"] } },
        Case("untrusted", "backend.proxy_not_trusted", NginxCases.Socket(Good)) with { App = new AppStyle { DistrustsProxies = true } },
        Case("gorilla-no-upgrade", "proxy.upgrade_headers_missing", NginxCases.Socket(NginxCases.Forward), true) with { App = new AppStyle { NoEcho = true, Refusal = Gorilla } },
        Case("express-no-upgrade", "proxy.upgrade_headers_missing", NginxCases.Socket(NginxCases.Forward), true) with { App = new AppStyle { Refusal = Express } },
        Case("agent", "policy.user_agent", NginxCases.Socket("if ($http_user_agent !~* Mozilla) { return 403; } " + Good)),
        Case("waf-query", "policy.waf", NginxCases.Socket("if ($args ~* token) { return 403; } " + Good)),
        Case("origin", "policy.origin", NginxCases.Socket("if ($http_origin ~* chat) { return 403; } " + Good)),
        Case("login-check-down", "policy.auth_request", NginxCases.Socket(Good + " auth_request /login;", server: "location = /login { internal; proxy_pass http://127.0.0.1:{closed}/; }")),
        Case("allow-list", "policy.ip_denied", NginxCases.Socket("allow 10.0.0.0/8; deny all; " + Good)),
        Case("geo", "policy.ip_denied", NginxCases.Socket("if ($stranger) { return 403; } " + Good, http: "geo $stranger { default 1; 10.0.0.0/8 0; }")),
        Case("maintenance-file", "proxy.maintenance", NginxCases.Socket(Good, server: "if (-f {run}/nginx.conf) { return 503; } error_page 503 @soon; location @soon { return 503 '<h1>Maintenance</h1>'; }")),
        Case("rate-503", "limit.rate", NginxCases.Socket(Good + " limit_req zone=few burst=1 nodelay;", http: "limit_req_zone $binary_remote_addr zone=few:1m rate=6r/m;")),
        Case("connections-429", "limit.connections", NginxCases.Socket(Good + " limit_conn each 2; limit_conn_status 429;", http: "limit_conn_zone $server_name zone=each:1m;")),
        Case("workers", "limit.workers", NginxCases.File($"location / {{ {To} {Good} }}", events: "worker_connections 14;")),
        Case("http2-tls-good", "none", Tls("", "listen 127.0.0.1:{front_tls} ssl http2;")) with { Secure = true },
        Case("tls-hsts-good", "none", Tls("add_header Strict-Transport-Security max-age=60 always;")) with { Secure = true },
        Case("tls-other-site", "tls.wrong_vhost_cert", Tls("", name: "server_name chat.tset;", http: "server { listen 127.0.0.1:{front_tls} ssl default_server; server_name other.test; ssl_certificate {certs}/other.pem; ssl_certificate_key {certs}/other.key; root {run}/www; }")) with { Secure = true },
        Case("tls-rejects-names", "tls.sni_rejected", Tls("", name: "server_name chat.tset;", http: "server { listen 127.0.0.1:{front_tls} ssl default_server; ssl_reject_handshake on; }")) with { Secure = true },
        Case("tls-client", "client.tls_to_plain_port", NginxCases.Socket(Good)) with { WrongScheme = true },
        Case("lone-ipv6", "net.tcp_refused", NginxCases.File($"location / {{ {To} {Good} }}", listen: "listen [::1]:{front};")) with { NoWait = true },
        Case("busy-upstream", "upstream.hung", NginxCases.Socket(NginxCases.Upgrade + NginxCases.Forward + " proxy_read_timeout 7d;")) with { BackendBox = "reads-only" },
        Case("subprotocol-hidden", "proxy.subprotocol_stripped", NginxCases.Socket(Good + " proxy_hide_header Sec-WebSocket-Protocol;"), true),
        Case("adds-connection", "proxy.duplicate_upgrade_header", NginxCases.Socket(Good + " add_header Upgrade $http_upgrade always; add_header Connection upgrade always;"), true),
    ];
}
