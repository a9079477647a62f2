namespace Tieline.Doctor.Proxies;

internal static class LighttpdTemplate
{
    public static string Render(ProxySite site) => $$"""
        # Tieline behind lighttpd 1.4.46 or newer. Made by: tieline proxy lighttpd --domain {{site.Domain}} --upstream {{site.Upstream}}
        # A file of its own in /etc/lighttpd/conf-enabled/, then: lighttpd -tt -f /etc/lighttpd/lighttpd.conf && systemctl reload lighttpd

        server.modules += ("mod_proxy", "mod_openssl")

        $SERVER["socket"] == "{{(site.Address.Length == 0 ? "" : site.Address)}}:{{site.HttpsPort}}" {
            ssl.engine = "enable"
            ssl.pemfile = "{{site.Certificate}}"
            ssl.privkey = "{{site.Key}}"
        }

        $HTTP["host"] =~ "^{{site.Domain.Replace(".", "\\.", StringComparison.Ordinal)}}(:\d+)?$" {
            # Without this line lighttpd forwards no upgrade.
            proxy.header = ( "upgrade" => "enable" )
            proxy.forwarded = ( "for" => 1, "proto" => 1 )
            proxy.server = ( "" => (( "host" => "{{site.UpstreamHost}}", "port" => {{site.UpstreamPort}} )))
            # Events and frames leave at once.
            server.stream-response-body = 2
            server.max-read-idle = 75
            server.max-write-idle = 360
        }

        """;
}
