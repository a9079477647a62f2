namespace Tieline.Doctor.Judging;

/// <summary>The lines to write where no file could be read but the program in front gave its name away.</summary>
internal static class Recipe
{
    public static string Of(string cause, string program) => (cause, program) switch
    {
        ("proxy.upgrade_headers_missing" or "proxy.connection_header_wrong" or "proxy.header_inheritance" or "chain.inner_upgrade_headers_missing" or "chain.outer_upgrade_headers_missing", _) => program switch
        {
            "nginx" or "openresty" => "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";",
            "apache" => "Apache 2.4.47 or later: upgrade=websocket at the end of the ProxyPass line; before: mod_proxy_wstunnel and a ProxyPass to ws://.",
            "lighttpd" => "lighttpd: proxy.header = ( \"upgrade\" => \"enable\" ).",
            "h2o" => "h2o: proxy.websocket: ON beside proxy.reverse.url.",
            "varnish" => "Varnish: return (pipe) in vcl_recv, and in vcl_pipe set bereq.http.upgrade and bereq.http.connection from req.",
            "haproxy" or "caddy" => $"{program} passes them by itself: look for a rule that removes or sets these headers.",
            _ => "'tieline proxy NAME' prints the lines for nginx, Apache, HAProxy, Caddy and others.",
        },
        ("tunnel.idle_timeout", "nginx") => "nginx: proxy_read_timeout 75s; or more.",
        ("tunnel.idle_timeout", "apache") => "Apache: timeout=75 or more at the end of the ProxyPass line.",
        ("tunnel.idle_timeout", "haproxy") => "HAProxy: timeout tunnel 1h.",
        ("proxy.host_not_forwarded", "nginx") => "nginx: proxy_set_header Host $host;",
        ("proxy.host_not_forwarded", "apache") => "Apache: ProxyPreserveHost On.",
        ("proxy.http10", "nginx") => "nginx: proxy_http_version 1.1;",
        ("proxy.h2_websocket", "haproxy") => "HAProxy: h2-workaround-bogus-websocket-clients in the global section; or mend the rule that looks for what only HTTP/1.1 has, as Sec-WebSocket-Key.",
        ("proxy.h2_websocket", "apache") => "Apache: H2WebSockets off.",
        ("limit.header_size", "nginx") => "nginx: large_client_header_buffers 4 16k;",
        ("limit.header_size", "apache") => "Apache: LimitRequestLine 16380.",
        _ => "",
    };
}
