using Microsoft.Extensions.Logging;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>
/// The one writer. Takes whatever is queued, decides and stores it in one transaction, commits (synchronous=FULL: the log is synced before
/// COMMIT returns), then publishes and answers. Its own thread, because a sync blocks.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private const int MaxBatch = 2048;
    private static readonly TimeSpan _busyTimeout = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Func<string> _newId;
    private readonly LedgerRules _rules;
    private readonly ICommitListener _listener;
    private readonly ILogger _log;
    private readonly IAttachmentLinks? _links;
    private readonly object _lock = new();
    private readonly Thread _thread;
    private List<Submission> _queue = [];
    private bool _stopping;
    private bool _finishCheckpoint;
    private SqliteConnection _connection;
    private Ledger _ledger;
    private bool _failing;

    public SqliteWriter(string path, TimeProvider time, Func<string> newId, LedgerRules rules, ICommitListener listener, ILogger log, IAttachmentLinks? links)
    {
        (_path, _time, _newId, _rules, _listener, _log, _links) = (path, time, newId, rules, listener, log, links);
        (_connection, _ledger) = Connect();
        _thread = new Thread(Run) { IsBackground = true, Name = "sqlite writer" };
        _thread.Start();
    }

    /// <summary>Batches committed so far.</summary>
    public long Commits { get; private set; }

    public void Submit(Submission submission)
    {
        lock (_lock)
        {
            if (!_stopping)
            {
                _queue.Add(submission);
                if (_queue.Count == 1) Monitor.Pulse(_lock);
                return;
            }
        }

        submission.Complete(new Refused(WireError.Restarting, "The server is stopping; send again."));
    }

    /// <summary>Asks for a short checkpoint between two batches, so that the log can start over.</summary>
    public void FinishCheckpoint()
    {
        lock (_lock)
        {
            _finishCheckpoint = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Stores what is queued, then stops.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopping) return;
            _stopping = true;
            Monitor.Pulse(_lock);
        }

        _thread.Join();
        _connection.Dispose();
    }

    private (SqliteConnection, Ledger) Connect()
    {
        var connection = SqliteConnection.Open(_path, create: false, _busyTimeout, _links, gather: true);
        // The checkpointer works on another connection: a checkpoint here would stall every send behind it.
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF");
        return (connection, new Ledger(new SqliteFacts(connection), _time, _newId, _rules, _links));
    }

    private void Run()
    {
        var batch = new List<Submission>();
        while (true)
        {
            bool checkpoint;
            lock (_lock)
            {
                while (_queue.Count == 0 && !_stopping && !_finishCheckpoint) Monitor.Wait(_lock);
                if (_queue.Count == 0 && _stopping) return;
                (checkpoint, _finishCheckpoint) = (_finishCheckpoint, false);
                if (_queue.Count <= MaxBatch) (batch, _queue) = (_queue, batch);
                else
                {
                    batch.AddRange(_queue[..MaxBatch]);
                    _queue.RemoveRange(0, MaxBatch);
                }
            }

            if (checkpoint) Checkpoint();
            if (batch.Count > 0) Store(batch);
            batch.Clear();
        }
    }

    private void Checkpoint()
    {
        try
        {
            _connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException e)
        {
            ServerLog.CheckpointFailed(_log, e);
        }
    }

    private void Store(List<Submission> batch)
    {
        var outcomes = new Outcome?[batch.Count];
        try
        {
            Commit(batch, outcomes);
        }
        catch (SqliteException e) when (!e.IsFaultOfRow)
        {
            Abandon();
            Refuse(batch, e);
            return;
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One command that the rules or the tables cannot take must not cost its neighbours anything: each alone, and only the culprit is lost.
            Abandon();
            foreach (var submission in batch) Store([submission]);
            return;
        }
        catch (Exception e)
        {
            Abandon();
            ServerLog.CommandFailed(_log, batch[0].Command.GetType().Name, e);
            Lose(batch[0], e);
            return;
        }

        Answer(batch, outcomes);
    }

    /// <summary>All outcomes first, then whoever waits for them or for the events is woken: each line has all that the batch holds for it in one write.</summary>
    private void Answer(List<Submission> batch, Outcome?[] outcomes)
    {
        for (var i = 0; i < outcomes.Length; i++) batch[i].CompleteInBatch(outcomes[i]!);
        foreach (var submission in batch) submission.Settle();
        Tell(_listener.Wake);
    }

    private void Commit(List<Submission> batch, Outcome?[] outcomes)
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
            ServerLog.StorageRecovered(_log);
        }

        Commits++;
        Tell(() => _listener.Append(_ledger.Changes.Events));
        _ledger.Committed();
    }

    /// <summary>What is committed is acknowledged, whatever becomes of its delivery: lines that miss an event find it in the log.</summary>
    private void Tell(Action listener)
    {
        try
        {
            listener();
        }
        catch (Exception e)
        {
            ServerLog.PublishFailed(_log, e);
        }
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
            ServerLog.RollbackFailed(_log, e);
        }
    }

    private void Refuse(List<Submission> batch, SqliteException e)
    {
        if (!_failing) ServerLog.StorageFailed(_log, e);
        _failing = true;
        if (!e.IsCertainlyNotStored)
        {
            foreach (var submission in batch) Lose(submission, e);
            return;
        }

        var refusal = e.IsFull
            ? new Refused(WireError.StorageFull, "The server's disk is full; the message is not stored. Send it again later.")
            : new Refused(WireError.Unavailable, "The server cannot write right now; nothing is stored. Send it again later.");
        foreach (var submission in batch) submission.Complete(RefusalOf(submission.Command, refusal));
    }

    /// <summary>Everything is refused for now, also what a rule had refused: the rule may have looked at what is not stored. It holds the sends behind it on its line.</summary>
    private static Refused RefusalOf(Command command, Refused refusal)
    {
        if (command is not Send { Line: { } line } send) return refusal;
        if (line.Holds(send.ClientId)) return new Refused(WireError.Held, "An earlier message on this line was refused for now; send that one again first.");
        line.Refuse(send.ClientId, retryable: true);
        return refusal;
    }

    /// <summary>Nobody knows whether it is stored. Until it comes again, nothing behind it on its line may be stored before it.</summary>
    private static void Lose(Submission submission, Exception reason)
    {
        if (submission.Command is Send { Line: { } line } send) line.Refuse(send.ClientId, retryable: true);
        submission.Lose(reason);
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
            ServerLog.ReopenFailed(_log, e);
        }
    }
}
