using Microsoft.Extensions.Logging;
using Npgsql;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

/// <summary>
/// This node's one writer. Takes whatever is queued, decides and stores it in one transaction, commits (synchronous_commit=on: the log is synced to disk
/// before COMMIT returns), then publishes and answers. The writers of other nodes do the same at the same time; locks on rows keep them apart.
/// </summary>
internal sealed class PostgresWriter : IDisposable
{
    private const int MaxBatch = 1024;

    /// <summary>How often a batch is tried again that lost to another node.</summary>
    private const int MaxConflicts = 8;

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ICommitListener _listener;
    private readonly ILogger _log;
    private readonly PostgresFacts _facts;
    private readonly Ledger _ledger;
    private readonly object _lock = new();
    private readonly Thread _thread;
    private List<Submission> _queue = [];
    private bool _stopping;
    private NpgsqlConnection? _connection;
    private bool _failing;

    public PostgresWriter(NpgsqlDataSource source, TimeProvider time, Func<string> newId, LedgerRules rules, ICommitListener listener, ILogger log, IAttachmentLinks? links)
    {
        (_source, _time, _listener, _log) = (source, time, listener, log);
        _facts = new PostgresFacts(links);
        _ledger = new Ledger(_facts, time, newId, rules, links);
        _thread = new Thread(Run) { IsBackground = true, Name = "postgres writer" };
        _thread.Start();
    }

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
        _connection?.Dispose();
    }

    private void Run()
    {
        var batch = new List<Submission>();
        while (true)
        {
            lock (_lock)
            {
                while (_queue.Count == 0 && !_stopping) Monitor.Wait(_lock);
                if (_queue.Count == 0) return;
                if (_queue.Count <= MaxBatch) (batch, _queue) = (_queue, batch);
                else
                {
                    batch.AddRange(_queue[..MaxBatch]);
                    _queue.RemoveRange(0, MaxBatch);
                }
            }

            Store(batch);
            batch.Clear();
        }
    }

    private void Store(List<Submission> batch)
    {
        var outcomes = new Outcome?[batch.Count];
        try
        {
            for (var tries = 1; !TryCommit(batch, outcomes, last: tries == MaxConflicts); tries++)
            {
                // Another node was there first. Nothing is stored; decide again on what holds now.
                Thread.Sleep(Random.Shared.Next(1, 4 * tries));
            }
        }
        catch (NpgsqlException e) when (!PostgresFaults.IsOfRow(e))
        {
            Refuse(batch, e, committing: _committing);
            return;
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One command that the rules or the tables cannot take must not cost its neighbours anything: each alone, and only the culprit is lost.
            foreach (var submission in batch) Store([submission]);
            return;
        }
        catch (Exception e)
        {
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

    private bool _committing;

    /// <returns>False when another node was in the way and it can be tried again.</returns>
    private bool TryCommit(List<Submission> batch, Outcome?[] outcomes, bool last)
    {
        try
        {
            Commit(batch, outcomes);
            return true;
        }
        catch (Exception e)
        {
            // Everything remembered is asked again.
            _ledger.Forget();
            if (e is NpgsqlException fault && PostgresFaults.IsConflict(fault) && !last) return false;
            if (e is not PostgresException) Disconnect();
            throw;
        }
        finally
        {
            _facts.End();
        }
    }

    private void Commit(List<Submission> batch, Outcome?[] outcomes)
    {
        _committing = false;
        using (var transaction = new PostgresTransaction(Connect()))
        {
            _facts.Begin(transaction, [.. batch.Select(submission => submission.Command)]);
            for (var i = 0; i < outcomes.Length; i++) outcomes[i] = _ledger.Apply(batch[i].Command);
            transaction.Write(PostgresChangeWriter.Write(_ledger.Changes, _facts.Known, Timestamp.From(_time.GetUtcNow())));
            _committing = true;
            transaction.Commit();
        }

        if (_failing)
        {
            _failing = false;
            ServerLog.StorageRecovered(_log);
        }

        Tell(() => _listener.Append(_ledger.Changes.Events));
        _ledger.Committed();
        // What was read under the locks holds no longer than they do: another node may write next.
        _ledger.Forget();
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

    private NpgsqlConnection Connect()
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open }) return _connection;
        Disconnect();
        return _connection = _source.OpenConnection();
    }

    private void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private void Refuse(List<Submission> batch, NpgsqlException e, bool committing)
    {
        if (!_failing) ServerLog.StorageFailed(_log, e);
        _failing = true;
        Disconnect();
        if (committing && !PostgresFaults.IsCertainlyNotStored(e))
        {
            foreach (var submission in batch) Lose(submission, e);
            return;
        }

        var refusal = e.SqlState == PostgresErrorCodes.DiskFull
            ? new Refused(WireError.StorageFull, "The database's disk is full; the message is not stored. Send it again later.")
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
}
