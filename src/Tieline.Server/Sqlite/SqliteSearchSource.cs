namespace Tieline.Server.Sqlite;

/// <summary>The messages as the index reads them.</summary>
internal sealed class SqliteSearchSource : IDisposable
{
    private const string Columns = "m.conversation, m.seq, m.created_at, m.sender, c.low, c.high, m.text, m.attachments, m.deleted_at IS NOT NULL OR m.gone IS NOT NULL, COALESCE(m.deleted_at, m.edited_at, 0)";

    /// <summary>A clock may have been set back a little between two changes.</summary>
    private const long Overlap = 60_000_000;

    private readonly SqliteConnection _connection;

    public SqliteSearchSource(string path)
    {
        _connection = SqliteConnection.Open(path, create: false, TimeSpan.FromSeconds(2));
        _connection.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY");
    }

    /// <summary>Every conversation and the seq of its newest message.</summary>
    public IEnumerable<(long Conversation, long Seq)> Heads()
    {
        var rows = _connection.Prepare("SELECT c.key, COALESCE((SELECT MAX(seq) FROM message WHERE conversation = c.key), 0) FROM conversation c");
        while (rows.Step()) yield return (rows.Long(0), rows.Long(1));
    }

    public List<(long Conversation, long Seq)> ChangedSince(long moment)
    {
        var found = new List<(long, long)>();
        var rows = _connection.Prepare("""
            SELECT conversation, seq FROM message INDEXED BY message_changed WHERE COALESCE(deleted_at, edited_at) >= ? AND (edited_at IS NOT NULL OR deleted_at IS NOT NULL)
            """).Add(moment - Overlap);
        while (rows.Step()) found.Add((rows.Long(0), rows.Long(1)));
        return found;
    }

    /// <summary>The messages of a conversation after a seq, oldest first.</summary>
    public List<IndexedMessage> After(long conversation, long seq, int limit)
    {
        var found = new List<IndexedMessage>();
        var rows = _connection.Prepare($"""
            SELECT {Columns} FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.conversation = ? AND m.seq > ? ORDER BY m.seq LIMIT ?
            """).Add(conversation).Add(seq).Add(limit);
        while (rows.Step()) found.Add(Read(rows));
        return found;
    }

    public IndexedMessage? Find(long conversation, long seq)
    {
        var row = _connection.Prepare($"""
            SELECT {Columns} FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.conversation = ? AND m.seq = ?
            """).Add(conversation).Add(seq);
        IndexedMessage? found = row.Step() ? Read(row) : null;
        row.Reset();
        return found;
    }

    public void Dispose() => _connection.Dispose();

    private static IndexedMessage Read(SqliteStatement row) => new(row.Long(0), row.Long(1), row.Long(2), row.Long(3), row.LongOrNull(4), row.LongOrNull(5),
        row.Text(6), row.TextOrNull(7), row.Long(8) != 0, row.Long(9));
}
