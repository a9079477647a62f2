using Microsoft.Extensions.Logging;
using Npgsql;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Findings;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

/// <summary>
/// This node's writer. Decides and stores each batch in one transaction, and commits it (synchronous_commit=on: the log is synced to disk before COMMIT
/// returns). The writers of other nodes do the same at the same time; locks on rows keep them apart.
/// </summary>
internal sealed class PostgresWriter : BatchWriter
{
    private const int MaxBatch = 1024;

    /// <summary>How often a batch is tried again that lost to another node.</summary>
    private const int MaxConflicts = 8;

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly PostgresFacts _facts;
    private readonly Ledger _ledger;
    private NpgsqlConnection? _connection;
    private bool _committing;
    private bool _failing;

    public PostgresWriter(NpgsqlDataSource source, TimeProvider time, Func<string> newId, LedgerRules rules, ICommitListener listener, ILogger log, IAttachmentLinks? links) : base(MaxBatch, listener, log)
    {
        (_source, _time) = (source, time);
        _facts = new PostgresFacts(links);
        _ledger = new Ledger(_facts, time, newId, rules, links);
        Start("postgres writer");
    }

    protected override void Close() => Disconnect();

    protected override void Commit(List<Submission> batch, Outcome?[] outcomes)
    {
        for (var tries = 1; !TryCommit(batch, outcomes, last: tries == MaxConflicts); tries++)
        {
            // Another node was there first. Nothing is stored; decide again on what holds now.
            Thread.Sleep(Random.Shared.Next(1, 4 * tries));
        }
    }

    protected override bool IsFaultOfStore(Exception e) => e is NpgsqlException fault && !PostgresFaults.IsOfRow(fault);

    protected override void OnFault(List<Submission> batch, Exception e)
    {
        var fault = (NpgsqlException)e;
        var full = fault.SqlState == PostgresErrorCodes.DiskFull;
        if (!_failing) ServerLog.StorageFailed(Log, full ? FindingCatalogue.OfCause("storage.disk_full")!.Sentence : "", fault);
        _failing = true;
        Disconnect();
        if (_committing && !PostgresFaults.IsCertainlyNotStored(fault))
        {
            foreach (var submission in batch) Lose(submission, fault);
            return;
        }

        if (full) Refuse(batch, WireError.StorageFull, "The database's disk is full; the message is not stored. Send it again later.");
        else Refuse(batch, WireError.Unavailable, "The server cannot write right now; nothing is stored. Send it again later.");
    }

    /// <returns>False when another node was in the way and it can be tried again.</returns>
    private bool TryCommit(List<Submission> batch, Outcome?[] outcomes, bool last)
    {
        try
        {
            CommitOnce(batch, outcomes);
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

    private void CommitOnce(List<Submission> batch, Outcome?[] outcomes)
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
            ServerLog.StorageRecovered(Log);
        }

        Append(_ledger.Changes);
        _ledger.Committed();
        // What was read under the locks holds no longer than they do: another node may write next.
        _ledger.Forget();
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
}
