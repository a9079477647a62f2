using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

internal static class ApacheCases
{
    internal const string Modules = "mpm_event authz_core authz_host authn_core authn_file authz_user auth_basic headers rewrite proxy proxy_http proxy_wstunnel dir alias setenvif ssl socache_shmcb";
    internal const string Pass = "ProxyPass /api/chat/ws/ http://127.0.0.1:{backend}/api/chat/ws/ upgrade=websocket timeout=3600";
    internal const string Rest = "ProxyPass / http://127.0.0.1:{backend}/";

    internal static string File(string inside, string modules = Modules, string global = "", string name = "chat.test", string before = "") => $$"""
        ServerRoot {run}
        ServerName chat.test
        PidFile {run}/apache.pid
        DefaultRuntimeDir {run}
        Mutex file:{run} default
        User www-data
        Group www-data
        Listen 127.0.0.1:{front}
        ErrorLog {run}/error.log
        LogLevel info
        {{string.Join('\n', modules.Split(' ').Select(m => $"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so"))}}
        StartServers 1
        {{global}}
        {{before}}
        <VirtualHost 127.0.0.1:{front}>
            ServerName {{name}}
            {{inside}}
        </VirtualHost>
        """;

    internal static string Site(params ReadOnlySpan<string> lines) => "ProxyPreserveHost On\n    " + string.Join("\n    ", lines);

    internal static ProxyCase Case(string name, string cause, string config, bool mendable = false) =>
        new("apache-" + name, "apache", cause) { Configs = [("apache2", "apache.conf", config)], Mendable = mendable };

    public static IEnumerable<ProxyCase> All =>
    [
        Case("good", "none", File(Site(Pass, Rest))),
        Case("good-rewrite", "none", File(Site("RewriteEngine On", "RewriteCond %{HTTP:Upgrade} websocket [NC]", "RewriteRule ^/(.*) ws://127.0.0.1:{backend}/$1 [P,L]", Rest))),
        Case("no-upgrade", "proxy.upgrade_headers_missing", File(Site("ProxyPass /api/chat/ws/ http://127.0.0.1:{backend}/api/chat/ws/", Rest)), true),
        Case("header-unset", "proxy.upgrade_headers_missing", File(Site("RequestHeader unset Upgrade early", Pass, Rest)), true),
        Case("order", "proxy.order", File(Site(Rest, Pass)), true),
        Case("rewrite-case", "proxy.upgrade_headers_missing", File(Site("RewriteEngine On", "RewriteCond %{HTTP:Upgrade} ^WebSocket$", "RewriteRule ^/(.*) ws://127.0.0.1:{backend}/$1 [P,L]", Rest)), true),
        Case("rewrite-firefox", "proxy.connection_exact_match", File(Site("RewriteEngine On", "RewriteCond %{HTTP:Upgrade} websocket [NC]", "RewriteCond %{HTTP:Connection} =Upgrade", "RewriteRule ^/(.*) ws://127.0.0.1:{backend}/$1 [P,L]", Rest)), true),
        Case("path-cut", "proxy.path_rewritten", File(Site("ProxyPass /api/chat/ws/ http://127.0.0.1:{backend}/ws/ upgrade=websocket", Rest)), true),
        Case("host-own", "proxy.host_not_forwarded", File(Pass + "\n    " + Rest), true) with { App = new AppStyle { Hosts = ["chat.test"] } },
        Case("module", "proxy.module_missing", File(Site("ProxyPass /api/chat/ws/ ws://127.0.0.1:{backend}/api/chat/ws/"), Modules.Replace("proxy_http proxy_wstunnel ", "", StringComparison.Ordinal)), true),
        Case("denied", "policy.ip_denied", File(Site("<Location /api/chat/ws/>", "Require ip 10.1.2.3", "</Location>", Pass, Rest))),
        Case("password", "policy.basic_auth", File(Site("<Location />", "AuthType Basic", "AuthName staging", "AuthUserFile {run}/users", "Require valid-user", "</Location>", Pass, Rest))),
        Case("to-https", "proxy.redirect_https", File("Redirect permanent / https://chat.test/")),
        Case("other-name", "proxy.wrong_vhost", File(Site(Pass, Rest), name: "chat.tset", before: "<VirtualHost 127.0.0.1:{front}>\n    ServerName www.test\n    DocumentRoot {run}/www\n    <Directory {run}/www>\n        Require all granted\n    </Directory>\n</VirtualHost>"), true),
        Case("long-line", "limit.header_size", File(Site(Pass, Rest), global: "LimitRequestLine 2000")),
        Case("down", "upstream.refused_backend_down", File(Site(Pass, Rest))) with { App = null },
        Case("wrong-port", "upstream.refused_wrong_port", File(Site(Pass.Replace("{backend}", "{closed}", StringComparison.Ordinal), Rest))),
        Case("idle", "tunnel.idle_timeout", File(Site("ProxyPass /api/chat/ws/ http://127.0.0.1:{backend}/api/chat/ws/ upgrade=websocket", Rest), global: "Timeout 3"), true) with { Hold = 8 },
    ];
}
