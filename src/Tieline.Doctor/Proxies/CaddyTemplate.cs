namespace Tieline.Doctor.Proxies;

internal static class CaddyTemplate
{
    // Caddy needs nothing for a WebSocket. It gets its certificates itself, unless they are given.
    public static string Render(ProxySite site)
    {
        var own = !site.Certificate.StartsWith("/etc/letsencrypt/", StringComparison.Ordinal);
        var port = site.HttpsPort == 443 ? "" : $":{site.HttpsPort}";
        var bind = site.Address.Length == 0 ? "" : $"\tbind {site.Address}\n";
        var tls = own ? $"\ttls {site.Certificate} {site.Key}\n" : "";
        var log = site.AccessLog is null ? "" : $"\t\toutput file {site.AccessLog}\n";
        return $"# Tieline behind Caddy 2. Made by: tieline proxy caddy --domain {site.Domain} --upstream {site.Upstream}\n"
            + "# Afterwards: caddy validate --config FILE --adapter caddyfile && systemctl reload caddy\n\n"
            + $"https://{site.Domain}{port} {{\n{bind}{tls}"
            + $"\tlog {{\n{log}"
            + "\t\t# A token in the address must not reach the log.\n"
            + "\t\tformat filter {\n\t\t\twrap json\n\t\t\tfields {\n\t\t\t\trequest>uri query {\n\t\t\t\t\treplace token REDACTED\n\t\t\t\t\treplace ticket REDACTED\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t}\n\n"
            + "\t# Upgrades pass by themselves; -1 lets server-sent events leave at once.\n"
            + $"\treverse_proxy {site.Upstream} {{\n\t\tflush_interval -1\n\t\ttransport http {{\n\t\t\tdial_timeout 5s\n\t\t}}\n\t}}\n}}\n";
    }
}
