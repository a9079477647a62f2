using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Doctor;

/// <summary><c>tieline doctor</c> as an operator runs it: the executable, the server behind a real nginx, and what is printed.</summary>
public sealed class DoctorCommandTests : IAsyncLifetime
{
    private const string OperatorToken = "the-operators-own-token";

    private readonly string _settings = Path.GetTempFileName();
    private TielineServer _server = null!;
    private Person _ada = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_settings, $"{{\"operator_token\":\"{OperatorToken}\"}}");
        _server = await TielineServer.StartAsync("--config", _settings);
        _ada = await Entrance.Of(_server).SignUpAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        File.Delete(_settings);
    }

    [Fact]
    public async Task A_healthy_line_exits_0_and_its_JSON_says_so()
    {
        await using var nginx = await Nginx.StartAsync(_server);
        var run = await DoctorAsync(nginx, "--json");

        run.ExitCode.ShouldBe(0, run.Output + run.Errors);
        var json = JsonDocument.Parse(run.Output).RootElement;
        json.GetProperty("healthy").GetBoolean().ShouldBeTrue(run.Output);
        json.GetProperty("findings").GetArrayLength().ShouldBe(0);
        json.GetProperty("url").GetString()!.ShouldEndWith("?token=***");
        NothingSecretIn(run);
        foreach (var check in json.GetProperty("checks").EnumerateArray())
        {
            check.GetProperty("name").GetString().ShouldNotBeNullOrEmpty();
            check.GetProperty("result").GetString().ShouldNotBeNull();
            check.GetProperty("ms").GetInt32().ShouldBeGreaterThanOrEqualTo(0);
        }
    }

    [Fact]
    public async Task A_proxy_that_strips_the_upgrade_exits_1_and_the_JSON_has_every_field()
    {
        await using var nginx = await Nginx.StartAsync(_server, WithoutUpgrade);
        var run = await DoctorAsync(nginx, "--json", "--outside-only");

        run.ExitCode.ShouldBe(1, run.Output + run.Errors);
        NothingSecretIn(run);
        var json = JsonDocument.Parse(run.Output).RootElement;
        json.EnumerateObject().Select(p => p.Name).ShouldBe(["url", "healthy", "findings", "notes", "checks"]);
        var finding = json.GetProperty("findings")[0];
        foreach (var name in (string[])["code", "cause", "layer", "saw", "why", "fixes", "alternatives"]) finding.TryGetProperty(name, out _).ShouldBeTrue(name);
        (finding.GetProperty("code").GetString(), finding.GetProperty("cause").GetString(), finding.GetProperty("layer").GetString()).ShouldBe(("TL411", "proxy.upgrade_headers_missing", "proxy"));
        foreach (var name in (string[])["text", "command", "diff", "confidence"]) finding.GetProperty("fixes")[0].TryGetProperty(name, out _).ShouldBeTrue(name);
        finding.GetProperty("fixes")[0].GetProperty("confidence").GetString().ShouldBeOneOf("certain", "review", "fill in");
        // Neither does the server write the token that came in the address, nor what was tried with it.
        _server.Log.ShouldNotContain(_ada.Token);
    }

    [Fact]
    public async Task Straight_at_the_server_is_healthy_and_reads_well()
    {
        var run = await TielineServer.RunAsync("doctor", $"ws://127.0.0.1:{_server.Port}/api/chat/ws/me", "--token", _ada.Token, "--hold", "0");

        run.ExitCode.ShouldBe(0, run.Output + run.Errors);
        run.Output.ShouldContain("you ─── DNS");
        run.Output.ShouldContain("Healthy. The socket opens in ");
        run.Output.ShouldNotContain("\e[", customMessage: "colour is for terminals");
        NothingSecretIn(run);
    }

    [Fact]
    public async Task A_dry_run_shows_the_change_and_makes_none_and_fix_makes_it_and_proves_it()
    {
        await using var nginx = await Nginx.StartAsync(_server, WithoutUpgrade);
        var before = await File.ReadAllTextAsync(nginx.SiteFile);

        var dry = await DoctorAsync(nginx, "--dry-run", "--backend", _server.Address.Authority, "--config", nginx.MainFile);
        dry.ExitCode.ShouldBe(1, dry.Output + dry.Errors);
        dry.Output.ShouldContain("+        proxy_set_header Upgrade $http_upgrade;");
        dry.Output.ShouldContain("✗");
        (await File.ReadAllTextAsync(nginx.SiteFile)).ShouldBe(before);
        Directory.GetFiles(nginx.Folder, "*.bak*").ShouldBeEmpty();

        var fix = await DoctorAsync(nginx, "--fix", "--backend", _server.Address.Authority, "--config", nginx.MainFile);
        fix.ExitCode.ShouldBe(0, fix.Output + fix.Errors);
        foreach (var step in (string[])["Backup: ", "Edited: ", "Tested: ", "Reloaded: ", "Proven: ", "Mended and proven."]) fix.Output.ShouldContain(step);
        (await File.ReadAllTextAsync(nginx.SiteFile)).ShouldContain("proxy_set_header Upgrade $http_upgrade;");
        NothingSecretIn(dry);
        NothingSecretIn(fix);
        (await DoctorAsync(nginx, "--outside-only")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Watching_tells_a_change_in_full_and_nothing_new_in_a_line()
    {
        await using var nginx = await Nginx.StartAsync(_server);
        using var watch = Process.Start(new ProcessStartInfo(TielineServer.Program, [.. Words(nginx), "--outside-only", "--watch", "--every", "1"]) { RedirectStandardOutput = true })!;
        var said = new List<string>();
        watch.OutputDataReceived += (_, line) => { lock (said) said.Add(line.Data ?? ""); };
        watch.BeginOutputReadLine();
        bool Heard(string what) { lock (said) return said.Any(l => l.Contains(what, StringComparison.Ordinal)); }
        try
        {
            await Until.TrueAsync("the first look", () => Heard("Healthy. The socket opens"));
            await Until.TrueAsync("the second look", () => Heard("still healthy, opened in"));
            await File.WriteAllTextAsync(nginx.SiteFile, WithoutUpgrade(await File.ReadAllTextAsync(nginx.SiteFile)));
            await nginx.ReloadAsync();
            await Until.TrueAsync("the change", () => Heard("TL411 "), TimeSpan.FromSeconds(40));
            await Until.TrueAsync("and no more news", () => Heard("still TL411"), TimeSpan.FromSeconds(40));
        }
        finally
        {
            watch.Kill();
            await watch.WaitForExitAsync();
        }
    }

    [Theory]
    [InlineData]
    [InlineData("no address at all")]
    [InlineData("wss://chat.example.org/ws", "--ca", "/no/such/file")]
    [InlineData("wss://chat.example.org/ws", "--resolve", "nonsense")]
    [InlineData("--explain", "TL000")]
    [InlineData("wss://chat.example.org/ws", "--no-such-flag")]
    public async Task What_cannot_be_run_exits_2_and_says_why(params string[] words)
    {
        var run = await TielineServer.RunAsync(["doctor", .. words]);
        run.ExitCode.ShouldBe(2, run.Output + run.Errors);
        run.Errors.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Every_code_is_explained_and_every_check_is_listed()
    {
        var listed = (await TielineServer.RunAsync("doctor", "--list-checks")).ShouldSucceed().Output;
        foreach (var check in (string[])["name", "handshake", "plain-get", "echo", "no-token", "other-host", "firefox", "hold", "direct-handshake", "inner", "listeners", "logs"]) listed.ShouldContain($"\n{check} ");
        foreach (var code in (string[])["TL101", "tl404", "backend.no_ws_library"])
        {
            var explained = (await TielineServer.RunAsync("doctor", "--explain", code)).ShouldSucceed().Output;
            explained.ShouldContain("Fix (");
            explained.ShouldContain("docs/doctor/TL");
        }
    }

    [Fact]
    public async Task The_operators_page_shows_what_failed_by_cause_with_its_fix_and_what_clients_report()
    {
        await using var nginx = await Nginx.StartAsync(_server, WithoutUpgrade);
        (await DoctorAsync(nginx, "--outside-only")).ExitCode.ShouldBe(1);
        using var http = nginx.Entrance.Client();
        using (var report = new StringContent("""{"code":"upgrade_stripped","operator":"seen by a client"}""")) (await http.PostAsync("/api/chat/report", report)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await http.GetAsync("/operate")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var ask = Entrance.Request(HttpMethod.Get, "/operate.json", OperatorToken);
        using var answer = await http.SendAsync(ask);
        var text = await answer.Content.ReadAsStringAsync();
        var json = JsonDocument.Parse(text).RootElement;
        var failed = json.GetProperty("failed").EnumerateArray().First(f => f.GetProperty("code").GetString() == "TL411");
        failed.GetProperty("count").GetInt32().ShouldBeGreaterThan(0);
        failed.GetProperty("fix").GetString()!.ShouldContain("Upgrade");
        json.GetProperty("reports").EnumerateArray().ShouldContain(r => r.GetProperty("report").GetString() == "upgrade_stripped");
        text.ShouldNotContain(_ada.Token);

        using var page = Entrance.Request(HttpMethod.Get, "/operate", OperatorToken);
        using var shown = await http.SendAsync(page);
        (await shown.Content.ReadAsStringAsync()).ShouldContain("TL411");
        _server.Log.ShouldNotContain(OperatorToken);
    }

    private Task<Command> DoctorAsync(Nginx nginx, params string[] more) => TielineServer.RunAsync([.. Words(nginx), .. more]);

    private string[] Words(Nginx nginx) =>
        ["doctor", $"wss://{nginx.Entrance.Address.Host}:{nginx.Port}/api/chat/ws/me", "--token", _ada.Token, "--resolve", $"{nginx.Entrance.Address.Host}:127.0.0.1", "--ca", Path.Combine(nginx.Folder, "cert.pem"), "--hold", "0"];

    private void NothingSecretIn(Command run)
    {
        // The signature is the secret part; the head of every such token is the same.
        var signature = _ada.Token.Split('.')[^1][..12];
        (run.Output + run.Errors).ShouldNotContain(signature);
    }

    private static string WithoutUpgrade(string site) =>
        string.Join('\n', site.Split('\n').Where(l => !l.Contains("$http_upgrade;", StringComparison.Ordinal) && !l.Contains("Connection $connection_upgrade", StringComparison.Ordinal)));
}
