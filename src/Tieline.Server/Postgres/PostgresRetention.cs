using System.Diagnostics;
using Npgsql;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

/// <summary>
/// Drops messages that are too old, with everything that belonged to them. Whole parts are set aside at once, in a moment; their rows are then gone through in short
/// transactions only to forget client ids, files, stars and what search knows, and the part is dropped. What is interrupted is taken up by the next round, of whichever node.
/// </summary>
internal sealed class PostgresRetention(NpgsqlDataSource source)
{
    private const int Chunk = 1_000;
    private const int MaxConflicts = 8;

    /// <summary>Held by the one node that does it. "tieline" as a number, and one.</summary>
    private const long Turn = 0x7469656c696e66;

    /// <returns>How many messages went.</returns>
    public async Task<long> DropAsync(DateTimeOffset before, CancellationToken cancel)
    {
        // The lock of a transaction and not of a session, for a pooler may give the session to somebody else. Nothing is read in it, so it keeps no old rows alive.
        await using var turn = await source.OpenConnectionAsync(cancel);
        await using var mine = await turn.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, cancel);
        if (!await new PostgresReading(turn, mine, cancel).OneAsync(new PostgresStatement("SELECT pg_try_advisory_xact_lock($1)").Add(Turn), row => row.GetBoolean(0))) return 0;

        await using var connection = await source.OpenConnectionAsync(cancel);
        var limit = Timestamp.From(before).Microseconds;
        foreach (var part in PostgresParts.Read(connection))
            if (part.To <= limit) PostgresParts.SetAside(connection, part);
        long dropped = 0;
        foreach (var name in PostgresParts.ReadSetAside(connection)) dropped += await DropPartAsync(connection, name, cancel);
        return dropped + await DeleteOthersAsync(connection, limit, cancel);
    }

    private static async Task<long> DropPartAsync(NpgsqlConnection connection, string name, CancellationToken cancel)
    {
        long dropped = 0;
        for (var after = new Place(long.MinValue, 0); ;)
        {
            var rows = await new PostgresReading(connection, null, cancel).AllAsync(new PostgresStatement($"""
                SELECT conversation, seq, sender, client_id, gone FROM "{name}" WHERE (conversation, seq) > ($1, $2) ORDER BY conversation, seq LIMIT $3
                """).Add(after.Conversation).Add(after.Seq).Add(Chunk), Read);
            if (rows.Count == 0) break;
            after = new Place(rows[^1].Conversation, rows[^1].Seq);
            await InTransactionAsync(connection, (_, _) => Task.FromResult(Forget(rows)), cancel);
            dropped += rows.Count(row => !row.Gone);
        }

        await using var drop = new NpgsqlCommand($"DROP TABLE \"{name}\"", connection);
        await drop.ExecuteNonQueryAsync(cancel);
        return dropped;
    }

    /// <summary>What lies in no part of its own goes row by row: the beginning of each conversation, under the lock of its row.</summary>
    private static async Task<long> DeleteOthersAsync(NpgsqlConnection connection, long before, CancellationToken cancel)
    {
        long deleted = 0;
        for (long? conversation = long.MinValue; ;)
        {
            conversation = await new PostgresReading(connection, null, cancel).OneAsync<long?>(new PostgresStatement("""
                WITH RECURSIVE c(conversation) AS (
                    (SELECT conversation FROM message_other WHERE conversation > $1 ORDER BY conversation LIMIT 1)
                    UNION ALL
                    SELECT (SELECT m.conversation FROM message_other m WHERE m.conversation > c.conversation ORDER BY m.conversation LIMIT 1) FROM c WHERE c.conversation IS NOT NULL)
                SELECT conversation FROM c WHERE (SELECT m.created_at FROM message_other m WHERE m.conversation = c.conversation ORDER BY m.seq LIMIT 1) < $2 LIMIT 1
                """).Add(conversation.Value).Add(before), row => row.LongOrNull(0));
            if (conversation is not { } key) return deleted;
            // Found again as long as its oldest is too old.
            conversation = key - 1;
            deleted += await InTransactionAsync(connection, (c, t) => DeleteOfAsync(c, t, key, before, cancel), cancel);
        }
    }

    private static async Task<(IReadOnlyList<PostgresStatement>, int)> DeleteOfAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, long conversation, long before, CancellationToken cancel)
    {
        var reading = new PostgresReading(connection, transaction, cancel);
        await reading.EachAsync(new PostgresStatement("SELECT key FROM conversation WHERE key = $1 FOR UPDATE").Add(conversation), static _ => { });
        var rows = await reading.AllAsync(new PostgresStatement("""
            SELECT conversation, seq, sender, client_id, gone FROM message_other WHERE conversation = $1 AND created_at < $2 ORDER BY seq LIMIT $3
            """).Add(conversation).Add(before).Add(Chunk), Read);
        var (statements, count) = Forget(rows);
        return ([new PostgresStatement("DELETE FROM message_other WHERE conversation = $1 AND seq = ANY($2) AND created_at < $3")
            .Add(conversation).Add(rows.Select(row => row.Seq)).Add(before), .. statements], count);
    }

    /// <summary>Everything that was kept for these messages. A client id that comes again names a new message.</summary>
    private static (IReadOnlyList<PostgresStatement>, int) Forget(List<Row> rows)
    {
        var statements = new List<PostgresStatement>();
        if (rows.Count == 0) return (statements, 0);
        statements.Add(new PostgresStatement("""
            DELETE FROM sent s USING unnest($1, $2, $3, $4) x(client_id, sender, conversation, seq)
            WHERE s.client_id = x.client_id AND s.sender = x.sender AND s.conversation = x.conversation AND s.seq = x.seq
            """).Add(rows.Select(row => row.ClientId)).Add(rows.Select(row => row.Sender)).Add(rows.Select(row => row.Conversation)).Add(rows.Select(row => row.Seq)));
        foreach (var table in (string[])["search", "reaction", "hidden", "message_edit"])
            statements.Add(new PostgresStatement($"DELETE FROM {table} t USING unnest($1, $2) x(conversation, seq) WHERE t.conversation = x.conversation AND t.seq = x.seq")
                .Add(rows.Select(row => row.Conversation)).Add(rows.Select(row => row.Seq)));
        // The stars of one person lie together: they are found through the members, over a run of numbers and not for each.
        var runs = rows.GroupBy(row => row.Conversation).Select(run => (Conversation: run.Key, Low: run.First().Seq, High: run.Last().Seq)).ToList();
        statements.Add(new PostgresStatement("""
            DELETE FROM star s USING unnest($1, $2, $3) x(conversation, low, high) JOIN member m ON m.conversation = x.conversation
            WHERE s.account = m.account AND s.conversation = x.conversation AND s.seq BETWEEN x.low AND x.high
                AND NOT EXISTS (SELECT 1 FROM message kept WHERE kept.conversation = s.conversation AND kept.seq = s.seq)
            """).Add(runs.Select(run => run.Conversation)).Add(runs.Select(run => run.Low)).Add(runs.Select(run => run.High)));
        PostgresAttachments.Release(statements, [.. rows.Select(row => (row.Conversation, row.Seq))]);
        return (statements, rows.Count(row => !row.Gone));
    }

    /// <summary>In one short transaction; then as long a rest, so that half of what the disk can do stays for those who chat.</summary>
    private static async Task<int> InTransactionAsync(NpgsqlConnection connection,
        Func<NpgsqlConnection, NpgsqlTransaction, Task<(IReadOnlyList<PostgresStatement> Statements, int Count)>> decide, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                await new PostgresReading(connection, transaction, cancel).EachAsync(new PostgresStatement("SELECT set_config('lock_timeout', '2s', true)"), static _ => { });
                var (statements, count) = await decide(connection, transaction);
                if (statements.Count > 0)
                {
                    await using var batch = new NpgsqlBatch(connection, transaction);
                    foreach (var statement in statements) batch.BatchCommands.Add(statement.Command());
                    await batch.ExecuteNonQueryAsync(cancel);
                }

                await transaction.CommitAsync(cancel);
                await Task.Delay(Stopwatch.GetElapsedTime(started), cancel);
                return count;
            }
            catch (NpgsqlException e) when (tries < MaxConflicts && (PostgresFaults.IsConflict(e) || e.SqlState == PostgresErrorCodes.LockNotAvailable))
            {
                await Task.Delay(Random.Shared.Next(10, 100 * tries), cancel);
            }
        }
    }

    private readonly record struct Place(long Conversation, long Seq);

    private sealed record Row(long Conversation, long Seq, long Sender, string ClientId, bool Gone);

    private static Row Read(NpgsqlDataReader row) => new(row.Long(0), row.Long(1), row.Long(2), row.Text(3), !row.IsDBNull(4));
}
