using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Tieline.Server.Tests.Postgres;

/// <summary>Debian's pgbouncer in transaction mode in front of the cluster, with fewer sessions than anybody asks for, so that one connection's transactions come to different ones.</summary>
public sealed class PgBouncer(PostgresCluster cluster) : IAsyncLifetime
{
    private const string Program = "/usr/sbin/pgbouncer";
    private const int Sessions = 4;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"tieline-pgbouncer-{Guid.NewGuid():N}");
    private readonly int _port = PostgresCluster.FreePort();
    private Process? _process;

    public string AddressOf(string database) => $"postgres://postgres@127.0.0.1:{_port}/{database}?sslmode=disable";

    public async ValueTask InitializeAsync()
    {
        await cluster.StartAsync();
        Directory.CreateDirectory(_folder);
        var settings = Path.Combine(_folder, "pgbouncer.ini");
        await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host=127.0.0.1 port={cluster.Port} user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {_port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = {Sessions}
            max_client_conn = 200
            """));
        // It refuses to run as root.
        string[] all = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", Program, "-q", settings] : [Program, "-q", settings];
        _process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true })!;
        await ReadyAsync();
    }

    public ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process?.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task ReadyAsync()
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(string.Create(CultureInfo.InvariantCulture,
                    $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;Pooling=false;SSL Mode=Disable"));
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (waited.Elapsed < TimeSpan.FromSeconds(30) && !_process!.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }
}
