using System.Globalization;
using System.Net;
using StackExchange.Redis;
using Tieline.Server.Bus;
using Tieline.Server.Tests.Postgres;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Bus;

/// <summary>What a bus that is dead, stands still, loses, doubles or delays can do: nothing to a message.</summary>
public sealed class BusFaultTests(PostgresCluster cluster) : TwoNodes(cluster)
{
    private static readonly TimeSpan _byHeads = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Redis_is_killed_and_started_again_with_nothing_in_it()
    {
        await using var ada = await Ada.OpenAsync();
        await using var bob = await Bob.OpenAsync();
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await ada.ReadUntilAsync(Is("presence", "online", true));
        var before = ada.Seen.Count;

        await Redis.KillAsync();
        await ChatAsync(bob, 0, 3, _byHeads);
        await AwayAsync(One, Two);
        await ChatAsync(bob, 3, 3, _byHeads);
        (await Ada.GetAsync("/api/chat/list")).Status.ShouldBe(HttpStatusCode.OK);
        (await One.CallAsync(HttpMethod.Get, "/readyz")).Body.GetProperty("bus").GetString().ShouldBe("away");
        // Longer than a node may be silent while the bus is there: what was told of those on other nodes stands.
        await Task.Delay(OtherNodes.GoneAfter);
        await Redis.StartAsync();
        await ThereAsync(One, Two);
        await ChatAsync(bob, 6, 3, TimeSpan.FromSeconds(1));

        // Bob did not move: the second node says again that he is there, and Ada is told of no going.
        await Task.Delay(TimeSpan.FromSeconds(6));
        await ada.SendAsync(new { type = "ping" });
        await ada.ReadUntilAsync("pong");
        ada.Seen.Skip(before).ShouldNotContain(frame => Is("presence", "online", false)(frame));
        await UntilAsync(() => Ada.GetAsync("/api/chat/presence?users=bob").GetAwaiter().GetResult().Body.GetProperty("presence")[0].GetProperty("online").GetBoolean());
        await bob.DisposeAsync();
        await ada.ReadUntilAsync(Is("presence", "online", false));
        foreach (var node in (RunningServer[])[One, Two])
        {
            node.Log.All.Count(line => line.Id == 330).ShouldBe(1);
            node.Log.All.Count(line => line.Id == 331).ShouldBe(1);
            node.Log.Text.ShouldNotContain(RedisServer.Password);
        }
    }

    [Fact]
    public async Task Redis_stands_still_for_seconds()
    {
        await using var bob = await Bob.OpenAsync();
        var before = (await Ada.PostAsync("/api/chat/ticket")).Body.GetProperty("ticket").GetString()!;

        await Redis.StopAsync();
        await ChatAsync(bob, 0, 4, _byHeads);
        await AwayAsync(One, Two);
        var here = (await Ada.PostAsync("/api/chat/ticket")).Body.GetProperty("ticket").GetString()!;
        (await CloseOfAsync(Two, here)).ShouldBe(1013);
        (await CloseOfAsync(Two, before)).ShouldBe(1013);
        (await Answer.ToAsync(Two, "GET", $"/api/chat/stream?ticket={here}")).Status.ShouldBe(503);
        (await CloseOfAsync(One, here)).ShouldBeNull();
        (await CloseOfAsync(One, here)).ShouldBe(1013);
        (await Answer.ToAsync(Two, "GET", $"/api/chat/attempt/{Guid.NewGuid()}")).Status.ShouldBe(404);
        await ChatAsync(bob, 4, 4, _byHeads);
        await Redis.ContinueAsync();
        await ThereAsync(One, Two);

        await ChatAsync(bob, 8, 3, TimeSpan.FromSeconds(1));
        (await CloseOfAsync(One, here)).ShouldBe(4401);
        foreach (var node in (RunningServer[])[One, Two])
        {
            node.Log.All.Count(line => line.Id == 330).ShouldBe(1);
            node.Log.All.Count(line => line.Id == 331).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Words_are_lost_doubled_and_late()
    {
        const int Messages = 60;
        await using var bob = await Bob.OpenAsync();
        await using var stream = await TestStream.OpenAsync(Bob);
        await using var other = await Redis.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var channels = Enumerable.Range(0, 8).Select(number => RedisChannel.Sharded($"tieline:{One.Store.Epoch}:bus:{number}")).ToArray();
        var repeated = 0;
        foreach (var channel in channels)
            await other.GetSubscriber().SubscribeAsync(channel, (from, message) =>
            {
                // Each word once more, up to a second later and in another order. What is said again here comes back here too, so only one in three is.
                if (Interlocked.Increment(ref repeated) % 3 == 0) _ = RepeatAsync(other, from, message, Random.Shared.Next(1_000), stop.Token);
            });

        await ChatAsync(bob, 0, Messages, _byHeads, async i =>
        {
            if (i % 10 == 5) await CutAsync(other);
        });

        await stop.CancelAsync();
        repeated.ShouldBeGreaterThan(Messages);
        (await Two.Store.ReadUnreadAsync(Bob.Account.Key, default)).ShouldBe([("ada", Messages + 1)]);
        bob.Seen.Where(frame => frame.GetProperty("type").GetString() == "message").Select(frame => frame.GetProperty("message").GetString())
            .ShouldBe(Enumerable.Range(0, Messages).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        var streamed = new List<string?>();
        while (streamed.Count < Messages)
            if ((await stream.ReadAsync()).Frame is var frame && frame.GetProperty("type").GetString() == "message") streamed.Add(frame.GetProperty("message").GetString());
        streamed.ShouldBe(Enumerable.Range(0, Messages).Select(i => i.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_node_starts_while_Redis_is_away_and_finds_it_when_it_comes()
    {
        await Redis.KillAsync();
        await using var three = await StartAsync("three");
        await using var bob = await (Bob with { Server = three }).OpenAsync();

        await ChatAsync(bob, 0, 2, _byHeads);
        await UntilAsync(() => three.Log.All.Any(line => line.Id == 330));
        await Redis.StartAsync();
        await ThereAsync(One, Two, three);

        await ChatAsync(bob, 2, 3, TimeSpan.FromSeconds(1));
        three.Log.All.Select(line => line.Id).Where(id => id is >= 330 and < 340).ShouldBe([330, 331]);
    }

    [Fact]
    public async Task What_is_no_word_of_ours_is_passed_over()
    {
        await using var bob = await Bob.OpenAsync();
        await using var other = await Redis.ConnectAsync();
        var channel = RedisChannel.Sharded($"tieline:{One.Store.Epoch}:bus:{Bob.Account.Key.Value % 8}");
        foreach (var text in (string[])["", "\n", "h 1 1", "tieline1 x", "tieline9 x y\nh 1 1", "tieline1 x y\nh\nh 1\nh a b\nh 1 99999999999999999999\nt a\nt a b c\np\np x\nz later\n", new string('x', 100_000)])
            await other.GetSubscriber().PublishAsync(channel, text);

        await ChatAsync(bob, 0, 3, TimeSpan.FromSeconds(1));
    }

    /// <summary>Every connection that listens is cut, but for the one that does it.</summary>
    private static async Task CutAsync(ConnectionMultiplexer other)
    {
        await other.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes");
    }

    private static async Task RepeatAsync(ConnectionMultiplexer other, RedisChannel channel, RedisValue message, int afterMs, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(afterMs, cancel);
            await other.GetSubscriber().PublishAsync(channel, message);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or OperationCanceledException)
        {
            // One less.
        }
    }

    /// <summary>The code that a socket with this ticket is closed with; null for one that opens.</summary>
    private static async Task<int?> CloseOfAsync(RunningServer node, string ticket)
    {
        await using var socket = await TestSocket.ConnectAsync(node.Address, $"/api/chat/ws/me?v=2&ticket={ticket}", null);
        return (await socket.ReadAsync()).GetProperty("type").GetString() == "hello" ? null : (await socket.ReadCloseAsync()).Code;
    }
}
