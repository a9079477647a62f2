using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>Varnish, lighttpd and h2o: nothing is edited in their files, but the cause is named.</summary>
internal static class SmallProxyCases
{
    private static string Vcl(string recv, string pipe = "if (req.http.upgrade) { set bereq.http.upgrade = req.http.upgrade; set bereq.http.connection = req.http.connection; }", string port = "{backend}", string backend = "") => $$"""
        vcl 4.1;
        backend default { .host = "127.0.0.1"; .port = "{{port}}"; {{backend}} }
        sub vcl_recv {
            {{recv}}
        }
        sub vcl_pipe {
            {{pipe}}
        }
        """;

    private const string Piped = "if (req.http.upgrade ~ \"(?i)websocket\") { return (pipe); }";

    private static ProxyCase Varnish(string name, string cause, string vcl) => new("varnish-" + name, "varnish", cause) { Configs = [("varnishd", "default.vcl", vcl)] };

    private static ProxyCase Light(string name, string cause, string more, string port = "{backend}", string modules = "\"mod_proxy\"") => new("lighttpd-" + name, "lighttpd", cause)
    {
        Configs = [("lighttpd", "lighttpd.conf", $$"""
            server.modules = ({{modules}})
            server.document-root = "{run}/www"
            server.port = {front}
            server.bind = "127.0.0.1"
            server.errorlog = "{run}/error.log"
            proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {{port}} )))
            {{more}}
            """)],
    };

    private const string Enabled = "proxy.header = ( \"upgrade\" => \"enable\" )";

    private static ProxyCase H2o(string name, string cause, string paths) => new("h2o-" + name, "h2o", cause)
    {
        Configs = [("h2o", "h2o.conf", $$$"""
            user: root
            pid-file: {run}/h2o.pid
            error-log: {run}/error.log
            listen: {host: 127.0.0.1, port: {front}}
            hosts:
              default:
                paths:
            {{{paths}}}
            """)],
    };

    private static string Way(string path = "/", string url = "http://127.0.0.1:{backend}/", string more = "proxy.websocket: ON") =>
        $"      \"{path}\":\n        proxy.reverse.url: \"{url}\"\n        proxy.preserve-host: ON\n        {more}";

    public static IEnumerable<ProxyCase> All =>
    [
        Varnish("no-copies", "proxy.upgrade_headers_missing", Vcl(Piped, "set bereq.http.x-piped = \"yes\";")),
        Varnish("nothing", "proxy.upgrade_headers_missing", Vcl("set req.http.x-seen = \"yes\";")),
        Varnish("unset", "proxy.upgrade_headers_missing", Vcl("unset req.http.upgrade; " + Piped)),
        Varnish("path", "proxy.path_rewritten", Vcl("set req.url = regsub(req.url, \"^/api\", \"\"); " + Piped)),
        Varnish("query", "proxy.query_stripped", Vcl("set req.url = regsub(req.url, \"\\?.*$\", \"\"); " + Piped)),
        Varnish("maintenance", "proxy.maintenance", Vcl("return (synth(503, \"Maintenance\"));")),
        Varnish("forbidden", "policy.ip_denied", Vcl("if (client.ip != \"10.0.0.1\") { return (synth(403, \"Forbidden\")); }")),
        Varnish("down", "upstream.refused_backend_down", Vcl(Piped)) with { App = null },
        Varnish("wrong-port", "upstream.refused_wrong_port", Vcl(Piped, port: "{closed}")),
        Varnish("unhealthy", "upstream.health_check_wrong", Vcl(Piped, backend: ".probe = { .url = \"/nowhere\"; .interval = 1s; .window = 2; .threshold = 2; .initial = 0; }")),
        Varnish("host-good", "none", Vcl("if (req.http.host ~ \"chat\") { set req.backend_hint = default; } " + Piped)),
        Light("wrong-port", "upstream.refused_wrong_port", Enabled, "{closed}"),
        Light("down", "upstream.refused_backend_down", Enabled) with { App = null },
        Light("rewrite", "proxy.path_rewritten", "proxy.header = ( \"upgrade\" => \"enable\", \"map-urlpath\" => ( \"/api/\" => \"/\" ) )"),
        Light("other-path", "proxy.location_mismatch", "$HTTP[\"url\"] =~ \"^/ws/\" { " + Enabled + " }"),
        Light("denied", "policy.ip_denied", Enabled + "\n$HTTP[\"url\"] =~ \"^/api/chat/ws\" { url.access-deny = ( \"\" ) }", modules: "\"mod_access\", \"mod_proxy\""),
        Light("redirect", "proxy.redirect_https", "$HTTP[\"scheme\"] == \"http\" { url.redirect = ( \"\" => \"https://${url.authority}${url.path}${qsa}\" ) }", modules: "\"mod_redirect\", \"mod_proxy\""),
        H2o("path", "proxy.path_rewritten", Way(url: "http://127.0.0.1:{backend}/app/")),
        H2o("wrong-port", "upstream.refused_wrong_port", Way(url: "http://127.0.0.1:{closed}/")),
        H2o("down", "upstream.refused_backend_down", Way()) with { App = null },
        H2o("other-path", "proxy.location_mismatch", Way("/ws/", "http://127.0.0.1:{backend}/ws/") + "\n" + Way(more: "proxy.timeout.keepalive: 0")),
        H2o("files", "proxy.location_missing", "      \"/\":\n        file.dir: {run}/www"),
        H2o("redirect", "proxy.redirect_https", "      \"/\":\n        redirect: {status: 301, url: \"https://chat.test/\"}"),
        H2o("host-own", "proxy.host_not_forwarded", Way().Replace("preserve-host: ON", "preserve-host: OFF", StringComparison.Ordinal)) with { App = new AppStyle { Hosts = ["chat.test"] } },
    ];
}
