using Tieline.Core.Accounts;
using Tieline.Core.Storage;

namespace Tieline.Server.Postgres;

/// <summary>Where the primary stands: how far its log is on disk, and how far the log of one account has come.</summary>
/// <param name="Lsn">As a number of bytes. Everything that anybody can have seen, on the primary or on a replica, was on disk up to here.</param>
internal readonly record struct PrimaryHead(long Lsn, long Pos);

/// <summary>Asks the primary where it stands, for all who read from replicas meanwhile by one statement.</summary>
internal sealed class PostgresHeads
{
    private const int MaxAccounts = 1_000;

    private readonly PostgresReaders _primary;
    private readonly Gathering<Question> _gathering;

    public PostgresHeads(PostgresReaders primary)
    {
        _primary = primary;
        _gathering = new Gathering<Question>(MaxAccounts, AskAsync);
    }

    /// <summary>As it is at this moment or later.</summary>
    public Task<PrimaryHead> ReadAsync(AccountKey account, CancellationToken cancel)
    {
        var question = new Question(account);
        _gathering.Add(question);
        return question.Answer.Task.WaitAsync(cancel);
    }

    private async Task AskAsync(List<Question> batch)
    {
        try
        {
            var heads = await _primary.AllAsync(new PostgresStatement("""
                SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint, h.pos FROM unnest($1) WITH ORDINALITY asked(account, number)
                LEFT JOIN head h ON h.account = asked.account ORDER BY asked.number
                """).Add(batch.Select(question => question.Account.Value)), row => new PrimaryHead(row.Long(0), row.Long(1)), CancellationToken.None);
            foreach (var (question, head) in batch.Zip(heads)) question.Answer.TrySetResult(head);
        }
        catch (Exception e)
        {
            // Each tells it as if he had asked alone.
            foreach (var question in batch) question.Answer.TrySetException(e is StoreUnavailableException ? e : new StoreUnavailableException($"The database cannot be read: {e.Message}", e));
        }
    }

    private sealed class Question(AccountKey account)
    {
        public AccountKey Account => account;

        public TaskCompletionSource<PrimaryHead> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
