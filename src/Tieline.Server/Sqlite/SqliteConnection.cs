using System.Diagnostics.CodeAnalysis;
using SQLitePCL;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>
/// One connection, used by one thread at a time, with its statements prepared once. A thin layer on SQLite's own API: the commit path
/// needs the extended error codes, the checkpoint and no allocation per row.
/// </summary>
internal sealed class SqliteConnection : IDisposable
{
    private readonly sqlite3 _db;
    // By reference: every SQL text is a constant, and hashing some hundred characters for each row would cost more than the look-up.
    private readonly Dictionary<object, SqliteStatement> _statements = new(ReferenceEqualityComparer.Instance);

    private byte[] _text = new byte[1024];

    static SqliteConnection() => Batteries_V2.Init();

    private SqliteConnection(sqlite3 db) => _db = db;

    /// <summary>Given to every message that is read here.</summary>
    public IAttachmentLinks? Links { get; init; }

    /// <param name="busyTimeout">How long to wait for another process that holds the lock.</param>
    /// <param name="gather">The log's writes are gathered: for the connection that writes with <c>synchronous=FULL</c>.</param>
    public static SqliteConnection Open(string path, bool create, TimeSpan busyTimeout, IAttachmentLinks? links = null, bool gather = false)
    {
        if (gather) GatheringVfs.Register();
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | (create ? raw.SQLITE_OPEN_CREATE : 0);
        var result = raw.sqlite3_open_v2(path, out var db, flags, gather ? GatheringVfs.Name : null);
        if (result != raw.SQLITE_OK)
        {
            var message = db is null ? "cannot open" : raw.sqlite3_errmsg(db).utf8_to_string();
            db?.Dispose();
            throw new SqliteException(result, $"{message} ({path})");
        }

        raw.sqlite3_extended_result_codes(db, 1);
        raw.sqlite3_busy_timeout(db, (int)busyTimeout.TotalMilliseconds);
        return new SqliteConnection(db) { Links = links };
    }

    /// <summary>A prepared statement of this connection; it stays prepared. Reset by its next <c>Prepare</c>.</summary>
    /// <param name="sql">A constant: a text made at run time would be prepared anew each time and never freed.</param>
    public SqliteStatement Prepare([ConstantExpected] string sql)
    {
        if (_statements.TryGetValue(sql, out var known)) return known.Reset();
        Check(raw.sqlite3_prepare_v2(_db, sql, out var handle));
        var statement = new SqliteStatement(this, handle);
        _statements.Add(sql, statement);
        return statement;
    }

    /// <summary>Runs one or more statements that need no values and return nothing.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_db, sql));

    /// <summary>Room for one value on its way into a statement. It grows to the largest text seen, and stays.</summary>
    internal byte[] TextBuffer(int bytes) => bytes <= _text.Length ? _text : _text = new byte[Math.Max(bytes, 2 * _text.Length)];

    /// <summary>Rows that the last statement wrote.</summary>
    public int Changes => raw.sqlite3_changes(_db);

    public bool InTransaction => raw.sqlite3_get_autocommit(_db) == 0;

    internal void Check(int result)
    {
        if (result is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE) return;
        throw new SqliteException(raw.sqlite3_extended_errcode(_db), raw.sqlite3_errmsg(_db).utf8_to_string());
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _db.Dispose();
    }
}
