using Tieline.Server.Configuration;
using Tieline.Server.Tests.Postgres;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Bus;

/// <summary>A primary and a replica that sentinels watch: when the one goes, the other takes its place, and the nodes follow.</summary>
public sealed class BusSentinelTests(PostgresCluster cluster) : TwoNodes(cluster)
{
    private RedisWatched? _redis;

    [Fact]
    public async Task A_primary_that_dies_and_one_that_stands_still_cost_nothing_but_time()
    {
        await using var ada = await Ada.OpenAsync();
        await using var bob = await Bob.OpenAsync();
        await ChatAsync(bob, 0, 10, TimeSpan.FromSeconds(0.5));
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await ada.ReadUntilAsync(Is("presence", "online", true));
        var first = await _redis!.PrimaryAsync();

        await first.KillAsync();
        await ChatAsync(bob, 10, 6, TimeSpan.FromSeconds(2));
        var second = await _redis.PrimaryAsync();
        second.ShouldBe(_redis.Other(first));
        await OverAsync();
        await ChatAsync(bob, 16, 10, TimeSpan.FromSeconds(0.5));
        await OpenOnceAsync();

        // What was the primary comes back as the replica. Then the other stands still, and comes back when its place is taken: nobody stays with it.
        await first.StartAsync();
        await _redis.KnownAsync();
        await second.StopAsync();
        await ChatAsync(bob, 26, 6, TimeSpan.FromSeconds(2));
        (await _redis.PrimaryAsync()).ShouldBe(first);
        await second.ContinueAsync();
        await OverAsync();
        await ChatAsync(bob, 32, 10, TimeSpan.FromSeconds(0.5));
        await OpenOnceAsync();
        await ada.SendAsync(new { type = "typing", conversation = Chat });
        await bob.ReadUntilAsync("typing");
        foreach (var node in (RunningServer[])[One, Two])
        {
            node.Log.Text.ShouldNotContain(RedisServer.Password);
            node.Log.Text.ShouldNotContain(RedisWatched.SentinelPassword);
            Settings.Find("bus")!.Show(node.Chat.Options)!.ShouldEndWith($"/{RedisWatched.Service}?sentinel_password=...");
        }
    }

    /// <summary>Both nodes hear each other at the server that is the primary now.</summary>
    private async Task OverAsync()
    {
        var primary = await _redis!.PrimaryAsync();
        await using var redis = await primary.ConnectAsync();
        var channel = $"tieline:{One.Store.Epoch}:bus:0";
        await UntilAsync(() => ((int)((StackExchange.Redis.RedisResult[])redis.GetDatabase().Execute("PUBSUB", "SHARDNUMSUB", channel)!)[1]) == 2);
        await ThereAsync(One, Two);
    }

    private protected override async Task<string> StartBusAsync()
    {
        _redis = await RedisWatched.StartAsync();
        return _redis.Address;
    }

    private protected override async Task StopBusAsync()
    {
        if (_redis is not null) await _redis.DisposeAsync();
    }
}
