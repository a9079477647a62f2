using Microsoft.Extensions.Logging;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Findings;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>Decides and stores each batch in one transaction, and commits it (synchronous=FULL: the log is synced before COMMIT returns).</summary>
internal sealed class SqliteWriter : BatchWriter
{
    private const int MaxBatch = 2048;
    private static readonly TimeSpan _busyTimeout = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Func<string> _newId;
    private readonly LedgerRules _rules;
    private readonly IAttachmentLinks? _links;
    private SqliteConnection _connection;
    private Ledger _ledger;
    private bool _failing;

    public SqliteWriter(string path, TimeProvider time, Func<string> newId, LedgerRules rules, ICommitListener listener, ILogger log, IAttachmentLinks? links) : base(MaxBatch, listener, log)
    {
        (_path, _time, _newId, _rules, _links) = (path, time, newId, rules, links);
        (_connection, _ledger) = Connect();
        Start("sqlite writer");
    }

    /// <summary>Batches committed so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Asks for a short checkpoint between two batches, so that the log can start over.</summary>
    public void FinishCheckpoint() => Pause();

    protected override void OnPause()
    {
        try
        {
            _connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException e)
        {
            ServerLog.CheckpointFailed(Log, e);
        }
    }

    protected override void Close() => _connection.Dispose();

    protected override void Commit(List<Submission> batch, Outcome?[] outcomes)
    {
        try
        {
            // A connection that saw a fault may hold pages that never reached the disk, or have been opened read-only: recovery needs a new one.
            if (_failing) Reconnect();
            _connection.Execute("BEGIN IMMEDIATE");
            for (var i = 0; i < batch.Count; i++) outcomes[i] = _ledger.Apply(batch[i].Command);
            SqliteChangeWriter.Write(_connection, _ledger.Changes, Timestamp.From(_time.GetUtcNow()));
            _connection.Execute("COMMIT");
            if (_failing)
            {
                _failing = false;
                ServerLog.StorageRecovered(Log);
            }

            Commits++;
            Append(_ledger.Changes);
            _ledger.Committed();
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    protected override bool IsFaultOfStore(Exception e) => e is SqliteException { IsFaultOfRow: false };

    protected override void OnFault(List<Submission> batch, Exception e)
    {
        var fault = (SqliteException)e;
        if (!_failing) ServerLog.StorageFailed(Log, fault.IsFull ? FindingCatalogue.OfCause("storage.disk_full")!.Sentence : "", fault);
        _failing = true;
        if (!fault.IsCertainlyNotStored)
        {
            foreach (var submission in batch) Lose(submission, fault);
            return;
        }

        if (fault.IsFull) Refuse(batch, WireError.StorageFull, "The server's disk is full; the message is not stored. Send it again later.");
        else Refuse(batch, WireError.Unavailable, "The server cannot write right now; nothing is stored. Send it again later.");
    }

    private (SqliteConnection, Ledger) Connect()
    {
        var connection = SqliteConnection.Open(_path, create: false, _busyTimeout, _links, gather: true);
        // The checkpointer works on another connection: a checkpoint here would stall every send behind it.
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF");
        return (connection, new Ledger(new SqliteFacts(connection), _time, _newId, _rules, _links));
    }

    /// <summary>Nothing of the batch was stored, or nobody can say. Everything remembered is asked again.</summary>
    private void Abandon()
    {
        _ledger.Forget();
        try
        {
            if (_connection.InTransaction) _connection.Execute("ROLLBACK");
        }
        catch (SqliteException e)
        {
            ServerLog.RollbackFailed(Log, e);
        }
    }

    private void Reconnect()
    {
        try
        {
            var (connection, ledger) = Connect();
            _connection.Dispose();
            (_connection, _ledger) = (connection, ledger);
        }
        catch (SqliteException e)
        {
            ServerLog.ReopenFailed(Log, e);
        }
    }
}
