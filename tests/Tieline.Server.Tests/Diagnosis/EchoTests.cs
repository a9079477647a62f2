using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Diagnosis;

/// <summary>The echo, the probe and the report: what a client asks to find out what stands between.</summary>
public sealed class EchoTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData("/api/chat/_diag", false)]
    [InlineData("/api/chat/_diag", true)]
    [InlineData("/api/chat/ws/_diag", false)]
    [InlineData("/api/chat/ws/_diag", true)]
    public async Task The_echo_says_what_arrived_with_and_without_upgrade(string path, bool upgrade)
    {
        string[] handshake = upgrade ? ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: test"] : ["Connection: close"];

        var answer = await RawHttp.SendAsync(shared.Server.Address, "GET", path + "?token=secret", [.. handshake, "Via: 1.1 nginx", "X-Forwarded-Proto: https", "Accept-Language: de"]);

        answer.Status.ShouldBe(200);
        answer.Body.ShouldNotContain("secret");
        var body = RawHttp.Json(answer.Body);
        body.EnumerateObject().Select(field => field.Name).ShouldBe(["app", "id", "saw"]);
        (body.GetProperty("app").GetString(), body.GetProperty("id").GetString()).ShouldBe(("tieline", "n1"));
        var saw = body.GetProperty("saw");
        saw.EnumerateObject().Select(field => field.Name).ShouldBe(["method", "url", "http", "upgradeEvent", "token", "ticket", "headers"]);
        (saw.GetProperty("method").GetString(), saw.GetProperty("url").GetString(), saw.GetProperty("http").GetString(), saw.GetProperty("upgradeEvent").GetBoolean(), saw.GetProperty("token").GetBoolean())
            .ShouldBe(("GET", path, "1.1", upgrade, true));
        var headers = saw.GetProperty("headers").EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString());
        headers["via"].ShouldBe("1.1 nginx");
        headers["x-forwarded-proto"].ShouldBe("https");
        headers.ContainsKey("accept-language").ShouldBeFalse("what is not named is not told");
        if (upgrade) (headers["upgrade"], headers["connection"], headers["sec-websocket-version"], headers["sec-websocket-key"]).ShouldBe(("websocket", "Upgrade", "13", "(present)"));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("HEAD")]
    [InlineData("PURGE")]
    public async Task The_echo_takes_any_method(string method) => (await Answer.ToAsync(shared.Server, method, "/api/chat/_diag")).Status.ShouldBe(200);

    [Fact]
    public async Task Nothing_secret_is_echoed()
    {
        var answer = await Answer.ToAsync(shared.Server, "GET", "/api/chat/ws/_diag?ticket=SECRET1&token=SECRET2", "SECRET3", null,
            ("Cookie", "session=SECRET4"), ("Sec-WebSocket-Protocol", "tieline.v2, bearer.SECRET5"), ("Sec-WebSocket-Key", "SECRET6"), ("X-Operator-Token", "SECRET7"), ("Via", "1.1 token=SECRET8"));

        answer.Text.ShouldNotContain("SECRET");
        answer.Json.GetProperty("saw").GetProperty("headers").GetProperty("sec-websocket-protocol").GetString().ShouldBe("tieline.v2, bearer.(masked)");
        (answer.Json.GetProperty("saw").GetProperty("token").GetBoolean(), answer.Json.GetProperty("saw").GetProperty("ticket").GetBoolean()).ShouldBe((true, true));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("another-token-of-nobody", false)]
    [InlineData("a-token-of-the-operator", true)]
    public async Task Forwarded_addresses_are_for_the_operator_only(string? token, bool told)
    {
        await using var server = await RunningServer.StartAsync(options => options with { OperatorToken = "a-token-of-the-operator" });
        var attempt = Guid.NewGuid();
        (string, string)[] forwarded = [("X-Forwarded-For", "203.0.113.7"), ("X-Real-IP", "203.0.113.8"), ("Forwarded", "for=203.0.113.9")];
        (string, string)[] asked = token is null ? [] : [("X-Operator-Token", token)];
        await Answer.ToAsync(server, "GET", $"/api/chat/ws/me?attempt={attempt}", null, null, forwarded);

        foreach (var answer in (Answer[])[await Answer.ToAsync(server, "GET", "/api/chat/_diag", null, null, [.. forwarded, .. asked]), await Answer.ToAsync(server, "GET", $"/api/chat/attempt/{attempt}", null, null, asked)])
        {
            var headers = answer.Json.GetProperty("saw").GetProperty("headers").GetRawText();
            foreach (var address in (string[])["\"x-forwarded-for\":\"203.0.113.7\"", "\"x-real-ip\":\"203.0.113.8\"", "\"forwarded\":\"for=203.0.113.9\""])
                headers.Contains(address, StringComparison.Ordinal).ShouldBe(told, headers);
        }
    }

    [Fact]
    public async Task Without_an_operator_token_nobody_is_the_operator() =>
        (await Answer.ToAsync(shared.Server, "GET", "/api/chat/_diag", null, null, ("X-Forwarded-For", "203.0.113.7"), ("X-Operator-Token", ""))).Text.ShouldNotContain("203.0.113.7");

    [Fact]
    public async Task A_probe_takes_any_body_with_a_good_token_only()
    {
        var ada = await shared.AddAsync("ada");

        foreach (var body in (string[])["", "{}", "not json", "\0\u0001"]) (await Answer.ToAsync(ada, "POST", "/api/chat/probe", body)).Text.ShouldBe("""{"ok":true}""");
        (await Answer.ToAsync(shared.Server, "POST", "/api/chat/probe", "bad")).Status.ShouldBe(401);
        (await Answer.ToAsync(ada, "POST", "/api/chat/probe", new string('x', 70_000))).Status.ShouldBe(413);
    }

    [Fact]
    public async Task A_report_is_one_line_of_the_log_at_most_8_KiB_and_ten_a_minute()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);

        (await ReportAsync("first\r\nsecond\u2028third")).Status.ShouldBe(204);
        server.Log.All.Where(line => line.Id == 502).ShouldHaveSingleItem().Text.ShouldBe("A client reports: first second third");
        (await ReportAsync(new string('x', 8 * 1024))).Status.ShouldBe(204);
        (await ReportAsync(new string('x', (8 * 1024) + 1))).Status.ShouldBe(413);
        for (var i = 3; i < 10; i++) (await ReportAsync("more")).Status.ShouldBe(204);
        var refused = await ReportAsync("too many");
        (refused.Status, refused.Header("Retry-After")).ShouldBe((429, "6"));
        time.Advance(TimeSpan.FromSeconds(6.1));
        (await ReportAsync("again")).Status.ShouldBe(204);

        Task<Answer> ReportAsync(string text) => Answer.ToAsync(server, "POST", "/api/chat/report", null, new StringContent(text));
    }
}
