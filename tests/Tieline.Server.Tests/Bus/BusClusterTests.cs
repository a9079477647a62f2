using Tieline.Server.Tests.Postgres;

namespace Tieline.Server.Tests.Bus;

/// <summary>The same on a cluster of Redis, where channels and values lie on different servers.</summary>
public sealed class BusClusterTests(PostgresCluster cluster) : TwoNodes(cluster)
{
    private RedisCluster? _redis;

    [Fact]
    public async Task Everything_crosses_and_a_primary_that_dies_costs_nothing_but_time()
    {
        await using var ada = await Ada.OpenAsync();
        await using var bob = await Bob.OpenAsync();
        await ChatAsync(bob, 0, 10, TimeSpan.FromSeconds(0.5));
        await ada.SendAsync(new { type = "typing", conversation = Chat });
        await bob.ReadUntilAsync("typing");
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await ada.ReadUntilAsync(Is("presence", "online", true));
        for (var i = 0; i < 6; i++) await OpenOnceAsync();

        await _redis!.KillPrimaryOfAsync($"tieline:{One.Store.Epoch}:bus:{Bob.Account.Key.Value % 8}");
        await ChatAsync(bob, 10, 6, TimeSpan.FromSeconds(2));
        await UntilAsync(() => One.Log.All.Any(line => line.Id == 331) && Two.Log.All.Any(line => line.Id == 331));
        await ThereAsync(One, Two);

        await ChatAsync(bob, 16, 10, TimeSpan.FromSeconds(0.5));
        for (var i = 0; i < 6; i++) await OpenOnceAsync();
    }

    private protected override async Task<string> StartBusAsync()
    {
        _redis = await RedisCluster.StartAsync();
        return _redis.Address;
    }

    private protected override async Task StopBusAsync()
    {
        if (_redis is not null) await _redis.DisposeAsync();
    }
}
