using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

internal static class NginxCases
{
    internal const string Upgrade = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;";
    internal const string Forward = "proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
    internal const string Good = Upgrade + " " + Forward + " proxy_read_timeout 1h;";

    /// <summary>A whole file around the inside of one server.</summary>
    internal static string File(string server, string http = "", string listen = "listen 127.0.0.1:{front};", string name = "server_name chat.test;", string events = "worker_connections 256;") => $$"""
        user root;
        worker_processes 1;
        daemon off;
        pid {run}/nginx.pid;
        error_log {run}/error.log info;
        events { {{events}} }
        http {
            access_log off;
            client_body_temp_path {run}/t; proxy_temp_path {run}/t; fastcgi_temp_path {run}/t; uwsgi_temp_path {run}/t; scgi_temp_path {run}/t;
            # What a browser asks for decides what the server hears.
            map $http_upgrade $connection_upgrade { default upgrade; '' close; }
            {{http}}
            server {
                {{listen}}
                {{name}}
                {{server}}
            }
        }
        """;

    /// <summary>The usual two locations with something of one's own in the first.</summary>
    internal static string Socket(string inside, string pass = "http://127.0.0.1:{backend}", string http = "", string server = "") => File($$"""
        {{server}}
                location /api/chat/ws/ {
                    proxy_pass {{pass}};
                    {{inside}}
                }
                location / {
                    proxy_pass http://127.0.0.1:{backend};
                    {{Forward}}
                }
        """, http);

    internal static ProxyCase Case(string name, string cause, string config, bool mendable = false) =>
        new("nginx-" + name, "nginx", cause) { Configs = [("nginx", "nginx.conf", config)], Mendable = mendable };

    public static IEnumerable<ProxyCase> All =>
    [
        Case("good", "none", Socket(Good)),
        Case("good-connection-literal", "none", Socket("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"Upgrade\"; " + Forward)),
        Case("upgrade-missing", "proxy.upgrade_headers_missing", Socket("proxy_http_version 1.1; proxy_set_header Connection $connection_upgrade; " + Forward), true),
        Case("nothing-set", "proxy.upgrade_headers_missing", Socket(""), true),
        Case("connection-close", "proxy.connection_header_wrong", Socket("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection close; " + Forward), true),
        Case("connection-left-out", "proxy.connection_header_wrong", Socket("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; " + Forward), true),
        Case("map-wrong", "proxy.connection_header_wrong", Socket("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $mine; " + Forward, http: "map $http_upgrade $mine { default keep-alive; '' upgrade; }"), true),
        Case("inheritance", "proxy.header_inheritance", Socket("proxy_set_header X-Real-IP $remote_addr; proxy_set_header Host $host;", server: Upgrade), true),
        Case("regex-wins", "proxy.regex_location_wins", File($$"""
            location /api/chat/ws/ { proxy_pass http://127.0.0.1:{backend}; {{Good}} }
            location ~ ^/api/ { proxy_pass http://127.0.0.1:{backend}; {{Forward}} }
            """), true),
        Case("http10", "proxy.http10", Socket("proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; " + Forward), true) with { App = new AppStyle { InsistsOnHttp11 = true } },
        Case("host-fixed", "proxy.host_not_forwarded", Socket(Upgrade + " proxy_set_header Host backend.local;"), true) with { App = new AppStyle { Hosts = ["chat.test"] } },
        Case("host-refused", "backend.host_refused", Socket(Good)) with { App = new AppStyle { Hosts = ["www.example.org"] } },
        Case("origin-refused", "backend.origin_refused", Socket(Good)) with { App = new AppStyle { Origins = ["https://www.example.org"] } },
        Case("pass-with-path", "proxy.path_rewritten", Socket(Good, "http://127.0.0.1:{backend}/"), true),
        Case("rewrite-drops-query", "proxy.query_stripped", Socket("rewrite ^(/api/chat/ws/.*)$ $1? break; " + Good), true),
        Case("key-cleared", "proxy.ws_key_stripped", Socket(Good + " proxy_set_header Sec-WebSocket-Key \"\";"), true),
        Case("version-cleared", "proxy.ws_version_stripped", Socket(Good + " proxy_set_header Sec-WebSocket-Version \"\";"), true),
        Case("subprotocol-cleared", "proxy.subprotocol_stripped", Socket(Good + " proxy_set_header Sec-WebSocket-Protocol \"\";"), true),
        Case("accept-hidden", "proxy.accept_hidden", Socket(Good + " proxy_hide_header Sec-WebSocket-Accept;"), true),
        Case("adds-upgrade", "proxy.duplicate_upgrade_header", Socket(Good + " add_header Upgrade websocket always;"), true),
        Case("method", "policy.method", Socket(Good + " limit_except POST { deny all; }")),
        Case("deny", "policy.ip_denied", Socket(Good + " deny all;")),
        Case("password", "policy.basic_auth", Socket(Good + " auth_basic staging; auth_basic_user_file {run}/users;")),
        Case("login-check", "policy.auth_request", Socket(Good + " auth_request /login;", server: "location = /login { internal; return 401; }")),
        Case("maintenance", "proxy.maintenance", Socket(Good, server: "return 503;")),
        Case("rate", "limit.rate", Socket(Good + " limit_req zone=few; limit_req_status 429;", http: "limit_req_zone $binary_remote_addr zone=few:1m rate=6r/m;")),
        Case("connections", "limit.connections", Socket(Good + " limit_conn each 3;", http: "limit_conn_zone $binary_remote_addr zone=each:1m;")),
        Case("long-token", "limit.header_size", Socket(Good, server: "client_header_buffer_size 1k; large_client_header_buffers 2 2k;")),
        Case("idle", "tunnel.idle_timeout", Socket(Upgrade + Forward + " proxy_read_timeout 3s;"), true) with { Hold = 8 },
        Case("wrong-port", "upstream.refused_wrong_port", Socket(Good, "http://127.0.0.1:{closed}")),
        Case("down", "upstream.refused_backend_down", Socket(Good)) with { App = null },
        Case("wrong-interface", "upstream.refused_wrong_interface", Socket(Good)) with { AppAddress = "127.0.0.3" },
        Case("to-tls", "upstream.tls_to_plain", Socket(Good, "https://127.0.0.1:{backend}"), true),
        Case("hung", "upstream.hung", Socket(Upgrade + Forward + " proxy_read_timeout 2s;")) with { BackendBox = "reads-only" },
        Case("no-resolver", "upstream.dns", Socket("set $where chat-backend.invalid; " + Good, "http://$where:{backend}")),
        Case("marked-down", "upstream.marked_down", Socket(Good, "http://app", http: "upstream app { server 127.0.0.1:{backend} down; }")),
        Case("two-versions", "upstream.mixed_versions", Socket(Good, "http://app", http: "upstream app { server 127.0.0.1:{backend}; server 127.0.0.1:{other}; }")),
        Case("other-name", "proxy.wrong_vhost", File($$"""
            location /api/chat/ws/ { proxy_pass http://127.0.0.1:{backend}; {{Good}} }
            """, name: "server_name chat.tset;", http: "server { listen 127.0.0.1:{front} default_server; server_name www.test; root {run}/www; }"), true),
        Case("files-only", "proxy.location_missing", File("root {run}/www;")),
        Case("fallback", "proxy.static_fallback", File("root {run}/www; location / { try_files $uri /index.html; } location = /api/chat/test { proxy_pass http://127.0.0.1:{backend}; }")),
        Case("proxy-protocol", "proxy.proxy_protocol_expected", File($"location / {{ proxy_pass http://127.0.0.1:{{backend}}; {Good} }}", listen: "listen 127.0.0.1:{front} proxy_protocol;")),
        Case("to-https", "proxy.redirect_https", File("return 301 https://$host$request_uri;")),
        Case("stale", "proxy.stale_config", Socket(Forward), true) with { ChangedOnDisk = Socket(Good) },
        Case("refused-reload", "proxy.reload_refused", Socket(Forward)) with { ChangedOnDisk = Socket(Good + " websocket on;") },
        new ProxyCase("nginx-chain-inner", "nginx", "chain.inner_upgrade_headers_missing")
        {
            Configs = [("nginx", "nginx.conf", Socket(Good, "http://127.0.0.1:{inner}")), ("nginx", "inner.conf", Socket(Forward).Replace("{front}", "{inner}", StringComparison.Ordinal).Replace("nginx.pid", "inner.pid", StringComparison.Ordinal))],
            Mendable = true,
        },
        new ProxyCase("nginx-chain-inner-down", "nginx", "chain.inner_down") { Configs = [("nginx", "nginx.conf", Socket(Good, "http://127.0.0.1:{inner}").Replace("http://127.0.0.1:{backend}", "http://127.0.0.1:{inner}", StringComparison.Ordinal)), ("true", "inner.conf", Socket(Good).Replace("{front}", "{inner}", StringComparison.Ordinal))] },
        Tls("tls-good", "none", "chat"),
        Tls("tls-expired", "tls.cert_expired", "expired"),
        Tls("tls-future", "tls.cert_not_yet_valid", "future"),
        Tls("tls-self-signed", "tls.self_signed", "self"),
        Tls("tls-no-intermediate", "tls.chain_incomplete", "alone"),
        Tls("tls-other-name", "tls.cert_name_mismatch", "other"),
        Tls("tls-client-certificate", "tls.client_cert_required", "chat", "ssl_verify_client on; ssl_client_certificate {certs}/ca.pem;"),
        Tls("tls-plain-client", "client.plain_to_tls_port", "chat") with { WrongScheme = true },
    ];

    private static ProxyCase Tls(string name, string cause, string certificate, string more = "") =>
        Case(name, cause, File($"ssl_certificate {{certs}}/{certificate}.pem; ssl_certificate_key {{certs}}/{certificate}.key; {more} location / {{ proxy_pass http://127.0.0.1:{{backend}}; {Good} }}", listen: "listen 127.0.0.1:{front_tls} ssl;")) with { Secure = true };
}
