using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

internal static class CaddyCases
{
    internal const string Proxy = "reverse_proxy 127.0.0.1:{backend}";

    internal static string File(string inside, string site = "http://chat.test:{front}") => $$"""
        {
        	admin off
        	auto_https off
        	default_bind 127.0.0.1
        	log {
        		output file {run}/error.log
        	}
        }
        {{site}} {
        	# the chat
        	{{inside}}
        }
        """;

    internal static ProxyCase Case(string name, string cause, string config, bool mendable = false) =>
        new("caddy-" + name, "caddy", cause) { Configs = [("caddy", "Caddyfile", config)], Mendable = mendable };

    public static IEnumerable<ProxyCase> All =>
    [
        Case("good", "none", File(Proxy)),
        Case("upgrade-deleted", "proxy.upgrade_headers_missing", File(Proxy + " {\n\t\theader_up -Upgrade\n\t}"), true),
        Case("prefix-taken", "proxy.path_rewritten", File("handle_path /api/* {\n\t\t" + Proxy + "\n\t}"), true),
        Case("exact-path", "proxy.location_mismatch", File("handle /api/chat/ws {\n\t\t" + Proxy + "\n\t}\n\thandle {\n\t\troot * {run}/www\n\t\ttry_files {path} /index.html\n\t\tfile_server\n\t}"), true),
        Case("host-set", "proxy.host_not_forwarded", File(Proxy + " {\n\t\theader_up Host internal.local\n\t}"), true) with { App = new AppStyle { Hosts = ["chat.test"] } },
        Case("other-name", "proxy.wrong_vhost", File(Proxy, "http://chat.tset:{front}"), true),
        Case("maintenance", "proxy.maintenance", File("respond \"Back soon\" 503\n\t" + Proxy)),
        Case("h2c", "upstream.http2_to_http1", File("reverse_proxy h2c://127.0.0.1:{backend}"), true),
        Case("to-tls", "upstream.tls_to_plain", File("reverse_proxy https://127.0.0.1:{backend} {\n\t\ttransport http {\n\t\t\ttls_insecure_skip_verify\n\t\t}\n\t}"), false),
        Case("to-https", "proxy.redirect_https", File("redir https://{host}{uri} 308")),
        Case("denied", "policy.ip_denied", File("@far not remote_ip 10.0.0.0/8\n\trespond @far 403\n\t" + Proxy)),
        Case("snippet-good", "none", "(chat) {\n\treverse_proxy 127.0.0.1:{args.0}\n}\n" + File("import chat {backend}")),
        Case("snippet-upgrade-deleted", "proxy.upgrade_headers_missing", "(chat) {\n\t" + Proxy + " {\n\t\theader_up -Upgrade\n\t}\n}\n" + File("import chat"), true),
        new ProxyCase("caddy-imported-file", "caddy", "proxy.path_rewritten")
        {
            Configs = [("true", "sites.caddy", "handle_path /api/* {\n\t" + Proxy + "\n}\n"), ("caddy", "Caddyfile", File("import {run}/sites.caddy"))],
            Mendable = true,
        },
        Case("health", "upstream.health_check_wrong", File(Proxy + " {\n\t\thealth_uri /nowhere\n\t\thealth_interval 200ms\n\t}")),
        Case("down", "upstream.refused_backend_down", File(Proxy)) with { App = null },
    ];
}
