using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Diagnosis;

/// <summary>The operator's page: for the bearer of the operator token, what failed by cause and what clients report.</summary>
public sealed partial class OperateTests
{
    private const string Token = "a-token-of-the-operator";
    private static readonly string[] _handshake = ["X-Forwarded-Host: chat.example.org", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    private static readonly string[] _upgrade = [.. _handshake, "Upgrade: websocket", "Connection: Upgrade"];

    [Fact]
    public async Task Without_an_operator_token_there_is_no_page()
    {
        await using var server = await RunningServer.StartAsync();

        var page = await Answer.ToAsync(server, "GET", "/operate", Token);
        (page.Status, page.Text.Contains("operator_token", StringComparison.Ordinal)).ShouldBe((404, true));
        (await Answer.ToAsync(server, "GET", "/operate.json", "")).Status.ShouldBe(404);
        (await PostAsync(server, "token=")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_stranger_sees_the_door_and_nothing_behind_it()
    {
        await using var server = await StartAsync();
        await RawHttp.SendAsync(server.Address, "GET", "/api/chat/ws/me", [.. _handshake, "Connection: close"]);

        foreach (var token in (string?[])[null, "another-token-of-nobody", ""])
        {
            var page = await Answer.ToAsync(server, "GET", "/operate", token);
            page.Status.ShouldBe(401);
            page.Text.ShouldContain("<form method=\"post\"");
            page.Text.ShouldNotContain("TL411");
            (await Answer.ToAsync(server, "GET", "/operate.json", token)).Status.ShouldBe(401);
        }

        (await Answer.ToAsync(server, "GET", $"/operate?token={Token}")).Status.ShouldBe(401, "an address ends in logs, so a token in it is not taken");
        (await Answer.ToAsync(server, "GET", "/operate", null, null, ("Cookie", $"tieline_operator={Token}"))).Status.ShouldBe(401, "a session is not the token");
    }

    [Fact]
    public async Task A_browser_shows_the_token_once_and_gets_a_session_until_it_signs_out()
    {
        await using var server = await StartAsync();

        var opened = await PostAsync(server, "token=" + Uri.EscapeDataString(Token));
        (opened.Status, opened.Header("Location")).ShouldBe((303, "operate"));
        var cookie = opened.Header("Set-Cookie")!;
        foreach (var part in (string[])["httponly", "samesite=strict", "path=/"]) cookie.ShouldContain(part, Case.Insensitive);
        cookie.ShouldNotContain(Token);
        var session = cookie.Split(';')[0];
        (await Answer.ToAsync(server, "GET", "/operate", null, null, ("Cookie", session))).Text.ShouldContain("Attempts that failed");
        (await Answer.ToAsync(server, "GET", "/operate.json", null, null, ("Cookie", session))).Status.ShouldBe(200);

        (await PostAsync(server, "leave=1", ("Cookie", session))).Status.ShouldBe(303);
        (await Answer.ToAsync(server, "GET", "/operate", null, null, ("Cookie", session))).Status.ShouldBe(401);
        server.Log.All.ShouldAllBe(line => !line.Text.Contains(Token, StringComparison.Ordinal) && !line.Text.Contains(session, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Behind_a_proxy_that_ends_TLS_the_cookie_is_for_https_only()
    {
        await using var server = await StartAsync();
        (await PostAsync(server, "token=" + Token, ("X-Forwarded-Proto", "https"))).Header("Set-Cookie")!.ShouldContain("secure", Case.Insensitive);
    }

    [Fact]
    public async Task Guessing_is_slow_and_leaves_a_line_in_the_log()
    {
        await using var server = await StartAsync();
        var answers = new List<int>();
        for (var i = 0; i < 12; i++) answers.Add((await PostAsync(server, "token=guess-number-" + i)).Status);

        answers.Count(status => status == 401).ShouldBe(10);
        answers[^1].ShouldBe(429);
        server.Log.All.Count(line => line.Id == 503).ShouldBe(10);
        server.Log.All.ShouldAllBe(line => !line.Text.Contains("guess-number", StringComparison.Ordinal));
    }

    public static TheoryData<string, string[], string, int> Failures => new()
    {
        { "/api/chat/ws/me", [.. _handshake, "Connection: close"], "proxy.upgrade_headers_missing", 426 },
        { "/api/chat/ws/me", [.. _handshake, "Upgrade: websocket", "Connection: close"], "proxy.connection_header_wrong", 426 },
        { "/api/chat/ws/me", ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"], "proxy.ws_key_stripped", 400 },
        { "/api/chat/ws/me", ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], "proxy.ws_version_stripped", 400 },
        { "/api/chat/ws/me", ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: test"], "client.bad_handshake", 400 },
        { "/api/chat/ws/me", _upgrade, "client.no_token", 4401 },
        { "/api/chat/ws/me?token=forged", _upgrade, "client.bad_token", 4401 },
        { "/api/chat/ws/me", [.. _upgrade, "Origin: https://elsewhere.example"], "backend.origin_refused", 4403 },
    };

    [Theory, MemberData(nameof(Failures))]
    public async Task An_attempt_that_fails_stands_under_its_cause_with_its_fix(string path, string[] headers, string cause, int answer)
    {
        await using var server = await StartAsync(origins: "https://chat.example.org");
        await RawHttp.SendAsync(server.Address, "GET", path, [.. headers, "Via: 1.1 edge"]);

        // A socket that is told why in its close frame is written down after the 101 has left.
        await EventuallyAsync(async () => (await JsonAsync(server)).GetProperty("failed").GetArrayLength() > 0);
        var failed = (await JsonAsync(server)).GetProperty("failed").EnumerateArray().ToList().ShouldHaveSingleItem();
        (failed.GetProperty("cause").GetString(), failed.GetProperty("count").GetInt32()).ShouldBe((cause, 1));
        failed.GetProperty("fix").GetString().ShouldNotBeNullOrEmpty();
        var one = failed.GetProperty("latest")[0];
        (one.GetProperty("answer").GetInt32(), one.GetProperty("peer").GetString()).ShouldBe((answer, "127.0.0.1"));
        one.GetProperty("saw").GetProperty("headers").GetProperty("via").GetString().ShouldBe("1.1 edge");
        failed.GetRawText().ShouldNotContain("forged");
        var page = (await Answer.ToAsync(server, "GET", "/operate", Token)).Text;
        page.ShouldContain(failed.GetProperty("code").GetString()!);
        page.ShouldContain("Via: 1.1 edge");
    }

    [Fact]
    public async Task Somebody_who_looks_at_the_address_is_no_failed_attempt()
    {
        await using var server = await StartAsync();
        await Answer.ToAsync(server, "GET", "/api/chat/ws/me");
        (await JsonAsync(server)).GetProperty("failed").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_flood_of_one_cause_keeps_its_count_and_its_latest_ten_and_drives_out_no_other()
    {
        await using var server = await StartAsync();
        await RawHttp.SendAsync(server.Address, "GET", "/api/chat/ws/me", _upgrade);
        await EventuallyAsync(async () => (await JsonAsync(server)).GetProperty("failed").GetArrayLength() > 0);
        for (var i = 0; i < 25; i++) await RawHttp.SendAsync(server.Address, "GET", "/api/chat/ws/me", [.. _handshake, "Connection: close"]);

        var failed = (await JsonAsync(server)).GetProperty("failed").EnumerateArray().ToDictionary(f => f.GetProperty("cause").GetString()!);
        failed.Keys.ShouldBe(["client.no_token", "proxy.upgrade_headers_missing"], ignoreOrder: true);
        failed["proxy.upgrade_headers_missing"].GetProperty("count").GetInt32().ShouldBe(25);
        failed["proxy.upgrade_headers_missing"].GetProperty("latest").GetArrayLength().ShouldBe(10);
    }

    [Fact]
    public async Task Reports_of_clients_are_grouped_by_their_code_without_secrets()
    {
        await using var server = await StartAsync();
        foreach (var report in (string[])["{\"code\":\"upgrade_stripped\",\"operator\":\"seen: token=SECRET1\"}", "{\"code\":\"upgrade_stripped\"}", "{\"code\":\"<script>\"}", "no json at all"])
            (await Answer.ToAsync(server, "POST", "/api/chat/report", null, new StringContent(report))).Status.ShouldBe(204);

        var groups = (await JsonAsync(server)).GetProperty("reports").EnumerateArray().ToDictionary(g => g.GetProperty("report").GetString()!);
        groups.Keys.ShouldBe(["upgrade_stripped", "other"], ignoreOrder: true);
        groups["upgrade_stripped"].GetProperty("count").GetInt32().ShouldBe(2);
        groups["upgrade_stripped"].GetProperty("code").GetString().ShouldBe("TL411");
        groups["other"].GetProperty("count").GetInt32().ShouldBe(2);
        (await Answer.ToAsync(server, "GET", "/operate", Token)).Text.ShouldNotContain("SECRET1");
    }

    [Fact]
    public async Task The_page_runs_no_script_allows_only_its_own_style_and_encodes_every_foreign_word()
    {
        await using var server = await StartAsync();
        await RawHttp.SendAsync(server.Address, "GET", "/api/chat/ws/me", [.. _handshake, "Connection: close", "Via: <script>alert(1)</script>"]);
        await Answer.ToAsync(server, "POST", "/api/chat/report", null, new StringContent("<img src=x onerror=alert(1)>"));

        var page = await Answer.ToAsync(server, "GET", "/operate", Token);
        page.Text.ShouldNotContain("<script");
        page.Text.ShouldNotContain("<img");
        var style = StyleElement().Match(page.Text).Groups[1].Value;
        var digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        page.Header("Content-Security-Policy").ShouldBe($"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        page.Text.ShouldNotContain("style=\"", customMessage: "the policy would forbid it");
        (page.Header("Cache-Control"), page.Header("Referrer-Policy"), page.Header("X-Content-Type-Options")).ShouldBe(("no-store", "no-referrer", "nosniff"));
        page.Text.ShouldContain("tieline doctor wss://chat.example.org/api/chat/ws/me --backend");
    }

    private static Task<RunningServer> StartAsync(string origins = "*") => RunningServer.StartAsync(options => options with { OperatorToken = Token, Origins = origins });

    private static async Task<JsonElement> JsonAsync(RunningServer server)
    {
        var answer = await Answer.ToAsync(server, "GET", "/operate.json", null, null, ("X-Operator-Token", Token));
        answer.Status.ShouldBe(200);
        return answer.Json;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await holds()) await Task.Delay(20, limit.Token);
    }

    // A client of its own: the shared one would keep the cookie and follow the redirection.
    private static async Task<Answer> PostAsync(RunningServer server, string form, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/operate") { Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded") };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex StyleElement();
}
