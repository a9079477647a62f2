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
                SELECT {SqliteRows.AccountColumns}, r.blocked_at, r.muted_at FROM relation r JOIN account a ON a.key = r.other
                WHERE r.account = ? AND (r.blocked_at IS NOT NULL OR r.muted_at IS NOT NULL) ORDER BY COALESCE(r.blocked_at, r.muted_at)
                """).Add(account.Value);
            while (rows.Step()) found.Add((SqliteRows.Account(rows, 0), new Relation(rows.LongOrNull(7), rows.LongOrNull(8))));
            return found;
        }, cancel);

    public ValueTask<long> PruneLogsAsync(DateTimeOffset before, CancellationToken cancel) => new(Task.Run(() => PruneLogs(Protocol.Timestamp.From(before).Microseconds, cancel), cancel));

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

        return removed;
    }

    private static long KeepFrom(SqliteConnection connection, long account, long before)
    {
        var row = connection.Prepare("""
            SELECT COALESCE((SELECT pos FROM event WHERE account = ?1 AND at >= ?2 ORDER BY pos LIMIT 1), (SELECT MAX(pos) FROM event WHERE account = ?1))
            """).Add(account).Add(before);
        row.Step();
        var pos = row.Long(0);
        row.Reset();
        return pos;
    }

    private static long? NextAccount(SqliteConnection connection, long after)
    {
        var row = connection.Prepare("SELECT MIN(account) FROM event WHERE account > ?").Add(after);
        var next = row.Step() ? row.LongOrNull(0) : null;
        row.Reset();
        return next;
    }
}
