using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(Tieline.Server.Tests.Postgres.PostgresCluster))]

namespace Tieline.Server.Tests.Postgres;

/// <summary>Debian's PostgreSQL with its files in a temporary folder, listening on a free port of 127.0.0.1. One for the whole run, started by the first test that needs it.</summary>
public sealed class PostgresCluster : IDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"tieline-pg-{Guid.NewGuid():N}");
    private readonly string? _programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "postgres"))).Max() : null;

    private Process? _process;
    private int _databases;

    public int Port { get; private set; }

    public string LogFile => Path.Combine(_folder, "log");

    public string AddressOf(string database) => $"postgres://postgres@127.0.0.1:{Port}/{database}?sslmode=disable";

    /// <summary>A new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await StartAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
        return name;
    }

    public async Task DropDatabaseAsync(string name)
    {
        if (_process is { HasExited: false }) await ExecuteAsync("postgres", $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<List<string?>> ReadAsync(string database, string sql)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string?>();
        while (await reader.ReadAsync()) found.Add(reader.IsDBNull(0) ? null : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture));
        return found;
    }

    public async Task StartAsync()
    {
        Assert.SkipUnless(_programs is not null, "Needs PostgreSQL (scripts/setup installs it).");
        await _starting.WaitAsync();
        try
        {
            if (_process is { HasExited: false }) return;
            if (!Directory.Exists(_folder)) await InitializeAsync();
            if (Port == 0) Port = FreePort();
            _process = Serve();
            await ReadyAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>As if the power of that process alone went: all of its processes at once, by their ids.</summary>
    public async Task KillAsync()
    {
        await KillAsync(_process!);
        _process = null;
    }

    internal static async Task KillAsync(Process process)
    {
        var children = File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var id in children.Prepend(process.Id.ToString(CultureInfo.InvariantCulture)))
        {
            using var kill = Process.Start("kill", ["-KILL", id]);
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            // SIGQUIT: everything in here is thrown away.
            using var quit = Process.Start("kill", ["-QUIT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            quit.WaitForExit();
            if (!_process.WaitForExit(10_000)) _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }

        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        _starting.Dispose();
    }

    /// <summary>A streaming replica of it, with its own port and folder.</summary>
    public async Task<PostgresStandby> ReplicateAsync()
    {
        await StartAsync();
        var standby = new PostgresStandby((folder, program, arguments) => Run(folder, program, arguments));
        await standby.CopyAsync(Port);
        await standby.StartAsync();
        return standby;
    }

    private async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        await GiveAsync(_folder);
        using var made = Run(_folder, "initdb", "-D", Path.Combine(_folder, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        await made.WaitForExitAsync();
        made.ExitCode.ShouldBe(0);
        await File.AppendAllTextAsync(Path.Combine(_folder, "data", "postgresql.conf"), """

            listen_addresses = '127.0.0.1'
            max_connections = 300
            shared_buffers = 64MB
            max_wal_size = 256MB
            synchronous_commit = off
            fsync = off
            autovacuum = off
            session_preload_libraries = 'auto_explain'
            logging_collector = off
            """);
    }

    private async Task ReadyAsync()
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = await ConnectAsync("postgres");
                return;
            }
            catch (NpgsqlException) when (deadline.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
                // After a kill it refuses to start as long as a process of its former self is still going.
                if (_process!.HasExited) _process = Serve();
            }
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username=postgres;Database={database};Pooling=false;SSL Mode=Disable;Timeout=20");
        await connection.OpenAsync();
        return connection;
    }

    private Process Serve() => Run(_folder, "postgres", "-D", Path.Combine(_folder, "data"), "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", $"unix_socket_directories={_folder}");

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private Process Run(string folder, string program, params string[] arguments)
    {
        var command = $"exec \"$@\" >>{Path.Combine(folder, "log")} 2>&1";
        string[] all = ["sh", "-c", command, program, Path.Combine(_programs!, program), .. arguments];
        if (Environment.UserName == "root") all = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. all];
        return Process.Start(new ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = folder })!;
    }

    internal static Task GiveAsync(string folder) => Environment.UserName == "root" ? Process.Start("chown", ["postgres", folder]).WaitForExitAsync() : Task.CompletedTask;

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
