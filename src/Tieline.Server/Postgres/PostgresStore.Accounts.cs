using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Storage;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

internal sealed partial class PostgresStore
{
    private const int PruneChunk = 5_000;

    public ValueTask<Account?> FindAccountAsync(AccountLookup by, string value, CancellationToken cancel)
    {
        var statement = by switch
        {
            AccountLookup.Email => new PostgresStatement($"{PostgresQueries.SelectAccount} a.email = $1").Add(AccountRules.NormalizeEmail(value)),
            AccountLookup.Username => new PostgresStatement($"{PostgresQueries.SelectAccount} a.username_key = $1").Add(AccountRules.NormalizeUsername(value)),
            _ => new PostgresStatement($"{PostgresQueries.SelectAccount} a.id = $1").Add(value),
        };
        return _readers.OneAsync(statement, row => PostgresRows.Account(row, 0), cancel);
    }

    public ValueTask<IReadOnlyList<Account>> SearchAccountsAsync(string prefix, int limit, CancellationToken cancel)
    {
        // Ranges on the two unique indexes: everything from the prefix up to the prefix followed by the last character there is.
        var from = AccountRules.NormalizeUsername(prefix);
        return _readers.AllAsync(new PostgresStatement($"""
            {PostgresQueries.SelectAccount} a.key IN (
                (SELECT key FROM account WHERE username_key >= $1 AND username_key < $2 ORDER BY username_key LIMIT $3)
                UNION (SELECT key FROM account WHERE email >= $1 AND email < $2 ORDER BY email LIMIT $3)) ORDER BY a.name, a.key LIMIT $3
            """).Add(from).Add(from + "\U0010FFFF").Add(limit), row => PostgresRows.Account(row, 0), cancel);
    }

    public ValueTask<string?> FindPasswordHashAsync(AccountKey account, CancellationToken cancel) =>
        _readers.OneAsync(new PostgresStatement("SELECT password_hash FROM account WHERE key = $1").Add(account.Value), row => row.TextOrNull(0), cancel);

    public ValueTask<IReadOnlyList<(Account Other, Relation Relation)>> ReadRelationsAsync(AccountKey account, CancellationToken cancel) =>
        _readers.AllAsync(new PostgresStatement($"""
            SELECT {PostgresRows.AccountColumns}, r.blocked_at, r.muted_at, r.muted_until FROM relation r JOIN account a ON a.key = r.other
            WHERE r.account = $1 AND (r.blocked_at IS NOT NULL OR r.muted_at IS NOT NULL) ORDER BY COALESCE(r.blocked_at, r.muted_at)
            """).Add(account.Value), row => (PostgresRows.Account(row, 0), PostgresQueries.Relation(row, 7)), cancel);

    public ValueTask<Attachment?> FindAttachmentAsync(string id, CancellationToken cancel) =>
        _readers.OneAsync(new PostgresStatement($"{PostgresAttachments.Select} a.id = $1 AND a.doomed = 0").Add(id), PostgresAttachments.Read, cancel);

    public ValueTask<Attachment?> FindAttachmentInAsync(string conversation, string id, CancellationToken cancel) =>
        _readers.OneAsync(new PostgresStatement($"""
            {PostgresAttachments.Select} a.id = $1 AND a.doomed = 0
                AND EXISTS (SELECT 1 FROM attachment_use u WHERE u.attachment = a.id AND u.conversation = (SELECT key FROM conversation WHERE id = $2))
            """).Add(id).Add(conversation), PostgresAttachments.Read, cancel);

    public ValueTask<Attachment?> FindPictureAsync(string id, CancellationToken cancel) =>
        _readers.OneAsync(new PostgresStatement($"{PostgresAttachments.Select} a.id = $1 AND a.doomed = 0 AND EXISTS (SELECT 1 FROM attachment_use u WHERE u.attachment = a.id AND u.seq = 0)")
            .Add(id), PostgresAttachments.Read, cancel);

    public ValueTask<(Attachment Attachment, string Conversation)?> FindVisibleAttachmentAsync(AccountKey account, string id, CancellationToken cancel) =>
        _readers.OneAsync<(Attachment, string)?>(new PostgresStatement($"""
            SELECT {PostgresAttachments.Columns}, c.id FROM attachment a JOIN attachment_use u ON u.attachment = a.id
                JOIN member mb ON mb.account = $1 AND mb.conversation = u.conversation AND u.seq > mb.hidden_seq
                    AND u.seq <= COALESCE(mb.left_seq, u.seq) JOIN conversation c ON c.key = u.conversation
            WHERE a.id = $2 AND a.doomed = 0
                AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = u.conversation AND h.seq = u.seq AND h.account = mb.account) LIMIT 1
            """).Add(account.Value).Add(id), row => (PostgresAttachments.Read(row), row.Text(10)), cancel);

    public ValueTask<IReadOnlyList<(string Id, bool Doomed)>> ReadUnusedAttachmentsAsync(DateTimeOffset before, int limit, CancellationToken cancel) =>
        // Oldest first: what a deleted message carried is unused since 0.
        _readers.AllAsync(new PostgresStatement("SELECT id, doomed FROM attachment WHERE unused_since IS NOT NULL AND unused_since <= $1 ORDER BY unused_since LIMIT $2")
            .Add(Timestamp.From(before).Microseconds).Add(limit), row => (row.Text(0), row.Long(1) != 0), cancel);

    public async ValueTask<long> DropMessagesAsync(DateTimeOffset before, CancellationToken cancel)
    {
        await ExtendAsync(cancel);
        return await new PostgresRetention(_source).DropAsync(before, cancel);
    }

    /// <summary>Account by account in short transactions of its own connection. Each log keeps its newest event; only a beginning of it goes, so that it has no hole where a clock once stepped back.</summary>
    public async ValueTask<long> PruneLogsAsync(DateTimeOffset before, CancellationToken cancel)
    {
        await ExtendAsync(cancel);
        await using var connection = await _source.OpenConnectionAsync(cancel);
        long removed = 0, account = 0;
        while (await NextAsync(connection, account, Timestamp.From(before).Microseconds, cancel) is { } next)
        {
            account = next.Account;
            long chunk;
            do removed += chunk = await PruneAsync(connection, account, next.KeepFrom, cancel);
            while (chunk == PruneChunk);
        }

        return removed;
    }

    /// <summary>The parts for what is sent next are there before it is sent.</summary>
    private async Task ExtendAsync(CancellationToken cancel)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel);
        PostgresParts.Extend(connection, _time.GetUtcNow(), _retentionDays);
    }

    /// <summary>The next account whose oldest event is too old, and from where on its log is kept.</summary>
    private static async Task<(long Account, long KeepFrom)?> NextAsync(NpgsqlConnection connection, long after, long before, CancellationToken cancel)
    {
        var reading = new PostgresReading(connection, null, cancel);
        return await reading.OneAsync<(long, long)?>(new PostgresStatement("""
            SELECT h.account, LEAST(h.pos, COALESCE((SELECT e.pos FROM event e WHERE e.account = h.account AND e.at >= $2 ORDER BY e.pos LIMIT 1), h.pos))
            FROM head h WHERE h.account > $1 AND h.pos > h.pruned_pos + 1
                AND (SELECT e.at FROM event e WHERE e.account = h.account ORDER BY e.pos LIMIT 1) < $2 ORDER BY h.account LIMIT 1
            """).Add(after).Add(before), row => (row.Long(0), row.Long(1)));
    }

    /// <summary>What a cursor may still ask for is noted first; the place of groups in the list outlives their events.</summary>
    private static async Task<long> PruneAsync(NpgsqlConnection connection, long account, long keepFrom, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new PostgresStatement("UPDATE head SET pruned_pos = $2 WHERE account = $1 AND pruned_pos < $2").Add(account).Add(keepFrom - 1).Command());
        batch.BatchCommands.Add(new PostgresStatement("""
            UPDATE member m SET group_activity = old.pos
            FROM (SELECT conversation, MAX(pos) AS pos FROM event WHERE account = $1 AND pos < $2 AND kind = 1 AND in_group = 1 GROUP BY conversation) old
            WHERE m.account = $1 AND m.conversation = old.conversation AND m.group_activity < old.pos
            """).Add(account).Add(keepFrom).Command());
        var delete = new PostgresStatement("""
            DELETE FROM event WHERE account = $1 AND pos IN (SELECT pos FROM event WHERE account = $1 AND pos < $2 ORDER BY pos LIMIT $3)
            """).Add(account).Add(keepFrom).Add(PruneChunk).Command();
        batch.BatchCommands.Add(delete);
        await batch.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        return (long)delete.Rows;
    }
}
