using System.Data;
using Npgsql;
using Tieline.Core.Storage;

namespace Tieline.Server.Postgres;

/// <summary>What is read beside the writer, on connections of the pool. A question that fell with its connection is asked again on another one.</summary>
internal sealed class PostgresReaders(NpgsqlDataSource source, int pool)
{
    /// <summary>How long a database that is away is waited for: it may only have been started again.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public ValueTask<T?> OneAsync<T>(PostgresStatement statement, Func<NpgsqlDataReader, T> read, CancellationToken cancel) => ReadAsync(async reading =>
    {
        var found = default(T);
        await reading.EachAsync(statement, row => found = read(row));
        return found;
    }, cancel);

    public ValueTask<IReadOnlyList<T>> AllAsync<T>(PostgresStatement statement, Func<NpgsqlDataReader, T> read, CancellationToken cancel) => ReadAsync<IReadOnlyList<T>>(async reading =>
    {
        var found = new List<T>();
        await reading.EachAsync(statement, row => found.Add(read(row)));
        return found;
    }, cancel);

    /// <summary>Several questions on one connection.</summary>
    /// <param name="snapshot">True: of one moment.</param>
    public async ValueTask<T> ReadAsync<T>(Func<PostgresReading, Task<T>> read, CancellationToken cancel, bool snapshot = false)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var wait = 20; ; wait = Math.Min(wait * 2, 500))
        {
            try
            {
                return await ReadOnceAsync(read, snapshot, cancel);
            }
            catch (NpgsqlException e) when (e.InnerException is TimeoutException && e.Message.Contains("pool", StringComparison.Ordinal))
            {
                throw new PoolExhaustedException(pool, e);
            }
            catch (NpgsqlException e) when (PostgresFaults.IsPassing(e) && TimeProvider.System.GetElapsedTime(started) < _patience)
            {
                await Task.Delay(wait, cancel);
            }
            catch (NpgsqlException e) when (PostgresFaults.IsPassing(e))
            {
                throw new StoreUnavailableException($"The database cannot be read: {e.Message}", e);
            }
        }
    }

    private async Task<T> ReadOnceAsync<T>(Func<PostgresReading, Task<T>> read, bool snapshot, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return snapshot ? await ReadSnapshotAsync(connection, read, cancel) : await read(new PostgresReading(connection, null, cancel));
    }

    /// <summary>Several questions of one moment, which is that of the first.</summary>
    public static async Task<T> ReadSnapshotAsync<T>(NpgsqlConnection connection, Func<PostgresReading, Task<T>> read, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var found = await read(new PostgresReading(connection, transaction, cancel));
        await transaction.CommitAsync(cancel);
        return found;
    }
}

/// <summary>One connection while it is read.</summary>
internal sealed class PostgresReading(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancel)
{
    /// <summary>Reads the rows of a statement.</summary>
    public Task EachAsync(PostgresStatement statement, Action<NpgsqlDataReader> row) => WhileAsync(statement, reader =>
    {
        row(reader);
        return true;
    });

    /// <summary>Reads the rows of a statement as long as they are wanted.</summary>
    public async Task WhileAsync(PostgresStatement statement, Func<NpgsqlDataReader, bool> row)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(statement.Command());
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            if (!row(reader)) break;
    }

    public async Task<T?> OneAsync<T>(PostgresStatement statement, Func<NpgsqlDataReader, T> read)
    {
        var found = default(T);
        await EachAsync(statement, row => found = read(row));
        return found;
    }

    public async Task<List<T>> AllAsync<T>(PostgresStatement statement, Func<NpgsqlDataReader, T> read)
    {
        var found = new List<T>();
        await EachAsync(statement, row => found.Add(read(row)));
        return found;
    }
}

/// <summary>More was asked at once than the pool has connections.</summary>
public sealed class PoolExhaustedException(int size, Exception reason) : StoreUnavailableException(
    $"All {size} connections to the database were in use for too long. Raise store_pool (it is {size} now; PostgreSQL's max_connections must have room for the pools of all nodes), or find what is slow there.", reason);
