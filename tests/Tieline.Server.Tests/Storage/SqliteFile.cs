using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;
using Tieline.Core.Storage;
using Tieline.Server.Sqlite;

namespace Tieline.Server.Tests.Storage;

/// <summary>A folder with a database in it, and a way in past the store.</summary>
internal sealed class SqliteFile : IDisposable
{
    /// <summary>SQLITE_STMTSTATUS_VM_STEP.</summary>
    private const int VmSteps = 4;

    public SqliteFile(string? folder = null) => Folder = folder ?? Directory.CreateTempSubdirectory("tieline-sqlite-").FullName;

    public string Folder { get; }
    public string Path => System.IO.Path.Combine(Folder, SqliteStore.FileName);

    public SqliteStore Open(ICommitListener? listener = null, TimeProvider? time = null, ILogger? log = null) =>
        SqliteStore.Open(Folder, time ?? TimeProvider.System, ChatServer.NewId, listener ?? new Commits(), log ?? NullLogger.Instance);

    /// <summary>A connection of somebody else to the same file.</summary>
    public SqliteConnection Connect() => SqliteConnection.Open(Path, create: true, TimeSpan.FromSeconds(5));

    public void Execute(string sql)
    {
        using var connection = Connect();
        connection.Execute(sql);
    }

    /// <summary>The first column of all rows.</summary>
    public List<string?> Read(string sql)
    {
        using var connection = Connect();
        return Read(connection, sql);
    }

    public static List<string?> Read(SqliteConnection connection, string sql, int column = 0)
    {
        var values = new List<string?>();
#pragma warning disable CA1857 // A test asks each question once.
        var rows = connection.Prepare(sql);
#pragma warning restore CA1857
        while (rows.Step()) values.Add(rows.TextOrNull(column));
        return values;
    }

    /// <summary>The connections that a store works with: its writer's, and those of its readers.</summary>
    public static IEnumerable<SqliteConnection> ConnectionsOf(SqliteStore store) => [WriterOf(store), .. Idle(Readers(store))];

    public static SqliteConnection WriterOf(SqliteStore store) => Connection(Writer(store));

    public static IEnumerable<string> StatementsOf(SqliteConnection connection) => Statements(connection).Keys.Cast<string>();

    /// <summary>What the statements of a connection have cost SQLite so far, in steps of its machine.</summary>
    public static long StepsOf(SqliteConnection connection) => Statements(connection).Values.Sum(statement => (long)raw.sqlite3_stmt_status(Handle(statement), VmSteps, 0));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_writer")]
    private static extern ref SqliteWriter Writer(SqliteStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_connection")]
    private static extern ref SqliteConnection Connection(SqliteWriter writer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_readers")]
    private static extern ref SqliteReaders Readers(SqliteStore store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_idle")]
    private static extern ref System.Collections.Concurrent.ConcurrentBag<SqliteConnection> Idle(SqliteReaders readers);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<handle>P")]
    private static extern ref sqlite3_stmt Handle(SqliteStatement statement);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_statements")]
    private static extern ref Dictionary<object, SqliteStatement> Statements(SqliteConnection connection);
}
