namespace Tieline.Doctor.Proxies;

internal static class TraefikTemplate
{
    public static string Render(ProxySite site) => $$"""
        # Tieline behind Traefik 3, as a file of the file provider. Made by: tieline proxy traefik --domain {{site.Domain}} --upstream {{site.Upstream}}
        # Not run in Tieline's tests.
        http:
          routers:
            tieline:
              rule: "Host(`{{site.Domain}}`)"
              # Entry point for port {{site.HttpsPort}}; Traefik forwards upgrades by itself.
              entryPoints: ["websecure"]
              service: tieline
              tls: {}
          services:
            tieline:
              loadBalancer:
                passHostHeader: true
                # Events leave at once.
                responseForwarding:
                  flushInterval: "-1ms"
                servers:
                  - url: "http://{{site.Upstream}}"
        tls:
          certificates:
            - certFile: {{site.Certificate}}
              keyFile: {{site.Key}}

        """;
}
