using System.Diagnostics;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>Debian's PostgreSQL with its files on a small file system of its own, which can be filled.</summary>
internal sealed class Database : IAsyncDisposable
{
    public const int Port = 5432;

    private const string Size = "1g";
    private const string Name = "chat";

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static readonly string[] _asPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];

    private readonly string _disk, _logs;

    private Database(string disk, string logs) => (_disk, _logs) = (disk, logs);

    public Station Station { get; private set; } = null!;

    private static string Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "postgres"))).Max()!
        : throw new InvalidOperationException("postgres is not here. It is in the Debian package postgresql: run scripts/setup.");

    private string Data => Path.Combine(_disk, "data");

    private string Ballast => Path.Combine(_disk, "ballast");

    /// <summary>A new one, with an empty database.</summary>
    public static async Task<Database> CreateAsync(Network network, string name, int host, string folder)
    {
        var database = await MountAsync(network, name, host, folder);
        try
        {
            await database.InitializeAsync();
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private async Task InitializeAsync()
    {
        (await RunAsync("initdb", "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")).ShouldSucceed();
        // Synced commits are the nodes' business: the server's default is off.
        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), """

            listen_addresses = '*'
            max_connections = 120
            shared_buffers = 64MB
            max_wal_size = 192MB
            min_wal_size = 64MB
            synchronous_commit = off
            max_wal_senders = 4
            wal_keep_size = 64MB
            wal_sender_timeout = 10s
            """);
        await File.AppendAllTextAsync(Path.Combine(Data, "pg_hba.conf"), "\nhost all all 198.18.0.0/15 trust\nhost replication all 198.18.0.0/15 trust\n");
        Station.Start();
        await ReadyAsync();
        await ExecuteAsync("postgres", $"CREATE DATABASE {Name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
    }

    /// <summary>A streaming replica of this one, to which every commit waits to be written.</summary>
    public async Task<Database> ReplicateAsync(Network network, string name, int host, string folder)
    {
        var replica = await MountAsync(network, name, host, folder);
        (await replica.RunAsync("pg_basebackup", "-h", Station.Address, "-U", "postgres", "-D", replica.Data, "-R", "-X", "stream", "-c", "fast", "--no-sync")).ShouldSucceed();
        (await replica.RunAsync("chmod", "700", replica.Data)).ShouldSucceed();
        replica.Station.Start();
        await replica.ReadyAsync();
        await Until.TrueAsync("the replica streams", async () => await AskAsync("postgres", "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1");
        await ExecuteAsync("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync("postgres", "SELECT pg_reload_conf()");
        await Until.TrueAsync("the replica is synchronous", async () => await AskAsync("postgres", "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1");
        return replica;
    }

    public async Task PromoteAsync()
    {
        await ExecuteAsync("postgres", "SELECT pg_promote(true, 60)");
        await ExecuteAsync("postgres", "ALTER SYSTEM SET synchronous_standby_names = ''");
        await ExecuteAsync("postgres", "SELECT pg_reload_conf()");
    }

    public async Task ReadyAsync()
    {
        try
        {
            await Until.TrueAsync("PostgreSQL answers", async () => (await RunAsync("pg_isready", "-h", Station.Address)).ExitCode == 0, TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"PostgreSQL does not start:\n{await File.ReadAllTextAsync(Station.LogFile)}", e);
        }
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(Name, sql);

    public async Task<bool> TryExecuteAsync(string sql) => (await PsqlAsync(Name, sql)).ExitCode == 0;

    public Task<string> AskAsync(string sql) => AskAsync(Name, sql);

    /// <summary>Not a byte is left on its disk, or it is as before.</summary>
    public void Fill(bool full)
    {
        if (!full)
        {
            File.Delete(Ballast);
            return;
        }

        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.None);
        var block = new byte[1 << 16];
        try
        {
            while (true) ballast.Write(block);
        }
        catch (IOException)
        {
            // That is what it is for.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Station.DisposeAsync();
        await Command.RunAsync("mount", "umount", "-l", _disk);
    }

    private static async Task<Database> MountAsync(Network network, string name, int host, string folder)
    {
        var disk = Path.Combine(folder, "disk", name);
        Directory.CreateDirectory(disk);
        var (space, address) = await network.AddAsync(name, host);
        (await Command.RunAsync("mount", "mount", "-t", "tmpfs", "-o", $"size={Size},mode=777", "tmpfs", disk)).ShouldSucceed();
        var database = new Database(disk, folder);
        database.Station = new Station(name, space, address, folder, Path.Combine(Programs, "postgres"), "-D", database.Data, "-p", $"{Port}", "-c", "unix_socket_directories=") { AsUser = _asPostgres };
        return database;
    }

    private async Task ExecuteAsync(string database, string sql) => (await PsqlAsync(database, sql)).ShouldSucceed();

    private async Task<string> AskAsync(string database, string sql) => (await PsqlAsync(database, sql)).ShouldSucceed().Output.Trim();

    private Task<Command> PsqlAsync(string database, string sql) => RunAsync("psql", "-h", Station.Address, "-U", "postgres", "-d", database, "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", sql);

    private Task<Command> RunAsync(string program, params string[] arguments)
    {
        string[] all = [.. _asPostgres, File.Exists(Path.Combine(Programs, program)) ? Path.Combine(Programs, program) : program];
        return Command.RunAsync(new ProcessStartInfo(all[0], [.. all[1..], .. arguments]) { WorkingDirectory = _logs });
    }
}
