using Tieline.Doctor.Tests.Harness;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>nginx as it grows on servers: files that include files, several names, inherited lines, and two proxies in a row.</summary>
internal static class NginxLayoutCases
{
    private const string To = "proxy_pass http://127.0.0.1:{backend};";

    private static ProxyCase Case(string name, string cause, string config, bool mendable = false) => NginxCases.Case(name, cause, config, mendable);

    /// <summary>The main file with nothing of its own but an include, as Debian lays it out.</summary>
    private static string Debian(string include) => NginxCases.File("return 404;", include, "listen 127.0.0.1:{inner};", "server_name none.test;");

    private static string Site(string inside, string name = "chat.test") => $$"""
        server {
            listen 127.0.0.1:{front};
            server_name {{name}};
            {{inside}}
        }
        """;

    private static string Socket(string inside) => $$"""
        location /api/chat/ws/ {
                {{To}}
                {{inside}}
            }
            location / {
                {{To}}
                {{NginxCases.Forward}}
            }
        """;

    private static ProxyCase Files(string name, string cause, bool mendable, params (string, string, string)[] files) =>
        new("nginx-" + name, "nginx", cause) { Configs = files, Mendable = mendable };

    private static ProxyCase Chain(string name, string cause, string outer, string inner, bool mendable = false) => new("nginx-chain-" + name, "nginx", cause)
    {
        Configs =
        [
            ("nginx", "nginx.conf", outer),
            ("nginx", "inner.conf", inner.Replace("{front}", "{inner}", StringComparison.Ordinal).Replace("nginx.pid", "inner.pid", StringComparison.Ordinal)),
        ],
        Mendable = mendable,
    };

    private static string ToInner(string inside) => NginxCases.Socket(inside, "http://127.0.0.1:{inner}").Replace("http://127.0.0.1:{backend}", "http://127.0.0.1:{inner}", StringComparison.Ordinal);

    public static IEnumerable<ProxyCase> All =>
    [
        Files("sites-enabled", "proxy.upgrade_headers_missing", true,
            ("file", "sites-available/chat", Site(Socket(NginxCases.Forward))), ("link", "sites-enabled/chat", "{run}/sites-available/chat"),
            ("file", "sites-available/www", Site("root {run}/www;", "www.test")), ("link", "sites-enabled/www", "{run}/sites-available/www"),
            ("nginx", "nginx.conf", Debian("include {run}/sites-enabled/*;"))),
        Files("site-not-enabled", "proxy.wrong_vhost", false,
            ("file", "sites-available/chat", Site(Socket(NginxCases.Good))),
            ("file", "sites-available/www", Site("root {run}/www;", "www.test")), ("link", "sites-enabled/www", "{run}/sites-available/www"),
            ("nginx", "nginx.conf", Debian("include {run}/sites-enabled/*;"))),
        Files("params-file", "proxy.upgrade_headers_missing", true,
            ("file", "proxy_params", NginxCases.Forward), ("nginx", "nginx.conf", NginxCases.Socket("proxy_http_version 1.1; include {run}/proxy_params;"))),
        Files("params-file-good", "none", false,
            ("file", "proxy_params", NginxCases.Good), ("nginx", "nginx.conf", NginxCases.Socket("include {run}/proxy_params;"))),
        Files("snippet-connection", "proxy.connection_header_wrong", true,
            ("file", "snippets/keepalive.conf", "proxy_http_version 1.1;\nproxy_set_header Connection \"\";\n"),
            ("nginx", "nginx.conf", NginxCases.Socket("proxy_set_header Upgrade $http_upgrade; " + NginxCases.Forward + " include {run}/snippets/keepalive.conf;"))),
        Files("stale-included", "proxy.stale_config", true,
            ("nginx", "nginx.conf", NginxCases.File("include {run}/chat.inc;")), ("file", "chat.inc", Socket(NginxCases.Forward))) with { ChangedOnDisk = Socket(NginxCases.Good), ChangedFile = "chat.inc" },
        Case("http-level-good", "none", NginxCases.File($"location / {{ {To} }}", NginxCases.Good)),
        Case("http-level-lost", "proxy.header_inheritance", NginxCases.Socket(NginxCases.Forward, http: NginxCases.Upgrade), true),
        Case("two-names", "proxy.upgrade_headers_missing", NginxCases.File(Socket(NginxCases.Forward), Site(Socket(NginxCases.Good), "old.test")), true),
        Case("wildcard-name-good", "none", NginxCases.File(Socket(NginxCases.Good), Site("return 404;", "www.test"), name: "server_name *.test;")),
        Case("default-catches", "proxy.wrong_vhost", NginxCases.File(Socket(NginxCases.Good), "server { listen 127.0.0.1:{front} default_server; return 404; }", name: "server_name chat.example;"), true),
        Case("name-444", "proxy.wrong_vhost", NginxCases.File(Socket(NginxCases.Good), "server { listen 127.0.0.1:{front} default_server; return 444; }", name: "server_name chat.example;"), true),
        Case("exact-location", "proxy.location_mismatch", NginxCases.File($"location = /api/chat/ws/ {{ {To} {NginxCases.Good} }} location / {{ {To} {NginxCases.Forward} }}")),
        Case("other-prefix", "proxy.location_mismatch", NginxCases.File($"location /ws/ {{ {To} {NginxCases.Good} }} location / {{ {To} {NginxCases.Forward} }}")),
        Case("digits-only", "proxy.location_mismatch", NginxCases.File($"location ~ ^/api/chat/ws/[0-9]+$ {{ {To} {NginxCases.Good} }} location / {{ {To} {NginxCases.Forward} }}")),
        Case("case-matters", "proxy.location_mismatch", NginxCases.File($"location /API/chat/ws/ {{ {To} {NginxCases.Good} }} location / {{ {To} {NginxCases.Forward} }}")),
        Case("static-regex", "proxy.regex_location_wins", NginxCases.File($"location /api/chat/ws/ {{ {To} {NginxCases.Good} }} location ~ /ws/ {{ root {{run}}/www; }}"), true),
        Case("caret-good", "none", NginxCases.File($"location ^~ /api/chat/ws/ {{ {To} {NginxCases.Good} }} location ~ ^/api/ {{ {To} {NginxCases.Forward} }}")),
        Case("nested-good", "none", NginxCases.File($"location /api/ {{ {To} {NginxCases.Forward} location /api/chat/ws/ {{ {To} {NginxCases.Good} }} }}")),
        Case("nested-lost", "proxy.upgrade_headers_missing", NginxCases.File($"location /api/ {{ {To} {NginxCases.Forward} location /api/chat/ws/ {{ {To} {NginxCases.Forward} }} }}"), true),
        Case("map-default-off", "proxy.connection_header_wrong", NginxCases.Socket("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $conn; " + NginxCases.Forward, http: "map $http_upgrade $conn { default close; WebSocket upgrade; }".Replace("WebSocket", "\"h2c\"", StringComparison.Ordinal)), true),
        Case("upgrade-literal-good", "none", NginxCases.Socket("proxy_http_version 1.1; proxy_set_header Upgrade websocket; proxy_set_header Connection Upgrade; " + NginxCases.Forward)),
        Case("keepalive-upstream", "proxy.connection_header_wrong", NginxCases.Socket("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"\"; " + NginxCases.Forward, "http://app", http: "upstream app { server 127.0.0.1:{backend}; keepalive 16; }"), true),
        Case("keepalive-upstream-good", "none", NginxCases.Socket(NginxCases.Good, "http://app", http: "upstream app { server 127.0.0.1:{backend}; keepalive 16; }")),
        Case("gzip-hsts-good", "none", NginxCases.Socket(NginxCases.Good + " gzip on; gzip_types *; proxy_buffering on; add_header Strict-Transport-Security max-age=60 always; add_header X-Frame-Options DENY;")),
        Case("pass-adds-path", "proxy.path_rewritten", NginxCases.Socket(NginxCases.Good, "http://127.0.0.1:{backend}/chat/"), true),
        Case("rewrite-away", "proxy.path_rewritten", NginxCases.Socket("rewrite ^/api/(.*)$ /$1 break; " + NginxCases.Good), true),
        Case("prefix-cut-regex", "proxy.path_rewritten", NginxCases.File($"location ~ ^/api/chat/(.*)$ {{ proxy_pass http://127.0.0.1:{{backend}}/$1$is_args$args; {NginxCases.Good} }}")),
        Case("query-cut-pass", "proxy.query_stripped", NginxCases.File($"location ~ ^/api/chat/ws/(.*)$ {{ proxy_pass http://127.0.0.1:{{backend}}/api/chat/ws/$1; {NginxCases.Good} }} location / {{ {To} {NginxCases.Forward} }}")),
        Case("slash-redirect", "proxy.redirect_path", NginxCases.Socket(NginxCases.Good + " rewrite ^(.*[^/])$ $1/ permanent;")),
        Chain("outer-upgrade", "chain.outer_upgrade_headers_missing", ToInner(NginxCases.Forward), NginxCases.Socket(NginxCases.Good), true),
        Chain("inner-connection", "chain.inner_upgrade_headers_missing", ToInner(NginxCases.Good), NginxCases.Socket("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"\"; " + NginxCases.Forward), true),
        Chain("host", "chain.host_not_forwarded", ToInner(NginxCases.Upgrade).Replace("proxy_set_header Host $host;", "", StringComparison.Ordinal), NginxCases.File(Socket(NginxCases.Good), "server { listen 127.0.0.1:{front} default_server; server_name www.test; root {run}/www; }"), true),
        Chain("redirect", "chain.redirect_loop", NginxCases.File($"ssl_certificate {{certs}}/chat.pem; ssl_certificate_key {{certs}}/chat.key; location / {{ proxy_pass http://127.0.0.1:{{inner}}; {NginxCases.Good} }}", listen: "listen 127.0.0.1:{front_tls} ssl;"), NginxCases.File("return 301 https://$host$request_uri;")) with { Secure = true },
        Chain("idle", "chain.inner_idle_timeout", ToInner(NginxCases.Good), NginxCases.Socket(NginxCases.Upgrade + NginxCases.Forward + " proxy_read_timeout 3s;"), true) with { Hold = 8 },
        Chain("good", "none", ToInner(NginxCases.Good), NginxCases.Socket(NginxCases.Good)),
        new ProxyCase("nginx-before-apache", "nginx", "chain.inner_upgrade_headers_missing")
        {
            Configs = [("nginx", "nginx.conf", ToInner(NginxCases.Good)), ("apache2", "apache.conf", ApacheCases.File(ApacheCases.Site("ProxyPass /api/chat/ws/ http://127.0.0.1:{backend}/api/chat/ws/", ApacheCases.Rest)).Replace("{front}", "{inner}", StringComparison.Ordinal))],
            Mendable = true,
        },
        new ProxyCase("haproxy-before-nginx", "haproxy", "chain.inner_upgrade_headers_missing")
        {
            Configs = [("haproxy", "haproxy.cfg", HaproxyCases.File(front: "option forwardfor").Replace("{backend}", "{inner}", StringComparison.Ordinal)), ("nginx", "nginx.conf", NginxCases.Socket(NginxCases.Forward).Replace("{front}", "{inner}", StringComparison.Ordinal))],
            Mendable = true,
        },
    ];
}
