namespace Tieline.Doctor.Proxies;

internal static class HaproxyTemplate
{
    public static string Render(ProxySite site)
    {
        var plain = site.HttpPort == 0 ? "" : $$"""
                bind {{Bind(site, site.HttpPort)}}
                http-request redirect scheme https code 301 unless { ssl_fc }

            """;
        return $$"""
            # Tieline behind HAProxy 2.4 or newer. Made by: tieline proxy haproxy --domain {{site.Domain}} {{site.UpstreamFlags}}
            # HAProxy wants key and certificate in one file, or NAME and NAME.key beside each other.
            # Afterwards: haproxy -c -f FILE && systemctl reload haproxy

            global
                # Room for a long token in the address.
                tune.bufsize 32768
                ssl-default-bind-options ssl-min-ver TLSv1.2

            defaults
                mode http
                log global
                # The path without its query: a token in the address must not reach the log.
                log-format "%ci [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %ts %HM %HPO"
                timeout connect 5s
                timeout client 75s
                timeout server 75s
                # The live line: the server pings every 20 s, so 75 s of silence mean that the line is dead.
                timeout tunnel 75s

            frontend tieline
                bind {{Bind(site, site.HttpsPort)}} ssl crt {{site.Certificate}} alpn h2,http/1.1
            {{plain}}    option forwardfor
                http-request set-header X-Forwarded-Proto https if { ssl_fc }
                acl tieline_name hdr(host),host_only -i {{site.Domain}}
                http-request deny deny_status 404 unless tieline_name
                default_backend tieline

            backend tieline
            {{Servers(site)}}

            """;
    }

    private static string Servers(ProxySite site) => site.Others.Count == 0 ? $"    server one {site.Upstream}"
        : """
                # Lines last for hours, so a new one goes to the node that has the fewest. A client that comes back may be served by any.
                balance leastconn
                # A node that stops, or cannot write, says so there before it is gone.
                option httpchk GET /readyz
                option redispatch 1
                retry-on conn-failure empty-response
                default-server check inter 2s fall 2 rise 1
                # What of a file has come lies at one node until all has: whoever uploads comes to the same one again.
                stick-table type binary len 20 size 100k expire 1d
                stick on hdr(Authorization),sha1 if { path_beg /api/chat/uploads }

            """ + string.Join('\n', site.Upstreams.Select((upstream, number) => $"    server node{number + 1} {upstream}"));

    private static string Bind(ProxySite site, int port) => $"{(site.Address.Length == 0 ? "*" : site.Address)}:{port}";
}
