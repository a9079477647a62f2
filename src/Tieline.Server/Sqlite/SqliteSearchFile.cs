using SQLitePCL;
using Tieline.Core.Search;

namespace Tieline.Server.Sqlite;

/// <summary>A message as the index keeps it.</summary>
internal readonly record struct IndexedMessage(long Conversation, long Seq, long CreatedAt, long Sender, long? Low, long? High, string Text, string? Attachments, bool Gone, long ChangedAt);

/// <summary>
/// The index in a file of its own: it can be made anew from the messages, so it is neither backed up nor synced at each commit, and writing it
/// never holds the lock that the messages are written under.
/// </summary>
internal sealed class SqliteSearchFile : IDisposable
{
    public const string FileName = "search.db";

    /// <summary>Changed when texts are split otherwise or stored otherwise: the index is then made anew.</summary>
    private const string Version = "2";

    /// <summary>Documents are numbered by the moment of their message, so that "newest first" and a span of time are an order and a range of numbers. Good until 2112.</summary>
    private const int PlacesPerMicrosecond = 2048;

    private readonly SqliteConnection _connection;

    private SqliteSearchFile(SqliteConnection connection) => _connection = connection;

    public static long FirstIdAt(long microseconds) => microseconds * PlacesPerMicrosecond;

    /// <summary>Opens the index of this database; empty if there was none, or one of another database or version.</summary>
    public static SqliteSearchFile Open(string folder, string epoch)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return OpenFile(path, epoch);
        }
        catch (SqliteException e) when ((e.Code & 0xff) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            foreach (var part in (string[])["", "-wal", "-shm"]) File.Delete(path + part);
            return OpenFile(path, epoch);
        }
    }

    public void Begin() => _connection.Execute("BEGIN IMMEDIATE");

    public void Commit() => _connection.Execute("COMMIT");

    /// <summary>Up to which seq a conversation is indexed.</summary>
    public long Progress(long conversation)
    {
        var row = _connection.Prepare("SELECT seq FROM progress WHERE conversation = ?").Add(conversation);
        var seq = row.Step() ? row.Long(0) : 0;
        row.Reset();
        return seq;
    }

    public void SetProgress(long conversation, long seq) => _connection.Prepare(
        "INSERT INTO progress(conversation, seq) VALUES(?, ?) ON CONFLICT(conversation) DO UPDATE SET seq = excluded.seq").Add(conversation).Add(seq).Run();

    /// <summary>The moment up to which edits and deletions are followed.</summary>
    public long ChangesUpTo
    {
        get
        {
            var row = _connection.Prepare("SELECT value FROM meta WHERE name = 'changes_up_to'");
            var value = row.Step() ? row.Long(0) : 0;
            row.Reset();
            return value;
        }
        set => _connection.Prepare("INSERT INTO meta(name, value) VALUES('changes_up_to', ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value").Add(value).Run();
    }

    /// <summary>Puts a message into the index as it is now, whether it was there or not.</summary>
    public void Put(IndexedMessage message)
    {
        var known = Find(message);
        if (known is { } old) _connection.Prepare("DELETE FROM term WHERE rowid = ?").Add(old).Run();
        if (message.Gone)
        {
            if (known is { } gone) _connection.Prepare("DELETE FROM doc WHERE id = ?").Add(gone).Run();
            return;
        }

        var id = known ?? Place(message);
        _connection.Prepare("INSERT INTO term(rowid, text) VALUES(?, ?)").Add(id).Add(DocumentOf(message)).Run();
    }

    /// <summary>Forgets the oldest messages of before a moment.</summary>
    /// <returns>How many.</returns>
    public int Forget(long before, int limit)
    {
        Begin();
        var documents = new List<long>();
        var rows = _connection.Prepare("SELECT id FROM doc WHERE id < ? ORDER BY id LIMIT ?").Add(FirstIdAt(before)).Add(limit);
        while (rows.Step()) documents.Add(rows.Long(0));
        rows.Reset();
        foreach (var id in documents)
        {
            _connection.Prepare("DELETE FROM term WHERE rowid = ?").Add(id).Run();
            _connection.Prepare("DELETE FROM doc WHERE id = ?").Add(id).Run();
        }

        Commit();
        return documents.Count;
    }

    public void Dispose() => _connection.Dispose();

    private static string DocumentOf(IndexedMessage message)
    {
        string[] scopes = message is { Low: { } low, High: { } high }
            ? [SqliteSearchTerms.OfAccount(low), SqliteSearchTerms.OfAccount(high)] : [SqliteSearchTerms.OfGroup(message.Conversation)];
        var marks = new List<string> { SqliteSearchTerms.Any, SqliteSearchTerms.From(message.Sender) };
        if (message.Low is not null) marks.Add(SqliteSearchTerms.In(message.Conversation));
        if (SearchedAttachments.HoldImage(message.Attachments)) marks.Add(SqliteSearchTerms.Image);
        return SqliteSearchTerms.Document(scopes, SearchTerms.TokensOf(message.Text), marks);
    }

    private long? Find(IndexedMessage message)
    {
        for (var first = FirstIdAt(message.CreatedAt); ; first += PlacesPerMicrosecond)
        {
            var row = _connection.Prepare("SELECT id FROM doc WHERE id >= ?1 AND id < ?1 + 2048 AND conversation = ?2 AND seq = ?3 LIMIT 1")
                .Add(first).Add(message.Conversation).Add(message.Seq);
            long? found = row.Step() ? row.Long(0) : null;
            row.Reset();
            if (found is not null || LastIn(first) != first + PlacesPerMicrosecond - 1) return found;
        }
    }

    /// <summary>Takes the first free number at the message's moment; where two thousand came at once, at the next.</summary>
    private long Place(IndexedMessage message)
    {
        var first = FirstIdAt(message.CreatedAt);
        long? last;
        while ((last = LastIn(first)) == first + PlacesPerMicrosecond - 1) first += PlacesPerMicrosecond;
        var id = last + 1 ?? first;
        _connection.Prepare("INSERT INTO doc(id, conversation, seq) VALUES(?, ?, ?)").Add(id).Add(message.Conversation).Add(message.Seq).Run();
        return id;
    }

    private long? LastIn(long first)
    {
        var row = _connection.Prepare("SELECT MAX(id) FROM doc WHERE id >= ?1 AND id < ?1 + 2048").Add(first);
        row.Step();
        var last = row.LongOrNull(0);
        row.Reset();
        return last;
    }

    private static SqliteSearchFile OpenFile(string path, string epoch)
    {
        var connection = SqliteConnection.Open(path, create: true, TimeSpan.FromSeconds(10));
        try
        {
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
            connection.Execute("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID");
            if (MadeFor(connection) != $"{Version} {epoch}") Create(connection, epoch);
            connection.Execute("COMMIT");
            return new SqliteSearchFile(connection);
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    private static string? MadeFor(SqliteConnection connection)
    {
        var row = connection.Prepare("SELECT value FROM meta WHERE name = 'made_for'");
        var made = row.Step() ? row.Text(0) : null;
        row.Reset();
        return made;
    }

    /// <summary>FTS5 keeps neither the text nor where in it a term stands: the messages have the one, the splitter decides about the other.</summary>
    private static void Create(SqliteConnection connection, string epoch)
    {
        connection.Execute("""
            DROP TABLE IF EXISTS term; DROP TABLE IF EXISTS doc; DROP TABLE IF EXISTS progress; DELETE FROM meta;
            CREATE TABLE progress(conversation INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
            CREATE TABLE doc(id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, seq INTEGER NOT NULL);
            CREATE VIRTUAL TABLE term USING fts5(text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
            """);
        connection.Prepare("INSERT INTO meta(name, value) VALUES('made_for', ?)").Add($"{Version} {epoch}").Run();
    }
}
