using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

internal static class OtherCases
{
    private static string Lighttpd(string header) => $$$"""
        server.modules = ("mod_proxy")
        server.document-root = "{run}/www"
        server.port = {front}
        server.bind = "127.0.0.1"
        server.errorlog = "{run}/error.log"
        proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {backend} )))
        {{{header}}}
        """;

    private static string H2o(string socket) => $$$"""
        user: root
        pid-file: {run}/h2o.pid
        error-log: {run}/error.log
        listen: {host: 127.0.0.1, port: {front}}
        hosts:
          default:
            paths:
              "/":
                proxy.reverse.url: "http://127.0.0.1:{backend}/"
                proxy.preserve-host: ON
        {{{socket}}}
        """;

    private static string Varnish(string decision) => $$"""
        vcl 4.1;
        backend default { .host = "127.0.0.1"; .port = "{backend}"; }
        sub vcl_recv {
            if (req.http.upgrade ~ "(?i)websocket") { return ({{decision}}); }
        }
        sub vcl_pipe {
            if (req.http.upgrade) { set bereq.http.upgrade = req.http.upgrade; set bereq.http.connection = req.http.connection; }
        }
        """;

    private static ProxyCase Box(string name, string cause, string box) => new("wire-" + name, "(wire)", cause) { Configs = [], Box = box };

    public static IEnumerable<ProxyCase> All =>
    [
        new("lighttpd-good", "lighttpd", "none") { Configs = [("lighttpd", "lighttpd.conf", Lighttpd("proxy.header = ( \"upgrade\" => \"enable\" )"))] },
        new("lighttpd-no-upgrade", "lighttpd", "proxy.upgrade_headers_missing") { Configs = [("lighttpd", "lighttpd.conf", Lighttpd(""))] },
        new("h2o-good", "h2o", "none") { Configs = [("h2o", "h2o.conf", H2o("        proxy.websocket: ON"))] },
        new("h2o-no-upgrade", "h2o", "proxy.upgrade_headers_missing") { Configs = [("h2o", "h2o.conf", H2o(""))] },
        new("h2o-idle", "h2o", "tunnel.idle_timeout") { Configs = [("h2o", "h2o.conf", H2o("        proxy.websocket: ON\n        proxy.websocket.timeout: 3000"))], Hold = 8 },
        new("varnish-good", "varnish", "none") { Configs = [("varnishd", "default.vcl", Varnish("pipe"))] },
        new("varnish-pass", "varnish", "proxy.upgrade_headers_missing") { Configs = [("varnishd", "default.vcl", Varnish("pass"))] },
        Box("good", "none", "") with { Box = "relay" },
        Box("silent", "net.accepts_never_answers", "silent"),
        Box("closes", "net.closed_without_answer", "close"),
        Box("mail", "net.not_http", "banner"),
        Box("drops-upgrade", "net.middlebox_drops_upgrade", "drops-upgrade"),
        Box("portal", "net.captive_portal", "portal"),
        Box("challenge", "policy.cdn_challenge", "challenge"),
        Box("origin-down", "upstream.cdn_origin_down", "origin-down"),
        Box("cached", "proxy.cached_error", "cached"),
        Box("slow", "net.slow_handshake", "slow"),
        Box("closes-at-once", "tunnel.closed_at_once", "closes-at-once"),
        Box("page-behind", "tunnel.corrupts_frames", "page-behind"),
        Box("swallows-both", "tunnel.swallows_both", "swallows-both"),
        Box("swallows-server", "tunnel.swallows_server", "swallows-server"),
        Box("swallows-client", "tunnel.swallows_client", "swallows-client"),
        Box("half-open", "tunnel.half_open", "half-open") with { Hold = 9 },
        Box("lifetime", "tunnel.lifetime_limit", "lifetime") with { Hold = 9 },
        Box("small-frames", "limit.frame_size", "small-frames") with { EchoOk = true },
        Box("no-key", "proxy.ws_key_stripped", "no-key"),
        Box("other-key", "proxy.wrong_accept", "other-key"),
        Box("no-accept", "proxy.accept_hidden", "no-accept"),
        Box("no-upgrade", "proxy.upgrade_hidden", "no-upgrade"),
        Box("no-connection", "proxy.connection_hidden", "no-connection"),
        Box("says-200", "proxy.status_rewritten", "says-200"),
        Box("content-length", "tunnel.no_tunnel", "content-length"),
        Box("bad-token", "client.bad_token", "relay") with { Token = "forged" },
        Box("refused-token", "client.bad_token", "relay") with { Token = "forged", App = new AppStyle { RefusesBeforeUpgrade = true } },
        Box("large", "backend.max_payload", "relay") with { EchoOk = true, App = new AppStyle { LargestFrame = 64 * 1024 } },
        Box("no-library", "backend.no_ws_library", "relay") with { App = new AppStyle { NoSockets = true, Dumb = true, Server = "uvicorn" } },
    ];
}
