using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>Apache in its other forms: sections, includes, balancers, rewrites, and what refuses before the proxy.</summary>
internal static class ApacheWayCases
{
    private const string Pass = ApacheCases.Pass;
    private const string Rest = ApacheCases.Rest;
    private const string Plain = "ProxyPass /api/chat/ws/ http://127.0.0.1:{backend}/api/chat/ws/";

    private static string Site(params ReadOnlySpan<string> lines) => ApacheCases.Site(lines);

    private static ProxyCase Case(string name, string cause, string inside, bool mendable = false, string before = "", string modules = "", string global = "") =>
        ApacheCases.Case(name, cause, ApacheCases.File(inside, (ApacheCases.Modules + " " + modules).Trim(), global, before: before), mendable);

    private static ProxyCase Files(string name, string cause, bool mendable, params (string, string, string)[] files) =>
        new("apache-" + name, "apache", cause) { Configs = files, Mendable = mendable };

    private static string Host(string name, string inside) => $"<VirtualHost 127.0.0.1:{{front}}>\n    ServerName {name}\n    {inside}\n</VirtualHost>\n";

    public static IEnumerable<ProxyCase> All =>
    [
        Case("location-good", "none", Site("<Location /api/chat/ws/>", "ProxyPass http://127.0.0.1:{backend}/api/chat/ws/ upgrade=websocket", "</Location>", Rest)),
        Case("location-lost", "proxy.upgrade_headers_missing", Site("<Location /api/chat/ws/>", "ProxyPass http://127.0.0.1:{backend}/api/chat/ws/", "</Location>", Rest), true),
        Case("ws-scheme-good", "none", Site("ProxyPass /api/chat/ws/ ws://127.0.0.1:{backend}/api/chat/ws/", Rest)),
        Case("match-good", "none", Site("ProxyPassMatch ^/api/chat/ws/(.*)$ ws://127.0.0.1:{backend}/api/chat/ws/$1", Rest)),
        Case("whole-site-lost", "proxy.upgrade_headers_missing", Site(Rest), true),
        Case("whole-site-good", "none", Site("ProxyPass / http://127.0.0.1:{backend}/ upgrade=websocket")),
        Files("included-site", "proxy.upgrade_headers_missing", true,
            ("file", "sites-available/chat.conf", Host("chat.test", Site(Plain, Rest))), ("link", "sites-enabled/chat.conf", "{run}/sites-available/chat.conf"),
            ("apache2", "apache.conf", ApacheCases.File("DocumentRoot {run}/www", name: "none.test").Replace("<VirtualHost 127.0.0.1:{front}>", "IncludeOptional {run}/sites-enabled/*.conf\n<VirtualHost 127.0.0.1:{front}>", StringComparison.Ordinal))),
        Files("stale-included", "proxy.stale_config", true,
            ("apache2", "apache.conf", ApacheCases.File("Include {run}/chat.inc", global: "MinSpareThreads 5")), ("file", "chat.inc", Site(Plain, Rest))) with { ChangedOnDisk = Site(Pass, Rest), ChangedFile = "chat.inc" },
        Case("other-path", "proxy.location_mismatch", Site("ProxyPass /ws/ http://127.0.0.1:{backend}/ws/ upgrade=websocket", Rest)),
        Case("excluded", "proxy.location_missing", Site("ProxyPass /api/chat/ws/ !", Rest)),
        Case("files-only", "proxy.location_missing", "DocumentRoot {run}/www\n    <Directory {run}/www>\n    Require all granted\n    </Directory>"),
        Case("fallback", "proxy.static_fallback", "DocumentRoot {run}/www\n    <Directory {run}/www>\n    Require all granted\n    FallbackResource /index.html\n    </Directory>\n    ProxyPass /api/chat/test http://127.0.0.1:{backend}/api/chat/test"),
        Case("rewrite-drops-query", "proxy.query_stripped", Site("RewriteEngine On", "RewriteCond %{HTTP:Upgrade} websocket [NC]", "RewriteRule ^/(.*) ws://127.0.0.1:{backend}/$1? [P,L]", Rest), true),
        Case("rewrite-path", "proxy.path_rewritten", Site("RewriteEngine On", "RewriteRule ^/api/(.*) ws://127.0.0.1:{backend}/$1 [P,L]")),
        Case("rewrite-https", "proxy.redirect_https", "RewriteEngine On\n    RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]"),
        Case("maintenance", "proxy.maintenance", Site("RewriteEngine On", "RewriteRule ^ - [R=503,L]", Pass, Rest)),
        Case("forbidden-rule", "policy.waf", Site("RewriteEngine On", "RewriteCond %{QUERY_STRING} token=", "RewriteRule ^ - [F]", Pass, Rest)),
        Case("agent", "policy.user_agent", Site("RewriteEngine On", "RewriteCond %{HTTP_USER_AGENT} !Mozilla", "RewriteRule ^ - [F]", Pass, Rest)),
        Case("method", "policy.method", Site("<Location /api/chat/ws/>", "<LimitExcept POST>", "Require all denied", "</LimitExcept>", "</Location>", Pass, Rest)),
        Case("key-unset", "proxy.ws_key_stripped", Site("RequestHeader unset Sec-WebSocket-Key", Pass, Rest), true),
        Case("protocol-unset", "proxy.subprotocol_stripped", Site("RequestHeader unset Sec-WebSocket-Protocol", Pass, Rest), true),
        Case("balancer-good", "none", Site("ProxyPass / balancer://app/"), before: "<Proxy balancer://app>\n    BalancerMember http://127.0.0.1:{backend} upgrade=websocket\n</Proxy>", modules: "proxy_balancer lbmethod_byrequests slotmem_shm"),
        Case("balancer-down", "upstream.marked_down", Site("ProxyPass / balancer://app/"), before: "<Proxy balancer://app>\n    BalancerMember http://127.0.0.1:{backend} upgrade=websocket status=+D\n</Proxy>", modules: "proxy_balancer lbmethod_byrequests slotmem_shm"),
        Case("to-tls", "upstream.tls_to_plain", Site("SSLProxyEngine On", "SSLProxyVerify none", "ProxyPass / https://127.0.0.1:{backend}/ upgrade=websocket"), true),
        Case("plain-to-tls", "upstream.plain_to_tls", Site(Pass, Rest)) with { App = new AppStyle { Certificate = TestCertificates.Shared.Certificate("chat") } },
        Case("slash-missing", "proxy.path_rewritten", Site("ProxyPass /api/chat/ws/ http://127.0.0.1:{backend}/api/chat/ws upgrade=websocket", Rest), true),
        Case("hung", "upstream.hung", Site("ProxyPass / http://127.0.0.1:{backend}/ upgrade=websocket timeout=2")) with { BackendBox = "reads-only" },
        Case("wrong-interface", "upstream.refused_wrong_interface", Site(Pass, Rest)) with { AppAddress = "127.0.0.3" },
        Case("unknown-name", "upstream.dns", Site("ProxyPass / http://chat-backend.invalid:{backend}/ upgrade=websocket")),
        Case("no-library", "backend.no_ws_library", Site(Pass, Rest)) with { App = new AppStyle { NoSockets = true, Dumb = true, Server = "uvicorn" } },
        Case("dumb-no-upgrade", "proxy.upgrade_headers_missing", Site(Plain, Rest), true) with { App = new AppStyle { Dumb = true, Server = "uvicorn" } },
        Case("host-refused", "backend.host_refused", Site(Pass, Rest)) with { App = new AppStyle { Hosts = ["www.example.org"] } },
        Case("field-size", "limit.header_size", Site(Pass, Rest), global: "LimitRequestLine 1500"),
        Case("alias-good", "none", "ServerAlias *.test\n    " + Site(Pass, Rest)),
        Case("headers-good", "none", Site("Header always set Strict-Transport-Security max-age=60", "RequestHeader set X-Forwarded-Proto http", Pass, Rest)),
    ];
}
