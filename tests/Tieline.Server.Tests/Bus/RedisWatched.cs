using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace Tieline.Server.Tests.Bus;

/// <summary>A primary, its replica, and three sentinels that watch them: real processes on 127.0.0.1.</summary>
internal sealed class RedisWatched : IAsyncDisposable
{
    public const string SentinelPassword = "wQ8sentinel2x";
    public const string Service = "chat-bus";

    private readonly List<RedisServer> _servers = [];
    private readonly List<(int Port, Process Process)> _sentinels = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-sentinels-").FullName;

    public string Address => $"redis+sentinel://:{RedisServer.Password}@{string.Join(',', _sentinels.Select(sentinel => $"127.0.0.1:{sentinel.Port}"))}/{Service}?sentinel_password={SentinelPassword}";

    public static async Task<RedisWatched> StartAsync()
    {
        var watched = new RedisWatched();
        watched._servers.Add(await RedisServer.StartAsync("--repl-diskless-sync-delay", "0"));
        var primary = watched._servers[0].Port.ToString(CultureInfo.InvariantCulture);
        watched._servers.Add(await RedisServer.StartAsync("--repl-diskless-sync-delay", "0", "--replicaof", $"127.0.0.1 {primary}"));
        for (var i = 0; i < 3; i++) watched.StartSentinel(primary);
        await watched.KnownAsync();
        return watched;
    }

    /// <summary>The one that a sentinel names, once it says itself that it is one.</summary>
    public async Task<RedisServer> PrimaryAsync()
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60); await Task.Delay(100))
        {
            var named = (RedisResult[]?)await AskAsync(_sentinels[0].Port, "GET-MASTER-ADDR-BY-NAME", Service);
            var server = _servers.Single(server => server.Port == (int)named![1]);
            try
            {
                if (await server.IsPrimaryAsync()) return server;
            }
            catch (RedisException)
            {
                // It is dead, and nobody has taken its place yet.
            }
        }

        throw new TimeoutException("No primary was found.");
    }

    public RedisServer Other(RedisServer server) => _servers.Single(other => other != server);

    /// <summary>Until the sentinels can decide, and one can take the other's place.</summary>
    public async Task KnownAsync()
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            var known = 0;
            foreach (var (port, _) in _sentinels)
            {
                var told = ((RedisResult[])(await AskAsync(port, "MASTER", Service))!).Select(value => value.ToString()).ToList();
                string Of(string name) => told[told.IndexOf(name) + 1];
                if (Of("num-slaves") != "1" || Of("num-other-sentinels") != "2" || Of("flags") != "master") continue;
                var replica = ((RedisResult[])((RedisResult[])(await AskAsync(port, "REPLICAS", Service))!)[0]!).Select(value => value.ToString()).ToList();
                if (replica[replica.IndexOf("flags") + 1] == "slave" && replica[replica.IndexOf("master-link-status") + 1] == "ok") known++;
            }

            if (known == _sentinels.Count) return;
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(90));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, process) in _sentinels)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        foreach (var server in _servers) await server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void StartSentinel(string primary)
    {
        var port = RedisServer.FreePort();
        var file = Path.Combine(_folder, $"{port}.conf");
        File.WriteAllText(file, $"""
            port {port}
            bind 127.0.0.1
            dir {_folder}
            logfile {Path.Combine(_folder, $"{port}.log")}
            requirepass {SentinelPassword}
            sentinel sentinel-pass {SentinelPassword}
            sentinel monitor {Service} 127.0.0.1 {primary} 2
            sentinel auth-pass {Service} {RedisServer.Password}
            sentinel down-after-milliseconds {Service} 2000
            sentinel failover-timeout {Service} 6000
            """);
        _sentinels.Add((port, Process.Start(new ProcessStartInfo("/usr/bin/redis-server", [file, "--sentinel"]) { RedirectStandardOutput = true })!));
    }

    private static async Task<RedisResult> AskAsync(int port, string question, string service)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            try
            {
                await using var sentinel = await ConnectionMultiplexer.SentinelConnectAsync(new ConfigurationOptions { EndPoints = { { "127.0.0.1", port } }, Password = SentinelPassword, ConnectTimeout = 1_000, ConnectRetry = 1 });
                return await sentinel.GetServer("127.0.0.1", port).ExecuteAsync("SENTINEL", question, service);
            }
            catch (RedisException) when (waited.Elapsed < TimeSpan.FromSeconds(30))
            {
                // It only starts.
            }
        }
    }
}
