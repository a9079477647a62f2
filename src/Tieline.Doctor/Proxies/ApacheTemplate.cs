namespace Tieline.Doctor.Proxies;

internal static class ApacheTemplate
{
    public static string Render(ProxySite site)
    {
        var plain = site.HttpPort == 0 ? "" : $$"""
            <VirtualHost {{Host(site, site.HttpPort)}}>
                ServerName {{site.Domain}}
                Redirect permanent / https://{{site.Domain}}{{(site.HttpsPort == 443 ? "" : $":{site.HttpsPort}")}}/
            </VirtualHost>


            """;
        return $$"""
            # Tieline behind Apache 2.4.47 or newer. Made by: tieline proxy apache --domain {{site.Domain}} --upstream {{site.Upstream}}
            # Modules: a2enmod proxy proxy_http ssl headers http2. Use mpm_event: with mpm_prefork every socket holds a process.
            # A file of its own in /etc/apache2/sites-available/, then: a2ensite tieline && apache2ctl configtest && systemctl reload apache2

            # The path without its query: a token in the address must not reach the log.
            LogFormat "%h %t \"%m %U %H\" %>s %B \"%{User-Agent}i\"" tieline

            # Room for a long token in the address.
            LimitRequestLine 16380

            {{plain}}<VirtualHost {{Host(site, site.HttpsPort)}}>
                ServerName {{site.Domain}}
                Protocols h2 http/1.1

                SSLEngine on
                SSLCertificateFile {{site.Certificate}}
                SSLCertificateKeyFile {{site.Key}}
                SSLProtocol -all +TLSv1.2 +TLSv1.3

                CustomLog {{site.AccessLog ?? "${APACHE_LOG_DIR}/tieline.log"}} tieline

                ProxyPreserveHost On
                RequestHeader set X-Forwarded-Proto https

                # The first that matches wins, so the live line stands first. The server pings every 20 s.
                ProxyPass /api/chat/ws/ http://{{site.Upstream}}/api/chat/ws/ upgrade=websocket connectiontimeout=5 timeout=75

                # Server-sent events leave at once.
                ProxyPass /api/chat/stream http://{{site.Upstream}}/api/chat/stream flushpackets=on connectiontimeout=5 timeout=75

                ProxyPass / http://{{site.Upstream}}/ connectiontimeout=5
            </VirtualHost>

            """;
    }

    private static string Host(ProxySite site, int port) => $"{(site.Address.Length == 0 ? "*" : site.Address)}:{port}";
}
