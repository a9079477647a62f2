using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Tieline.Server.Tests.Postgres;

/// <summary>A streaming replica of a <see cref="PostgresCluster"/>.</summary>
/// <param name="run">Starts a program of PostgreSQL in a folder.</param>
public sealed class PostgresStandby(Func<string, string, string[], Process> run) : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"tieline-pg-standby-{Guid.NewGuid():N}");
    private Process? _process;

    public int Port { get; } = PostgresCluster.FreePort();

    public string AddressOf(string database) => $"postgres://postgres:hidden@127.0.0.1:{Port}/{database}?sslmode=disable";

    public async Task CopyAsync(int primary)
    {
        Directory.CreateDirectory(_folder);
        await PostgresCluster.GiveAsync(_folder);
        using var copied = run(_folder, "pg_basebackup", ["-h", "127.0.0.1", "-p", primary.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-D", Data, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
        await copied.WaitForExitAsync();
        copied.ExitCode.ShouldBe(0);
    }

    public async Task StartAsync()
    {
        _process = run(_folder, "postgres", ["-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", $"unix_socket_directories={_folder}"]);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await AskAsync("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (waited.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>It goes on receiving, and shows nothing of it.</summary>
    public async Task PauseAsync()
    {
        await AskAsync("SELECT pg_wal_replay_pause()");
        while ((string?)await AskAsync("SELECT pg_get_wal_replay_pause_state()") != "paused") await Task.Delay(10);
    }

    public Task ResumeAsync() => AskAsync("SELECT pg_wal_replay_resume()");

    public async Task KillAsync()
    {
        await PostgresCluster.KillAsync(_process!);
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private async Task<object?> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Pooling=false;SSL Mode=Disable"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
