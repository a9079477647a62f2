using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Tieline.Server.Tests.Bus;

/// <summary>Debian's redis-server on a free port of 127.0.0.1, with its files in a folder of its own.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    public const string Password = "kTq7Vn2wRb5z";

    private static readonly string _program = "/usr/bin/redis-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-redis-").FullName;
    private readonly string[] _more;
    private Process? _process;

    private RedisServer(string[] more) => _more = more;

    public int Port { get; } = FreePort();

    public string Address => $"redis://:{Password}@127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync(params string[] more)
    {
        Assert.SkipUnless(File.Exists(_program), "Needs redis-server (scripts/setup installs it).");
        var server = new RedisServer(more);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(_program,
            ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "no", "--requirepass", Password, "--masterauth", Password,
             "--logfile", Path.Combine(_folder, "log"), .. _more]))!;
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var redis = await ConnectAsync();
                await redis.GetDatabase().PingAsync();
                return;
            }
            catch (RedisException) when (waited.Elapsed < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(50);
            }
        }
    }

    public string Folder => _folder;

    public async Task<bool> IsPrimaryAsync()
    {
        await using var redis = await ConnectAsync();
        return (await redis.GetServer("127.0.0.1", Port).ExecuteAsync("INFO", "replication")).ToString().Contains("role:master", StringComparison.Ordinal);
    }

    /// <summary>A client beside the nodes: to look, and to do harm.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { { "127.0.0.1", Port } },
        Password = Password,
        AllowAdmin = true,
        ConnectTimeout = 1_000,
        ConnectRetry = 1,
    });

    /// <summary>True for a primary of a cluster that all others know, and for a replica that has all that its primary has.</summary>
    public async Task<bool> IsCopiedAsync()
    {
        await using var redis = await ConnectAsync();
        var server = redis.GetServer("127.0.0.1", Port);
        if (!(await server.ExecuteAsync("CLUSTER", "INFO")).ToString().Contains("cluster_state:ok", StringComparison.Ordinal)) return false;
        var told = (await server.ExecuteAsync("INFO", "replication")).ToString();
        return told.Contains(told.Contains("role:slave", StringComparison.Ordinal) ? "master_link_status:up" : "connected_slaves:1", StringComparison.Ordinal);
    }

    /// <summary>Everything it held is gone with it.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>It stands still and keeps its connections.</summary>
    public Task StopAsync() => SignalAsync("-STOP");

    public Task ContinueAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public static int FreePort()
    {
        // A cluster's nodes listen on this port and 10,000 above it.
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (port < 55_000) return port;
        }
    }
}
