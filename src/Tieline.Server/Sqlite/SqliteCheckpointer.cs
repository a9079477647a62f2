using Microsoft.Extensions.Logging;

namespace Tieline.Server.Sqlite;

/// <summary>Moves committed pages from the write-ahead log into the database, on a thread and connection of its own, so that no send waits for it.</summary>
internal sealed class SqliteCheckpointer : IDisposable
{
    /// <summary>Pages in the log. More waits longer and copies a page that was written many times only once.</summary>
    private const long CheckpointAbove = 8_000;

    private const long TruncateAbove = 200_000;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly SqliteWriter _writer;
    private readonly ILogger _log;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public SqliteCheckpointer(string path, SqliteWriter writer, ILogger log)
    {
        (_path, _writer, _log) = (path, writer, log);
        _thread = new Thread(Run) { IsBackground = true, Name = "sqlite checkpoint" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        SqliteConnection? connection = null;
        var failing = false;
        while (!_stop.Wait(_interval))
        {
            try
            {
                connection ??= Connect();
                var waiting = PagesWaiting(connection);
                if (waiting > TruncateAbove)
                {
                    // Readers that never pause can keep the log from starting over; far above its usual size the writer is made to wait once.
                    connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
                }
                else if (waiting > CheckpointAbove)
                {
                    // The second pass takes what came during the first; the little that comes during the second only the writer itself can
                    // take, with nothing behind it. Then the log starts over instead of growing, and the disk need not be zeroed for it.
                    connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
                    connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
                    _writer.FinishCheckpoint();
                }

                failing = false;
            }
            catch (SqliteException e)
            {
                // Once, and not four times a second for as long as a disk is full.
                if (!failing) ServerLog.CheckpointFailed(_log, e);
                failing = true;
            }
        }

        connection?.Dispose();
    }

    private SqliteConnection Connect()
    {
        var connection = SqliteConnection.Open(_path, create: false, TimeSpan.FromSeconds(1));
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
        return connection;
    }

    private static long PagesWaiting(SqliteConnection connection)
    {
        var row = connection.Prepare("PRAGMA wal_checkpoint(NOOP)");
        var waiting = row.Step() ? row.Long(1) - row.Long(2) : 0;
        row.Reset();
        return waiting;
    }
}
