using System.Collections.Concurrent;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>A few connections for reading, lent to one query at a time. With the write-ahead log they neither wait for the writer nor hold it up.</summary>
/// <param name="attach">The search index, for connections that ask it.</param>
internal sealed class SqliteReaders(string path, int size, IAttachmentLinks? links, string? attach = null) : IDisposable
{
    private static readonly TimeSpan _busyTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private readonly SemaphoreSlim _free = new(size);

    /// <summary>Runs a query in one read transaction: everything it sees is of one moment.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel);
        SqliteConnection? connection = null;
        try
        {
            if (!_idle.TryTake(out connection)) connection = Open();
            connection.Execute("BEGIN");
            var result = query(connection);
            connection.Execute("COMMIT");
            _idle.Add(connection);
            connection = null;
            return result;
        }
        finally
        {
            // Only a query that failed leaves its connection here; what state it is in nobody knows.
            connection?.Dispose();
            _free.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection)) connection.Dispose();
        _free.Dispose();
    }

    private SqliteConnection Open()
    {
        var connection = SqliteConnection.Open(path, create: false, _busyTimeout, links);
        if (attach is not null) connection.Prepare("ATTACH ? AS search").Add(attach).Run();
        connection.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY");
        return connection;
    }
}
