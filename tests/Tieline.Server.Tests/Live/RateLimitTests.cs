using System.Net;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Live;

public sealed class RateLimitTests : LivePeople
{
    private const int Burst = 20;

    private protected override TielineOptions Configure(TielineOptions options) =>
        options with { CommandsPerSecond = 1, CommandsBurst = Burst, AnonymousPerSecond = 1, AnonymousBurst = Burst, LoginsPerMinute = 3 };

    [Fact]
    public async Task Over_HTTP_too_many_commands_are_429_with_the_time_to_wait_and_sends_go_on()
    {
        Answer? refused = null;
        for (var i = 0; i < Burst + 5 && refused is null; i++)
            if (await Answer.ToAsync(Ada, "GET", "/api/chat/conversations") is { Status: 429 } answer) refused = answer;

        refused.ShouldNotBeNull();
        refused.Header("Retry-After").ShouldBe("1");
        refused.Json.GetProperty("code").GetString().ShouldBe("rate_limited");
        refused.Json.GetProperty("retry_after_ms").GetInt32().ShouldBeInRange(1, 1_000);
        await Ada.SendAsync(Bob, "a send has a limit of its own");
        (await Bob.GetAsync("/api/chat/conversations")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Over_a_socket_a_question_is_refused_for_now_and_the_line_stays()
    {
        await using var ada = await Ada.OpenAsync();
        for (var i = 0; i < Burst + 5; i++) await ada.SendAsync(new { type = "history", conversation = Chat });

        var refused = await ada.ReadUntilAsync("error");
        refused.GetProperty("code").GetString().ShouldBe("rate_limited");
        refused.GetProperty("retryable").GetBoolean().ShouldBeTrue();
        refused.GetProperty("retry_after_ms").GetInt32().ShouldBeGreaterThan(0);
        await ada.SendAsync(new { type = "send", client_id = "s1", conversation = Chat, message = "still here" });
        await ada.ReadUntilAsync("ack");
    }

    [Fact]
    public async Task Who_shows_no_good_token_is_counted_by_address_and_who_shows_one_is_not()
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < Burst + 5; i++) statuses.Add((await Server.CallAsync(HttpMethod.Get, "/api/chat/list", i % 2 == 0 ? null : "nonsense")).Status);

        statuses[0].ShouldBe(HttpStatusCode.Unauthorized);
        statuses.ShouldContain(HttpStatusCode.TooManyRequests);
        (await Server.CallAsync(HttpMethod.Get, "/api/chat/test")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        (await Server.CallAsync(HttpMethod.Get, "/healthz")).Status.ShouldBe(HttpStatusCode.OK);
        (await Ada.GetAsync("/api/chat/list")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Guessing_one_account_s_password_is_slowed_and_no_other_s()
    {
        for (var i = 0; i < 3; i++) (await LogInAsync("ada@example.org")).Status.ShouldBe(401);

        var refused = await LogInAsync("Ada@Example.org");

        refused.Status.ShouldBe(429);
        refused.Json.GetProperty("retry_after_ms").GetInt32().ShouldBeGreaterThan(1_000);
        (await LogInAsync("bob@example.org")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Each_limit_can_be_turned_off()
    {
        await using var server = await RunningServer.StartAsync(options => options with { CommandsPerSecond = 0, CommandsBurst = 1, AnonymousPerSecond = 0, AnonymousBurst = 1, LoginsPerMinute = 0 });
        var dan = await server.AddPersonAsync("dan");

        for (var i = 0; i < 10; i++)
        {
            (await dan.GetAsync("/api/chat/list")).Status.ShouldBe(HttpStatusCode.OK);
            (await server.CallAsync(HttpMethod.Get, "/api/chat/list")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    private Task<Answer> LogInAsync(string email) => Answer.ToAsync(Server, "POST", "/api/auth/login", null,
        new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = email, ["password"] = "wrong password" }));
}
