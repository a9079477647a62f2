using Tieline.Doctor.Proxies;
using Tieline.Doctor.Tests.Cases;
using Tieline.Doctor.Tests.Harness;

namespace Tieline.Doctor.Tests.Proxies;

/// <summary>What `tieline proxy` prints runs in the real program, and the doctor finds the line through it healthy.</summary>
public sealed class RenderedProxyTests
{
    private const int HttpsPort = 45443;

    private static ProxySite Site => new() { Domain = "chat.test", Upstream = "127.0.0.1:{backend}", Certificate = "{certs}/chat.pem", Key = "{certs}/chat.key", Address = "127.0.0.1", HttpsPort = HttpsPort, HttpPort = 0, AccessLog = "{run}/access.log" };

    private static readonly string[] _apacheModules = ["mpm_event", "authz_core", "headers", "proxy", "proxy_http", "ssl", "socache_shmcb", "alias", "http2"];

    public static TheoryData<string> Names => [.. ProxyTemplate.All.Where(t => t.Tested).Select(t => t.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task A_rendered_configuration_carries_a_live_line(string name)
    {
        var cancel = TestContext.Current.CancellationToken;
        var text = ProxyTemplate.Find(name)!.Render(Site).Replace($"{HttpsPort}", "{front_tls}", StringComparison.Ordinal);
        await using var running = await RunningCase.StartAsync(Wrapped(name, text), cancel);
        var outcome = await running.ExamineAsync(Sight.Direct, cancel);
        outcome.Verdict.Healthy.ShouldBeTrue(JudgementTests.Said(outcome));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_rendered_configuration_passes_the_check(string name)
    {
        var template = ProxyTemplate.Find(name)!;
        var file = new Configuration.ConfigText("/nowhere/" + template.FileName, template.Render(DeployTests.Example));
        var result = Configuration.Lint.Check(file, "chat.example.org", name == "varnish" ? 80 : 443, "/api/chat/ws/bob");
        result.ShouldNotBeNull();
        result.Value.Proxy.ShouldBe(name);
        result.Value.Clues.ShouldBeEmpty();
    }

    /// <summary>The rendered file in the frame that the program's package would give it.</summary>
    private static ProxyCase Wrapped(string name, string text) => new("rendered-" + name, name, "none")
    {
        Secure = name != "varnish",
        Configs = name switch
        {
            "nginx" => [("nginx", "nginx.conf", "user root;\ndaemon off;\npid {run}/nginx.pid;\nerror_log {run}/error.log;\nevents { }\nhttp {\n client_body_temp_path {run}/t; proxy_temp_path {run}/t; fastcgi_temp_path {run}/t; uwsgi_temp_path {run}/t; scgi_temp_path {run}/t;\n" + text + "}\n")],
            "apache" => [("apache2", "apache.conf", string.Join('\n', ["ServerRoot {run}", "ServerName chat.test", "PidFile {run}/apache.pid", "DefaultRuntimeDir {run}", "Mutex file:{run} default", "User www-data", "Group www-data", "Listen 127.0.0.1:{front_tls}", "ErrorLog {run}/error.log", .. _apacheModules.Select(m => $"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so"), text]))],
            "haproxy" => [("haproxy", "haproxy.cfg", text.Replace("chat.pem", "chat.bundle.pem", StringComparison.Ordinal))],
            "lighttpd" => [("lighttpd", "lighttpd.conf", "server.modules = ()\nserver.document-root = \"{run}/www\"\nserver.port = {front}\nserver.bind = \"127.0.0.1\"\nserver.errorlog = \"{run}/error.log\"\n" + text)],
            "varnish" => [("varnishd", "default.vcl", text)],
            "h2o" => [("h2o", "h2o.conf", "user: root\npid-file: {run}/h2o.pid\nerror-log: {run}/error.log\n" + text)],
            _ => [("caddy", "Caddyfile", "{\n\tadmin off\n\tauto_https off\n}\n" + text)],
        },
    };
}
