using System.Diagnostics;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

/// <summary>
/// Deletes messages that are too old, with everything that belonged to them: of each conversation the beginning, in short transactions of a connection of its own, with as
/// long a rest after each, so that sends in between wait for one chunk at most. The newest message of a conversation keeps its row, empty: its seq is where the next begins.
/// </summary>
internal sealed class SqliteRetention(string path)
{
    private const int Chunk = 500;

    /// <returns>How many messages went.</returns>
    public long Drop(Timestamp before, CancellationToken cancel)
    {
        using var connection = SqliteConnection.Open(path, create: false, TimeSpan.FromSeconds(10));
        // Not synced by itself: the next send does it, and what a crash brings back goes in the next round.
        connection.Execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
        long dropped = 0;
        for (long? conversation = Next(connection, 0); conversation is { } key && !cancel.IsCancellationRequested; conversation = Next(connection, key))
        {
            while (HasOld(connection, key, before.Microseconds) && !cancel.IsCancellationRequested)
            {
                var started = Stopwatch.GetTimestamp();
                connection.Execute("BEGIN IMMEDIATE");
                dropped += DropChunk(connection, key, before.Microseconds);
                connection.Execute("COMMIT");
                cancel.WaitHandle.WaitOne(Stopwatch.GetElapsedTime(started));
            }
        }

        return dropped;
    }

    /// <summary>True where the oldest row is too old, and more than what is kept of a conversation that is gone.</summary>
    private static bool HasOld(SqliteConnection connection, long conversation, long before)
    {
        var row = connection.Prepare("""
            SELECT m.created_at < ?2 AND (m.gone IS NULL OR EXISTS(SELECT 1 FROM message WHERE conversation = ?1 AND seq > m.seq)
                OR EXISTS(SELECT 1 FROM sent s WHERE s.client_id = m.client_id AND s.sender = m.sender AND s.conversation = ?1 AND s.seq = m.seq))
            FROM message m WHERE m.conversation = ?1 ORDER BY m.seq LIMIT 1
            """).Add(conversation).Add(before);
        var old = row.Step() && row.Long(0) != 0;
        row.Reset();
        return old;
    }

    private static long DropChunk(SqliteConnection connection, long conversation, long before)
    {
        var head = Ask(connection.Prepare("SELECT MAX(seq) FROM message WHERE conversation = ?").Add(conversation));
        var sends = new List<(string ClientId, long Sender, long Seq)>();
        long messages = 0;
        var rows = connection.Prepare("SELECT client_id, sender, seq, created_at, gone IS NULL FROM message WHERE conversation = ? ORDER BY seq LIMIT ?").Add(conversation).Add(Chunk);
        while (rows.Step() && rows.Long(3) < before)
        {
            sends.Add((rows.Text(0), rows.Long(1), rows.Long(2)));
            messages += rows.Long(4);
        }

        rows.Reset();
        if (sends.Count == 0) return 0;
        foreach (var (clientId, sender, seq) in sends)
            connection.Prepare("DELETE FROM sent WHERE client_id = ? AND sender = ? AND conversation = ? AND seq = ?").Add(clientId).Add(sender).Add(conversation).Add(seq).Run();
        var last = sends[^1].Seq;
        connection.Prepare("DELETE FROM message_edit WHERE conversation = ? AND seq <= ?").Add(conversation).Add(last).Run();
        connection.Prepare("DELETE FROM reaction WHERE conversation = ? AND seq <= ?").Add(conversation).Add(last).Run();
        connection.Prepare("DELETE FROM hidden WHERE conversation = ? AND seq <= ?").Add(conversation).Add(last).Run();
        connection.Prepare("DELETE FROM star WHERE account IN (SELECT account FROM member WHERE conversation = ?1) AND conversation = ?1 AND seq <= ?2").Add(conversation).Add(last).Run();
        // Its attachments are let go by the triggers.
        connection.Prepare("DELETE FROM message WHERE conversation = ? AND seq <= ? AND seq < ?").Add(conversation).Add(last).Add(head).Run();
        if (last == head) Empty(connection, conversation, head);
        return messages;
    }

    private static void Empty(SqliteConnection connection, long conversation, long seq) =>
        connection.Prepare("""
            UPDATE message SET gone = seq, text = '', card = NULL, reply_to = NULL, attachments = NULL, edited_at = NULL, deleted_at = NULL, notice = NULL, quote = NULL,
                mentions = NULL, forwarded = NULL, expires_at = NULL, pinned_at = NULL, reactions = NULL WHERE conversation = ? AND seq = ? AND gone IS NULL
            """).Add(conversation).Add(seq).Run();

    private static long? Next(SqliteConnection connection, long after)
    {
        var row = connection.Prepare("SELECT MIN(conversation) FROM message WHERE conversation > ?").Add(after);
        var next = row.Step() ? row.LongOrNull(0) : null;
        row.Reset();
        return next;
    }

    private static long Ask(SqliteStatement row)
    {
        var value = row.Step() ? row.Long(0) : 0;
        row.Reset();
        return value;
    }
}
