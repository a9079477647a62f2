namespace Tieline.Doctor.Proxies;

internal static class H2oTemplate
{
    public static string Render(ProxySite site) => $$"""
        # Tieline behind h2o 2.2. Made by: tieline proxy h2o --domain {{site.Domain}} --upstream {{site.Upstream}}
        # Afterwards: h2o -t -c FILE, then send SIGHUP to the running h2o.
        hosts:
          "{{site.Domain}}:{{site.HttpsPort}}":
            listen:
              host: {{(site.Address.Length == 0 ? "0.0.0.0" : site.Address)}}
              port: {{site.HttpsPort}}
              ssl:
                certificate-file: {{site.Certificate}}
                key-file: {{site.Key}}
                minimum-version: TLSv1.2
            paths:
              "/":
                proxy.reverse.url: "http://{{site.Upstream}}/"
                proxy.preserve-host: ON
                proxy.timeout.io: 75000
                # Off by default; the server pings every 20 s.
                proxy.websocket: ON
                proxy.websocket.timeout: 75000

        """;
}
