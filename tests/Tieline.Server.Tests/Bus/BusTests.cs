using System.Diagnostics;
using System.Net;
using StackExchange.Redis;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Postgres;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Bus;

/// <summary>What crosses from node to node by the bus.</summary>
public sealed class BusTests(PostgresCluster cluster) : TwoNodes(cluster)
{
    [Fact]
    public async Task What_one_node_commits_another_delivers_long_before_it_looks_at_the_heads()
    {
        await using var here = await (Bob with { Server = One }).OpenAsync();
        await using var there = await Bob.OpenAsync();
        var (onTheSame, onTheOther) = (new List<double>(), new List<double>());
        for (var i = 0; i < 51; i++)
        {
            await Ada.SendAsync(Bob, $"hello {i}");
            var sent = Stopwatch.StartNew();
            var same = TakesAsync(here, onTheSame);
            await Task.WhenAll(same, TakesAsync(there, onTheOther));

            async Task TakesAsync(TestSocket socket, List<double> took)
            {
                await socket.ReadUntilAsync(Is("message", "message", $"hello {i}"));
                lock (took) took.Add(sent.Elapsed.TotalMilliseconds);
            }
        }

        var (same50, other50) = (onTheSame.Order().ElementAt(25), onTheOther.Order().ElementAt(25));
        TestContext.Current.TestOutputHelper?.WriteLine($"from the acknowledgement to the delivery: median {same50:F1} ms on the same node, {other50:F1} ms on the other, at most {onTheOther.Max():F1} ms");
        other50.ShouldBeLessThan(50 * Slowness);
    }

    [Fact]
    public async Task Who_types_on_one_node_is_seen_on_another()
    {
        await using var ada = await Ada.OpenAsync();
        await using var bob = await Bob.OpenAsync();

        await ada.SendAsync(new { type = "typing", conversation = Chat });

        (await bob.ReadUntilAsync("typing")).ToString().ShouldBe($$"""{"type":"typing","conversation":"{{Chat}}","user":"ada"}""");
    }

    [Fact]
    public async Task Who_comes_and_goes_on_one_node_is_seen_on_another()
    {
        await using var ada = await Ada.OpenAsync();
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        (await ada.ReadUntilAsync("presence")).GetProperty("online").GetBoolean().ShouldBeFalse();

        var bob = await Bob.OpenAsync();
        await ada.ReadUntilAsync(Is("presence", "online", true));
        (await Ada.GetAsync("/api/chat/presence?users=bob")).Body.GetProperty("presence").ToString().ShouldBe("""[{"user":"bob","online":true}]""");
        await bob.DisposeAsync();

        (await ada.ReadUntilAsync(Is("presence", "online", false))).GetProperty("last_seen").GetString().ShouldEndWith("Z");
    }

    [Fact]
    public async Task Who_was_on_a_node_that_stops_is_no_longer_online()
    {
        var three = await StartAsync("three");
        await ThereAsync(One, Two, three);
        await using var ada = await Ada.OpenAsync();
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await using var bob = await (Bob with { Server = three }).OpenAsync();
        await ada.ReadUntilAsync(Is("presence", "online", true));

        await three.DisposeAsync();

        await ada.ReadUntilAsync(Is("presence", "online", false));
    }

    [Fact]
    public async Task Who_was_on_a_node_that_died_is_no_longer_online_when_it_was_silent_for_ten_seconds()
    {
        await using var ada = await Ada.OpenAsync();
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await ada.ReadUntilAsync("presence");
        await using var other = await Redis.ConnectAsync();
        var (prefix, bob) = ($"tieline:{One.Store.Epoch}:", Bob.Account.Key.Value);

        // A third node, as far as can be told from what it says: Bob is on it. Then nothing more.
        await other.GetDatabase().HashSetAsync($"{prefix}presence:{bob}", "run3", "1");
        await other.GetSubscriber().PublishAsync(RedisChannel.Sharded($"{prefix}bus:{bob % 8}"), $"tieline1 run3 three\np {bob}\n");
        await ada.ReadUntilAsync(Is("presence", "online", true));
        One.Chat.Bus.Status.Nodes.ShouldContain("three");

        await UntilAsync(() => !One.Chat.Bus.Status.Nodes.Contains("three"));
        await ada.ReadUntilAsync(Is("presence", "online", false));
    }

    [Fact]
    public async Task A_ticket_made_on_one_node_opens_once_and_on_any()
    {
        for (var i = 0; i < 5; i++)
        {
            var ticket = (await Ada.PostAsync("/api/chat/ticket")).Body.GetProperty("ticket").GetString();

            var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => OpensAsync(n % 2 == 0 ? Two : One, ticket!)));

            opened.Count(open => open).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_ticket_for_the_stream_opens_no_socket_and_the_other_way_round()
    {
        var ticket = (await Ada.PostAsync("/api/chat/ticket?for=stream")).Body.GetProperty("ticket").GetString()!;
        (await OpensAsync(Two, ticket)).ShouldBeFalse();

        var second = (await Ada.PostAsync("/api/chat/ticket?for=stream")).Body.GetProperty("ticket").GetString();
        await using var stream = await TestStream.OpenAsync(Ada with { Server = Two }, $"?ticket={second}", authorize: false);
        (await stream.ReadAsync()).Frame.GetProperty("type").GetString().ShouldBe("hello");
    }

    [Fact]
    public async Task An_attempt_on_one_node_is_told_by_another_as_it_stands()
    {
        var (attempt, refused) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var socket = await TestSocket.ConnectAsync(One.Address, $"/api/chat/ws/me?v=2&attempt={attempt}", Ada.Token))
        {
            await socket.ReadUntilAsync("synced");
            await UntilAsync(() => ToldBy(Two, attempt) is { } told && told.GetProperty("result").GetString() == "authenticated" && told.GetProperty("frames_sent").GetInt32() > 0);
        }

        await UntilAsync(() => ToldBy(Two, attempt)?.GetProperty("result").GetString() == "closed");
        await Answer.ToAsync(One, "GET", $"/api/chat/ws/me?attempt={refused}", null, null, ("X-Forwarded-For", "203.0.113.7"));
        await UntilAsync(() => ToldBy(Two, refused) is not null);
        var told = ToldBy(Two, refused)!.Value;
        told.GetProperty("status").GetInt32().ShouldBe(426);
        told.ToString().ShouldNotContain("203.0.113.7");
        (await Answer.ToAsync(Two, "GET", $"/api/chat/attempt/{refused}", null, null, ("X-Operator-Token", Two.Chat.Options.OperatorToken!))).Text.ShouldContain("203.0.113.7");
        (await Answer.ToAsync(Two, "GET", $"/api/chat/attempt/{Guid.NewGuid()}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_limit_that_is_used_up_on_one_node_is_used_up_on_the_other()
    {
        var statuses = new List<int>();
        for (var i = 0; i < 6; i++) statuses.Add(await LogInAsync(One));
        statuses.ShouldBe([401, 401, 401, 401, 429, 429]);

        // The other node decides by itself once, and by what both have used from then on.
        await LogInAsync(Two);
        await UntilAsync(() => LogInAsync(Two).GetAwaiter().GetResult() == 429);
        (await Two.CallAsync(HttpMethod.Get, "/api/chat/list", Two.TokenFor("ada@example.org"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_operator_sees_the_bus_and_who_is_on_it_and_no_password()
    {
        var json = (await Answer.ToAsync(One, "GET", "/operate.json", null, null, ("X-Operator-Token", One.Chat.Options.OperatorToken!))).Json.GetProperty("bus");
        var page = await Answer.ToAsync(One, "GET", "/operate", null, null, ("X-Operator-Token", One.Chat.Options.OperatorToken!));

        json.GetProperty("status").GetString().ShouldBe("up");
        json.GetProperty("address").GetString().ShouldBe($"redis://:...@127.0.0.1:{Redis.Port}");
        json.GetProperty("nodes").EnumerateArray().Select(node => node.GetString()).ShouldBe(["two"]);
        page.Text.ShouldContain("Other nodes heard: two.");
        (await One.CallAsync(HttpMethod.Get, "/readyz")).Body.GetProperty("bus").GetString().ShouldBe("up");
        (page.Text + json + One.Log.Text).ShouldNotContain(RedisServer.Password);
        One.Log.All.Select(line => line.Id).ShouldContain(332);
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_not_shown_and_the_node_serves()
    {
        await using var three = await StartAsync("three", Redis.Address.Replace(RedisServer.Password, "another-password", StringComparison.Ordinal));
        await using var bob = await (Bob with { Server = three }).OpenAsync();

        await ChatAsync(bob, 0, 2, TimeSpan.FromSeconds(2));
        await UntilAsync(() => three.Log.All.Any(line => line.Id == 330));

        var line = three.Log.All.Single(line => line.Id == 330).Text;
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        line.ShouldContain("Verify if the Redis password provided is correct");
        three.Log.Text.ShouldNotContain("another-password");
    }

    private protected override TielineOptions Configure(TielineOptions options) => base.Configure(options) with { LoginsPerMinute = 4 };

    private static System.Text.Json.JsonElement? ToldBy(RunningServer node, Guid attempt)
    {
        var answer = Answer.ToAsync(node, "GET", $"/api/chat/attempt/{attempt}").GetAwaiter().GetResult();
        return answer.Status == 200 ? answer.Json : null;
    }

    private static async Task<int> LogInAsync(RunningServer node) => (await Answer.ToAsync(node, "POST", "/api/auth/login", null,
        new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ada@example.org", ["password"] = "wrong password" }))).Status;
}
