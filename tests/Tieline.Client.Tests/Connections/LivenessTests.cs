using Tieline.Client.Tests.Peers;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Connections;

/// <summary>F4, F5, F7, F9, F11, F14, F17 to F19, F40: how a line ends, and what happens then.</summary>
public sealed class LivenessTests
{
    [Fact]
    public async Task A_line_that_has_gone_silent_is_given_up_within_35_seconds()
    {
        await using var test = new ClientFixture();
        test.Server.SwallowPings = true;
        var client = await test.OnlineAsync();
        var moved = await test.MoveUntil(() => client.Status.State != ConnectionState.Online, "offline", step: 1, pause: 0.04);
        moved.TotalSeconds.ShouldBeInRange(25, 45);
        await test.MoveUntil(() => test.Server.Count("ws") == 2 && client.Status.State == ConnectionState.Online, "online again");
    }

    [Fact]
    public async Task A_quiet_line_that_answers_pings_stays()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        await test.Move(120);
        client.Status.State.ShouldBe(ConnectionState.Online);
        test.Server.Count("ws").ShouldBe(1);
        test.Server.Received.OfType<PingFrame>().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_server_that_pings_is_answered_and_never_asked()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        await test.Move(60, step: 5, pings: true);
        await test.Until(() => test.Server.Received.OfType<PongFrame>().Any(), "pong");
        test.Server.Received.OfType<PingFrame>().ShouldBeEmpty();
        client.Status.Transport.ShouldBe(Transport.WebSocket);
    }

    [Fact]
    public async Task After_a_wake_up_a_dead_line_is_noticed_within_5_seconds()
    {
        await using var test = new ClientFixture();
        test.Server.SwallowPings = true;
        var client = await test.OnlineAsync();
        await test.Move(3);
        client.Wake();
        await test.Until(() => test.Server.Received.OfType<PingFrame>().Any(), "a ping");
        var moved = await test.MoveUntil(() => client.Status.State != ConnectionState.Online, "offline", pause: 0.03);
        moved.TotalSeconds.ShouldBeInRange(4, 10);
    }

    [Fact]
    public async Task After_a_wake_up_a_living_line_stays()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        await test.Move(3);
        client.Wake();
        await test.Move(10);
        client.Status.State.ShouldBe(ConnectionState.Online);
        test.Server.Count("ws").ShouldBe(1);
    }

    [Fact]
    public async Task A_machine_that_slept_for_two_hours_asks_at_once_whether_the_line_lives()
    {
        await using var test = new ClientFixture();
        test.Server.SwallowPings = true;
        var client = await test.OnlineAsync();
        test.Clock.Advance(TimeSpan.FromHours(2));
        await test.Until(() => test.Server.Received.OfType<PingFrame>().Any(), "a ping");
        var moved = await test.MoveUntil(() => client.Status.State != ConnectionState.Online, "offline", pause: 0.03);
        moved.TotalSeconds.ShouldBeLessThan(10);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1009)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(4408)]
    [InlineData(4429)]
    [InlineData(4999)]
    public async Task A_close_that_allows_it_is_followed_by_another_attempt(int code)
    {
        await using var test = new ClientFixture();
        test.Server.Script["ws"] = n => n == 1 ? Behaviour.Close(code, "for a reason") : Behaviour.Works;
        test.Server["stream"] = Behaviour.Status(404);
        test.Server["sync"] = Behaviour.Status(404);
        var client = test.Open();
        client.Connect();
        await test.MoveUntil(() => client.Status.Transport == Transport.WebSocket, "WebSocket");
    }

    [Theory]
    [InlineData(4403)]
    [InlineData(4404)]
    [InlineData(4449)]
    public async Task A_close_that_forbids_it_is_followed_by_nothing(int code)
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Close(code, "go away");
        test.Server["stream"] = Behaviour.Status(404);
        test.Server["sync"] = Behaviour.Status(404);
        var client = test.Open();
        client.Connect();
        await test.Until(() => client.Status.State == ConnectionState.SignedOut, "signed out");
        await test.Move(120, step: 10);
        test.Server.Count("ws").ShouldBe(1);
    }

    [Fact]
    public async Task Goaway_says_when_to_come_back()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        await test.Move(6);
        await test.Server.TellAsync(new GoawayFrame(1012, 7000));
        test.Server.CutAll();
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        (client.Status.RetryAt - test.Clock.GetUtcNow()).ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Any_number_of_outages_is_survived()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        for (var outage = 1; outage <= 5; outage++)
        {
            await test.Server.StopAsync();
            await test.Until(() => client.Status.State != ConnectionState.Online, "offline");
            await test.Move(90, step: 3);
            client.Status.State.ShouldNotBe(ConnectionState.Online);
            test.Server.Start();
            var back = await test.MoveUntil(() => client.Status.Transport == Transport.WebSocket, "online by WebSocket", step: 0.5);
            back.TotalSeconds.ShouldBeLessThan(40);
        }
    }

    [Fact]
    public async Task A_server_that_answers_with_errors_is_not_asked_in_a_hot_loop()
    {
        await using var test = new ClientFixture();
        foreach (var path in new[] { "ws", "stream", "sync", "messages" }) test.Server[path] = Behaviour.Status(500);
        var client = test.Open();
        _ = client.With("u_bob").SendAsync("hello");
        await test.Move(60, step: 0.5);
        test.Server.Count("ws").ShouldBeInRange(2, 20);
        test.Server.Count("stream").ShouldBeInRange(2, 20);
        test.Server.Count("messages").ShouldBeInRange(2, 40);
    }

    [Fact]
    public async Task Sockets_that_open_and_die_again_and_again_lose_their_turn_after_three()
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Die(60);
        var client = test.Open();
        var sent = client.With("u_bob").SendAsync("hello");
        await test.MoveUntil(() => client.Status.Transport == Transport.Stream, "stream", step: 0.1, pause: 0.02);
        test.Server.Count("ws").ShouldBe(3);
        await sent;
        await test.MoveUntil(() => client.Status.Diagnosis?.Code == "flapping", "diagnosis");
        test.Texts().ShouldBe(["hello"]);
    }

    [Fact]
    public async Task Twenty_calls_of_Connect_and_Wake_open_one_socket()
    {
        await using var test = new ClientFixture();
        var client = test.Open();
        Parallel.For(0, 20, _ =>
        {
            client.Connect();
            client.Wake();
        });
        await test.Until(() => test.Server.OpenSockets == 1, "one socket");
        for (var i = 0; i < 20; i++) client.Wake();
        await test.Move(8);
        test.Server.Count("ws").ShouldBe(1);
        test.Server.OpenSockets.ShouldBe(1);
    }

    [Fact]
    public async Task A_wake_up_ends_the_waiting()
    {
        await using var test = new ClientFixture();
        await test.Server.StopAsync();
        var client = test.Open();
        client.Connect();
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        test.Server.Start();
        client.Wake();
        await test.Until(() => client.Status.Transport == Transport.WebSocket, "online without moving the clock");
    }

    [Fact]
    public async Task Many_clients_of_a_restarted_server_come_back_spread_over_time()
    {
        await using var test = new ClientFixture();
        var random = new Random(7);
        var clients = Enumerable.Range(0, 12).Select(_ => test.Open(options => options with { Random = random.NextDouble })).ToList();
        foreach (var client in clients) client.Connect();
        await test.Until(() => test.Server.OpenSockets == clients.Count, "all online");
        await test.Move(6);
        await test.Server.StopAsync();
        await test.Until(() => clients.All(client => client.Status.State == ConnectionState.Offline), "all offline");
        var times = clients.Select(client => client.Status.RetryAt!.Value).ToList();
        times.Distinct().Count().ShouldBeGreaterThan(9);
        (times.Max() - times.Min()).TotalSeconds.ShouldBeInRange(0.4, 1);
    }
}
