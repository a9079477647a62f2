namespace Tieline.Doctor.Proxies;

/// <summary>One proxy that a configuration can be printed for.</summary>
/// <param name="Name">The word after <c>tieline proxy</c>.</param>
/// <param name="FileName">Name of the rendered file under <c>deploy/&lt;name&gt;/</c>.</param>
/// <param name="Tested">False where no test runs the real program; the text then says so.</param>
/// <param name="Render">Makes the text.</param>
/// <param name="NodesFileName">Name of the file that is rendered for several nodes; null where it is made for one only.</param>
internal sealed record ProxyTemplate(string Name, string FileName, bool Tested, Func<ProxySite, string> Render, string? NodesFileName = null)
{
    public static IReadOnlyList<ProxyTemplate> All { get; } =
    [
        new("nginx", "tieline.conf", true, NginxTemplate.Render, "nodes.conf"),
        new("apache", "tieline.conf", true, ApacheTemplate.Render),
        new("haproxy", "haproxy.cfg", true, HaproxyTemplate.Render, "nodes.cfg"),
        new("caddy", "Caddyfile", true, CaddyTemplate.Render),
        new("traefik", "tieline.yml", false, TraefikTemplate.Render),
        new("iis", "web.config", false, IisTemplate.Render),
        new("lighttpd", "tieline.conf", true, LighttpdTemplate.Render),
        new("varnish", "default.vcl", true, VarnishTemplate.Render),
        new("h2o", "h2o.conf", true, H2oTemplate.Render),
    ];

    public static ProxyTemplate? Find(string name) =>
        All.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase));
}
