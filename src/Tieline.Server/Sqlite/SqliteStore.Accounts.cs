using Tieline.Core.Accounts;
using Tieline.Core.Storage;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    private const int PruneChunk = 1_000;

    public ValueTask<Account?> FindAccountAsync(AccountLookup by, string value, CancellationToken cancel) => _readers.ReadAsync(connection => by switch
    {
        AccountLookup.Id => SqliteRows.FindAccountById(connection, value),
        AccountLookup.Email => SqliteRows.FindAccountByEmail(connection, AccountRules.NormalizeEmail(value)),
        AccountLookup.Username => SqliteRows.FindAccountByUsername(connection, AccountRules.NormalizeUsername(value)),
        _ => null,
    }, cancel);

    public ValueTask<IReadOnlyList<Account>> SearchAccountsAsync(string prefix, int limit, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<Account>>(connection =>
        {
            // Ranges on the two unique indexes: everything from the prefix up to the prefix followed by the last character there is.
            var from = AccountRules.NormalizeUsername(prefix);
            var found = new List<Account>();
            var rows = connection.Prepare($"""
                SELECT {SqliteRows.AccountColumns} FROM account WHERE key IN (
                    SELECT key FROM (SELECT key FROM account WHERE username_key >= ?1 AND username_key < ?1 || char(1114111) ORDER BY username_key LIMIT ?2)
                    UNION SELECT key FROM (SELECT key FROM account WHERE email >= ?1 AND email < ?1 || char(1114111) ORDER BY email LIMIT ?2)) ORDER BY name, key LIMIT ?2
                """).Add(from).Add(limit);
            while (rows.Step()) found.Add(SqliteRows.Account(rows, 0));
            return found;
        }, cancel);

    public ValueTask<string?> FindPasswordHashAsync(AccountKey account, CancellationToken cancel) => _readers.ReadAsync(connection =>
    {
        var row = connection.Prepare("SELECT password_hash FROM account WHERE key = ?").Add(account.Value);
        var hash = row.Step() ? row.TextOrNull(0) : null;
        row.Reset();
        return hash;
    }, cancel);

    public ValueTask<IReadOnlyList<(Account Other, Relation Relation)>> ReadRelationsAsync(AccountKey account, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<(Account, Relation)>>(connection =>
        {
            var found = new List<(Account, Relation)>();
            var rows = connection.Prepare($"""
                SELECT {SqliteRows.AccountColumns}, r.blocked_at, r.muted_at, r.muted_until FROM relation r JOIN account a ON a.key = r.other
                WHERE r.account = ? AND (r.blocked_at IS NOT NULL OR r.muted_at IS NOT NULL) ORDER BY COALESCE(r.blocked_at, r.muted_at)
                """).Add(account.Value);
            while (rows.Step()) found.Add((SqliteRows.Account(rows, 0), new Relation(rows.LongOrNull(7), rows.LongOrNull(8)) { MutedUntil = rows.LongOrNull(9) }));
            return found;
        }, cancel);

    public ValueTask<long> PruneLogsAsync(DateTimeOffset before, CancellationToken cancel) => new(Task.Run(() => PruneLogs(Protocol.Timestamp.From(before).Microseconds, cancel), cancel));

    public ValueTask<long> DropMessagesAsync(DateTimeOffset before, CancellationToken cancel) => new(Task.Run(() =>
    {
        var limit = Protocol.Timestamp.From(before);
        var dropped = new SqliteRetention(_path).Drop(limit, cancel);
        _indexer.Forget(limit.Microseconds);
        return dropped;
    }, cancel));

    /// <summary>Account by account in short transactions of its own connection, so that sends in between wait for one chunk at most.</summary>
    private long PruneLogs(long before, CancellationToken cancel)
    {
        using var connection = SqliteConnection.Open(_path, create: false, TimeSpan.FromSeconds(10));
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
        long removed = 0, account = 0;
        while (!cancel.IsCancellationRequested && NextAccount(connection, account) is { } next)
        {
            account = next;
            // Only a beginning of the log goes: where the clock once stepped back, an old event stands behind newer ones, and without it there would be a hole.
            var keepFrom = KeepFrom(connection, account, before);
            connection.Prepare("UPDATE account SET pruned_pos = ?1 WHERE key = ?2 AND pruned_pos < ?1").Add(keepFrom - 1).Add(account).Run();
            long chunk;
            do
            {
                var statement = connection.Prepare("""
                    DELETE FROM event WHERE account = ?1 AND pos IN (
                        SELECT pos FROM event WHERE account = ?1 AND pos < ?2 ORDER BY pos LIMIT ?3)
                    RETURNING pos
                    """).Add(account).Add(keepFrom).Add(PruneChunk);
                for (chunk = 0; statement.Step(); chunk++) removed++;
            }
            while (chunk == PruneChunk && !cancel.IsCancellationRequested);
        }

        return removed + PruneGroups(connection, before, cancel);
    }

    /// <summary>The position from which on an account's log is kept: its first event that is not too old, else its newest.</summary>
    private static long KeepFrom(SqliteConnection connection, long account, long before)
    {
        var row = connection.Prepare("SELECT pos FROM event WHERE account = ?1 AND at >= ?2 ORDER BY pos LIMIT 1").Add(account).Add(before);
        var keep = row.Step() ? row.Long(0) : long.MaxValue;
        row.Reset();
        var key = new AccountKey(account);
        foreach (var stay in SqliteGroupLog.StaysOf(connection, key))
        {
            var first = connection.Prepare("""
                SELECT number FROM group_event WHERE conversation = ? AND number >= ? AND number <= ? AND at >= ? ORDER BY number LIMIT 1
                """).Add(stay.Conversation).Add(stay.First).Add(stay.Last).Add(before);
            var number = first.Step() ? first.Long(0) : 0;
            first.Reset();
            if (number > 0 && SqliteGroupLog.PositionOf(connection, stay, number, key) is { } pos) keep = Math.Min(keep, pos);
        }

        return keep == long.MaxValue ? SqliteLog.Head(connection, key) : keep;
    }

    /// <summary>The beginning of each group's log goes, but what may be the newest event of somebody's log.</summary>
    private static long PruneGroups(SqliteConnection connection, long before, CancellationToken cancel)
    {
        long removed = 0, conversation = 0;
        while (!cancel.IsCancellationRequested)
        {
            var next = connection.Prepare("SELECT MIN(conversation) FROM group_event WHERE conversation > ?").Add(conversation);
            var found = next.Step() ? next.LongOrNull(0) : null;
            next.Reset();
            if (found is not { } group) break;
            conversation = group;
            long chunk;
            do
            {
                var statement = connection.Prepare("""
                    DELETE FROM group_event WHERE rowid IN (
                        SELECT e.rowid FROM group_event e WHERE e.conversation = ?1 AND e.number < COALESCE(
                                (SELECT number FROM group_event WHERE conversation = ?1 AND at >= ?2 ORDER BY number LIMIT 1),
                                (SELECT MAX(number) FROM group_event WHERE conversation = ?1))
                            AND NOT EXISTS(SELECT 1 FROM group_stay s INDEXED BY group_stay_last WHERE s.conversation = ?1 AND s.last = e.number)
                        ORDER BY e.number LIMIT ?3)
                    RETURNING number
                    """).Add(group).Add(before).Add(PruneChunk);
                for (chunk = 0; statement.Step(); chunk++) removed++;
            }
            while (chunk == PruneChunk && !cancel.IsCancellationRequested);
        }

        return removed;
    }

    private static long? NextAccount(SqliteConnection connection, long after)
    {
        var row = connection.Prepare("SELECT MIN(key) FROM account WHERE key > ?").Add(after);
        var next = row.Step() ? row.LongOrNull(0) : null;
        row.Reset();
        return next;
    }
}
