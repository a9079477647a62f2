using System.Diagnostics;
using System.Globalization;

namespace Tieline.Server.Tests.Bus;

/// <summary>Three primaries and a replica of each, real servers on 127.0.0.1.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private readonly List<RedisServer> _servers = [];

    /// <summary>Two of them are enough to find the others.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"redis://:{RedisServer.Password}@127.0.0.1:{_servers[0].Port},127.0.0.1:{_servers[1].Port}");

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        for (var i = 0; i < 6; i++)
            cluster._servers.Add(await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-config-file", "nodes.conf", "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0"));
        using var create = Process.Start(new ProcessStartInfo("/usr/bin/redis-cli", ["-a", RedisServer.Password, "--no-auth-warning", "--cluster", "create",
            .. cluster._servers.Select(server => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.Port}")), "--cluster-replicas", "1", "--cluster-yes"])
        { RedirectStandardOutput = true })!;
        var output = await create.StandardOutput.ReadToEndAsync();
        await create.WaitForExitAsync();
        create.ExitCode.ShouldBe(0, output);
        await cluster.CopiedAsync();
        return cluster;
    }

    /// <summary>Kills the primary that a channel lies on.</summary>
    public async Task KillPrimaryOfAsync(string channel)
    {
        await using var redis = await _servers[1].ConnectAsync();
        var slot = redis.HashSlot(channel);
        var owner = redis.GetServer("127.0.0.1", _servers[1].Port).ClusterConfiguration!.GetBySlot(slot)!.EndPoint!;
        await _servers.Single(server => owner.ToString()!.EndsWith($":{server.Port}", StringComparison.Ordinal)).KillAsync();
    }

    /// <summary>Until every replica has what its primary has: before, none would be promoted.</summary>
    private async Task CopiedAsync()
    {
        var waited = Stopwatch.StartNew();
        foreach (var server in _servers)
        {
            while (!await server.IsCopiedAsync())
            {
                waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }
}
