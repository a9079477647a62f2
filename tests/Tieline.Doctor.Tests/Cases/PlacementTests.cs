using Tieline.Doctor.Mending;
using Tieline.Doctor.Targets;
using Tieline.Doctor.Tests.Harness;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>One site's file was edited and another name tested: the doctor says which file serves the name, and mends that one.</summary>
public sealed class PlacementTests
{
    private static string Site(string name, string inside) => $"server {{\n    listen 127.0.0.1:{{front}};\n    server_name {name};\n    location /api/chat/ws/ {{\n        proxy_pass http://127.0.0.1:{{backend}};\n        {inside}\n    }}\n}}\n";

    private static ProxyCase Sites(string chat, string other = "www.test") => new("nginx-sites", "nginx", "proxy.upgrade_headers_missing")
    {
        Configs =
        [
            ("file", "site-chat.conf", Site(chat, NginxCases.Forward)),
            ("file", "site-www.conf", Site(other, NginxCases.Good)),
            ("file", "forgotten.conf", Site("chat.test", NginxCases.Good)),
            ("nginx", "nginx.conf", NginxCases.File("", "include {run}/site-*.conf;", "listen 127.0.0.1:{inner};", "server_name none.test;")),
        ],
    };

    private static string ApacheSite(string name, string more) => $"<VirtualHost 127.0.0.1:{{front}}>\n    ServerName {name}\n    ProxyPreserveHost On\n    ProxyPass / http://127.0.0.1:{{backend}}/{more}\n</VirtualHost>\n";

    private static ProxyCase ApacheSites(string chat) => new("apache-sites", "apache", "proxy.upgrade_headers_missing")
    {
        Configs =
        [
            ("file", "site-chat.conf", ApacheSite(chat, "")),
            ("file", "site-www.conf", ApacheSite("www.test", " upgrade=websocket")),
            ("file", "forgotten.conf", ApacheSite("chat.test", " upgrade=websocket")),
            ("apache2", "apache.conf", ApacheCases.File("", name: "none.test", before: "IncludeOptional {run}/site-*.conf")),
        ],
    };

    private static string CaddySite(string name, string more) => $"http://{name}:{{front}} {{\n\t{CaddyCases.Proxy}{more}\n}}\n";

    private static ProxyCase CaddySites(string chat) => new("caddy-sites", "caddy", "proxy.upgrade_headers_missing")
    {
        Configs =
        [
            ("file", "site-chat.conf", CaddySite(chat, " {\n\t\theader_up -Upgrade\n\t}")),
            ("file", "site-www.conf", CaddySite("www.test", "")),
            ("file", "forgotten.conf", CaddySite("chat.test", "")),
            ("caddy", "Caddyfile", CaddyCases.File("respond 404", "http://none.test:{inner}") + "\nimport {run}/site-*.conf\n"),
        ],
    };

    private static ProxyCase SitesOf(string proxy, string chat) => proxy switch { "apache" => ApacheSites(chat), "caddy" => CaddySites(chat), _ => Sites(chat) };

    [Theory]
    [InlineData("nginx")]
    [InlineData("apache")]
    [InlineData("caddy")]
    public async Task Another_file_serves_the_name_and_that_one_is_mended(string proxy)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(SitesOf(proxy, "chat.test"), cancel);
        var edited = Path.Combine(running.Folder, "site-www.conf");
        var serving = Path.Combine(running.Folder, "site-chat.conf");
        var options = Given(running, edited);
        var before = await File.ReadAllTextAsync(edited, cancel);
        var wrong = await File.ReadAllTextAsync(serving, cancel);

        var outcome = await new Examination(options).RunAsync(new Progress<string>(), cancel);

        outcome.Verdict.Findings.Select(f => f.Entry.Cause).ShouldBe(["proxy.upgrade_headers_missing", "config.other_file_serves"], JudgementTests.Said(outcome));
        outcome.Verdict.Findings[1].Saw.ShouldHaveSingleItem().ShouldContain(serving);
        var report = await new Mender(options).MendAsync(outcome, new Progress<string>(), cancel);
        report.End.ShouldBe(MendEnd.Mended, string.Join("\n", report.Steps));
        (await File.ReadAllTextAsync(serving, cancel)).ShouldNotBe(wrong);
        (await File.ReadAllTextAsync(edited, cancel)).ShouldBe(before);
        // What works now is no fault any more; the file that has no part in it is still said.
        report.After!.Verdict.Notes.ShouldContain(n => n.Contains(serving, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("apache")]
    [InlineData("caddy")]
    public async Task A_file_that_the_running_proxy_does_not_load_is_said(string proxy)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(SitesOf(proxy, "chat.tset") with { App = null }, cancel);
        var outcome = await new Examination(Given(running, Path.Combine(running.Folder, "forgotten.conf"))).RunAsync(new Progress<string>(), cancel);
        var said = outcome.Verdict.Findings.Single(f => f.Entry.Cause == "config.name_not_served").Saw.ShouldHaveSingleItem();
        said.ShouldContain($"forgotten.conf names chat.test, but the running {proxy} reads");
    }

    [Fact]
    public async Task A_forgotten_file_is_said_too_where_the_main_file_is_given_with_it()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(Sites("chat.tset") with { App = null }, cancel);
        var options = running.Options(Sight.Everything) with { ConfigFiles = [Path.Combine(running.Folder, "forgotten.conf"), Path.Combine(running.Folder, "nginx.conf")] };
        var outcome = await new Examination(options).RunAsync(new Progress<string>(), cancel);
        outcome.Verdict.Findings.Single(f => f.Entry.Cause == "config.name_not_served").Saw.ShouldHaveSingleItem().ShouldContain("forgotten.conf names chat.test");
    }

    [Fact]
    public async Task On_the_server_the_files_are_found_without_being_given()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(Sites("chat.test"), cancel);
        var options = running.Options(Sight.Direct) with { Discover = true };
        var outcome = await new Examination(options).RunAsync(new Progress<string>(), cancel);
        outcome.Verdict.Findings.ShouldHaveSingleItem().Entry.Cause.ShouldBe("proxy.upgrade_headers_missing");
        outcome.File.ConfigFiles.ShouldBe([Path.Combine(running.Folder, "nginx.conf")]);
        outcome.File.LogFiles.ShouldContain(f => f.EndsWith("error.log", StringComparison.Ordinal));
        (await new Mender(options).MendAsync(outcome, new Progress<string>(), cancel)).End.ShouldBe(MendEnd.Mended);
    }

    [Fact]
    public async Task A_name_that_no_block_serves_is_said()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(Sites("chat.tset") with { App = null }, cancel);
        var outcome = await new Examination(Given(running, Path.Combine(running.Folder, "site-www.conf"))).RunAsync(new Progress<string>(), cancel);
        outcome.Verdict.Findings.Select(f => f.Entry.Cause).ShouldContain("config.name_not_served");
    }

    [Fact]
    public async Task The_file_that_serves_the_name_is_enough_for_a_mend()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(Sites("chat.test"), cancel);
        var options = Given(running, Path.Combine(running.Folder, "site-chat.conf"));
        var outcome = await new Examination(options).RunAsync(new Progress<string>(), cancel);
        outcome.Verdict.Findings.ShouldHaveSingleItem().Entry.Cause.ShouldBe("proxy.upgrade_headers_missing");
        (await new Mender(options).MendAsync(outcome, new Progress<string>(), cancel)).End.ShouldBe(MendEnd.Mended);
    }

    [Theory]
    [InlineData("nginx-good", false)]
    [InlineData("nginx-default-times", true)]
    [InlineData("haproxy-good", false)]
    [InlineData("caddy-good", false)]
    public async Task A_limit_that_a_run_is_too_short_to_see_is_a_note(string name, bool told)
    {
        var cancel = TestContext.Current.CancellationToken;
        var what = name == "nginx-default-times" ? AllCases.Named("nginx-good") with { Configs = [("nginx", "nginx.conf", NginxCases.Socket(NginxCases.Upgrade + NginxCases.Forward))] } : AllCases.Named(name);
        await using var running = await RunningCase.StartAsync(what, cancel);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        outcome.Verdict.Healthy.ShouldBeTrue();
        outcome.Verdict.Notes.Any(n => n.Contains("silent for 60 s", StringComparison.Ordinal)).ShouldBe(told, string.Join("\n", outcome.Verdict.Notes));
        if (told) outcome.Verdict.Notes.ShouldContain(n => n.Contains("proxy_read_timeout is not set", StringComparison.Ordinal) && n.Contains("--hold 70", StringComparison.Ordinal));
    }

    private static DoctorOptions Given(RunningCase running, string file) => running.Options(Sight.Everything) with { ConfigFiles = [file] };
}
