using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Server.Configuration;

namespace Tieline.Server.Postgres;

/// <summary>One streaming replica: asked as long as it keeps up, and left alone from the first time it does not until a look finds it well again.</summary>
internal sealed class PostgresReplica(string address, TielineOptions options, string epoch, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long a reader waits for what the primary has and the replica has not yet.</summary>
    private static readonly TimeSpan _lag = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlDataSource _source = PostgresAddress.ReplicaPool(options, address);
    private volatile string? _why = "it has not been looked at yet";
    private long _since = time.GetUtcNow().UtcTicks;
    private long _reads;

    /// <summary>Without its password.</summary>
    public string Address { get; } = PostgresAddress.Masked(address);

    /// <summary>Why it is not read from; null while it is.</summary>
    public string? Why => _why;

    /// <summary>Since when it is read from, or is not.</summary>
    public DateTimeOffset Since => new(Volatile.Read(ref _since), TimeSpan.Zero);

    /// <summary>Reads that it answered.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>What the log said last: that it is read from, or that it is not.</summary>
    public bool? Told { get; set; }

    /// <summary>Reads here if this replica holds all that the primary held, and of the account's log nothing that the primary does not show yet.</summary>
    /// <returns>False when it must be read from the primary.</returns>
    public async ValueTask<(bool IsAnswered, T? Found)> TryReadAsync<T>(AccountKey account, PrimaryHead head, Func<PostgresReading, Task<T>> read, CancellationToken cancel)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            if (await CatchUpAsync(connection, head.Lsn, cancel) is { } why)
            {
                Rest(why);
                return default;
            }

            var (stands, found) = await PostgresReaders.ReadSnapshotAsync(connection, async reading =>
                await PostgresLog.HeadAsync(reading, account) == head.Pos ? (true, await read(reading)) : (false, default(T)), cancel);
            if (stands) Interlocked.Increment(ref _reads);
            return (stands, found);
        }
        catch (NpgsqlException e) when (IsPoolUsedUp(e))
        {
            // It is busy and not ill.
            return default;
        }
        // Whatever it is: where the fault lies in the question, the primary says so too.
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Rest(e.Message);
            return default;
        }
    }

    /// <summary>Looks whether it can be read from, where it is left alone.</summary>
    public async Task LookAsync(long lsn, CancellationToken cancel)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            if (await CatchUpAsync(connection, lsn, cancel) is { } why) _why = why;
            else
            {
                Volatile.Write(ref _since, time.GetUtcNow().UtcTicks);
                _why = null;
            }
        }
        // A look that ended for good would be missed by nobody.
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            _why = e.Message;
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static bool IsPoolUsedUp(NpgsqlException e) => e.InnerException is TimeoutException && e.Message.Contains("pool", StringComparison.Ordinal);

    private void Rest(string why)
    {
        if (_why is null) Volatile.Write(ref _since, time.GetUtcNow().UtcTicks);
        _why = why;
    }

    /// <summary>
    /// Waits a moment until everything up to there is replayed. What is read on this connection afterwards is not older: a replica that starts again, and may be behind
    /// its former self, has closed it.
    /// </summary>
    /// <returns>Null when it is, else why it cannot be read from.</returns>
    private async Task<string?> CatchUpAsync(NpgsqlConnection connection, long lsn, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var wait = 1; ; wait *= 2)
        {
            var (isReplica, of, replayed, streams) = await new PostgresReading(connection, null, cancel).OneAsync(new PostgresStatement("""
                SELECT pg_is_in_recovery(), (SELECT value FROM meta WHERE name = 'epoch'), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint,
                    EXISTS(SELECT 1 FROM pg_stat_wal_receiver)
                """), row => (row.GetBoolean(0), row.TextOrNull(1), row.Long(2), row.GetBoolean(3)));
            if (!isReplica) return "it is no replica";
            if (of != epoch) return "it is a replica of another chat";
            // Cut off, or of a primary that was: what it has replayed need not be what the primary holds.
            if (!streams) return "it receives nothing from its primary";
            if (replayed >= lsn) return null;
            if (TimeProvider.System.GetElapsedTime(started) > _lag) return $"it is {lsn - replayed} bytes behind the primary";
            await Task.Delay(wait, cancel);
        }
    }
}
