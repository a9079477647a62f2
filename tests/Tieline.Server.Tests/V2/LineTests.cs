using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>What keeps a line alive, and what ends it.</summary>
public sealed class LineTests
{
    [Fact]
    public async Task After_ping_s_of_silence_the_server_pings_with_the_position_it_has_sent()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await ada.SendAsync(bob, "one");
        await using var socket = await ada.OpenAsync();

        time.Advance(TimeSpan.FromSeconds(21));

        (await socket.ReadUntilAsync("ping")).GetProperty("pos").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_client_of_which_nothing_is_heard_for_three_pings_is_dropped()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var ada = await server.AddPersonAsync("ada");
        await using var socket = await ada.OpenAsync();
        server.Chat.Lines.Count.ShouldBe(1);

        for (var i = 0; i < 62; i++) time.Advance(TimeSpan.FromSeconds(1));

        (await socket.ReadCloseAsync()).Code.ShouldBe(1006);
    }

    [Fact]
    public async Task A_client_that_answers_pings_stays()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var ada = await server.AddPersonAsync("ada");
        await using var socket = await ada.OpenAsync();

        for (var i = 0; i < 6; i++)
        {
            time.Advance(TimeSpan.FromSeconds(20));
            await socket.ReadUntilAsync("ping");
            await socket.SendAsync(new { type = "pong" });
            await socket.SendAsync(new { type = "ping" });
            await socket.ReadUntilAsync("pong");
        }
    }

    [Fact]
    public async Task A_token_about_to_expire_is_announced_and_a_fresh_one_keeps_the_line()
    {
        var time = TwoMinutesBeforeATokenOfNowExpires();
        await using var server = await RunningServer.StartAsync(options => options with { TokenDays = 1, PingSeconds = 300 }, time: time);
        var ada = await server.AddPersonAsync("ada");
        await using var socket = await ada.OpenAsync();

        time.Advance(TimeSpan.FromSeconds(70));

        (await socket.ReadUntilAsync("token_expiring")).GetProperty("in_s").GetInt32().ShouldBeInRange(40, 60);
        await socket.SendAsync(new { type = "auth", token = (await server.AddPersonAsync("eve")).Token });
        (await socket.ReadUntilAsync("error")).GetProperty("code").GetString().ShouldBe("unauthorized");
        var issuer = new Tieline.Server.Accounts.Tokens(server.Chat.Options, Encoding.UTF8.GetBytes(RunningServer.Secret), null!, time);
        await socket.SendAsync(new { type = "auth", token = issuer.Issue("ada@example.org", null) });

        for (var i = 0; i < 6; i++)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            await socket.SendAsync(new { type = "ping" });
            await socket.ReadUntilAsync("pong");
        }
    }

    [Fact]
    public async Task A_token_that_expires_closes_the_line_with_4401()
    {
        var time = TwoMinutesBeforeATokenOfNowExpires();
        await using var server = await RunningServer.StartAsync(options => options with { TokenDays = 1, PingSeconds = 300 }, time: time);
        var ada = await server.AddPersonAsync("ada");
        await using var socket = await ada.OpenAsync();

        time.Advance(TimeSpan.FromSeconds(130));

        (await socket.ReadCloseAsync()).Code.ShouldBe(4401);
        socket.Seen.ShouldContain(frame => frame.GetProperty("type").GetString() == "error");
    }

    [Fact]
    public async Task A_stopping_server_answers_what_it_took_says_goaway_and_closes_with_1012()
    {
        var server = await RunningServer.StartAsync();
        var (ada, _) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var socket = await ada.OpenAsync();
        await socket.SendAsync(new { type = "send", client_id = "c1", to = "bob", message = "last words" });
        await socket.ReadUntilAsync("ack");

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var stopping = server.DisposeAsync();
        var (code, _) = await socket.ReadCloseAsync();
        await stopping;

        code.ShouldBe(1012);
        socket.Seen[^1].GetProperty("type").GetString().ShouldBe("goaway");
        socket.Seen[^1].GetProperty("retry_after_ms").GetInt32().ShouldBeInRange(100, 2_000);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("subprotocol")]
    [InlineData("subprotocol, not encoded")]
    [InlineData("query")]
    [InlineData("ticket")]
    public async Task A_token_is_taken_from(string where)
    {
        await using var server = await RunningServer.StartAsync();
        var ada = await server.AddPersonAsync("ada");
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(ada.Token)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        await using var socket = where switch
        {
            "subprotocol" => await ConnectAsync(server, "", "bearer." + encoded),
            "subprotocol, not encoded" => await ConnectAsync(server, "", "bearer." + ada.Token),
            "query" => await ConnectAsync(server, "&token=" + ada.Token, null),
            _ => await ConnectAsync(server, "&ticket=" + await TicketAsync(ada), null),
        };

        (await socket.ReadAsync()).GetProperty("user").GetString().ShouldBe("ada");
        if (where.StartsWith("sub", StringComparison.Ordinal)) socket.Raw.SubProtocol.ShouldBe("tieline.v2");
    }

    [Fact]
    public async Task A_ticket_opens_one_line_once_and_only_of_its_kind()
    {
        await using var server = await RunningServer.StartAsync();
        var ada = await server.AddPersonAsync("ada");
        var ticket = await TicketAsync(ada);
        await using (var first = await ConnectAsync(server, "&ticket=" + ticket, null)) (await first.ReadAsync()).GetProperty("type").GetString().ShouldBe("hello");

        await using var second = await ConnectAsync(server, "&ticket=" + ticket, null);
        (await second.ReadCloseAsync()).ShouldBe((4401, "Invalid ticket: unknown, used or older than 30 s"));
        await using var third = await ConnectAsync(server, "&ticket=" + await TicketAsync(ada, "?for=stream"), null);
        (await third.ReadCloseAsync()).Code.ShouldBe(4401);
    }

    [Fact]
    public async Task Without_a_token_the_line_opens_and_closes_with_4401_and_the_reason()
    {
        await using var server = await RunningServer.StartAsync();
        await using var socket = await ConnectAsync(server, "", null);

        (await socket.ReadCloseAsync()).ShouldBe((4401, "Missing token"));
        socket.Seen.Single().GetProperty("code").GetString().ShouldBe("unauthorized");
    }

    /// <summary>The people of the fixture get their tokens by the real clock.</summary>
    private static FakeTimeProvider TwoMinutesBeforeATokenOfNowExpires() => new(DateTimeOffset.UtcNow.AddDays(1).AddMinutes(-2));

    private static async Task<string> TicketAsync(Person person, string use = "")
    {
        var (_, body) = await person.PostAsync("/api/chat/ticket" + use);
        body.GetProperty("expires_in_s").GetInt32().ShouldBe(30);
        return body.GetProperty("ticket").GetString()!;
    }

    private static Task<TestSocket> ConnectAsync(RunningServer server, string query, string? bearer) =>
        TestSocket.ConnectAsync(server.Address, "/api/chat/ws/me?v=2" + query, null, options =>
        {
            if (bearer is null) return;
            options.AddSubProtocol("tieline.v2");
            options.AddSubProtocol(bearer);
        });
}
