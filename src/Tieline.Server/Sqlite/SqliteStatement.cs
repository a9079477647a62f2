using System.Text;
using SQLitePCL;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>A prepared statement. Values are bound in order by <c>Add</c>; columns are read by index.</summary>
internal sealed unsafe class SqliteStatement(SqliteConnection connection, sqlite3_stmt handle) : IDisposable
{
    // Good as long as the handle, which is disposed with this only.
    private readonly nint _statement = handle.DangerousGetHandle();
    private int _bound;
    private bool _onRow;

    public IAttachmentLinks? Links => connection.Links;

    public SqliteStatement Add(long value)
    {
        connection.Check(SqliteCalls.BindLong(_statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Add(long? value) => value is { } number ? Add(number) : AddNull();

    public SqliteStatement Add(string? value)
    {
        if (value is null) return AddNull();
        var buffer = connection.TextBuffer(Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, buffer);
        fixed (byte* text = buffer) connection.Check(SqliteCalls.BindText(_statement, ++_bound, text, length, SqliteCalls.Transient));
        return this;
    }

    public SqliteStatement Add(byte[] value)
    {
        // A pointer to nothing would mean NULL.
        ReadOnlySpan<byte> bytes = value.Length > 0 ? value : [0];
        fixed (byte* blob = bytes) connection.Check(SqliteCalls.BindBlob(_statement, ++_bound, blob, value.Length, SqliteCalls.Transient));
        return this;
    }

    /// <summary>Goes to the next row.</summary>
    public bool Step()
    {
        var result = SqliteCalls.Step(_statement);
        _onRow = result == raw.SQLITE_ROW;
        if (_onRow) return true;
        // Before the error is read: the reset of a failed statement says it again.
        _ = SqliteCalls.Reset(_statement);
        if (result != raw.SQLITE_DONE) connection.Check(result);
        return false;
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    public void Run() => Step();

    public long Long(int column) => SqliteCalls.ColumnLong(_statement, column);

    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

    public string Text(int column)
    {
        var text = SqliteCalls.ColumnText(_statement, column);
        return Encoding.UTF8.GetString(text, SqliteCalls.ColumnBytes(_statement, column));
    }

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var blob = SqliteCalls.ColumnBlob(_statement, column);
        return new ReadOnlySpan<byte>(blob, SqliteCalls.ColumnBytes(_statement, column));
    }

    public byte[] Blob(int column) => Bytes(column).ToArray();

    public bool IsNull(int column) => SqliteCalls.ColumnType(_statement, column) == raw.SQLITE_NULL;

    internal SqliteStatement Reset()
    {
        if (_onRow) _ = SqliteCalls.Reset(_statement);
        (_onRow, _bound) = (false, 0);
        return this;
    }

    private SqliteStatement AddNull()
    {
        connection.Check(SqliteCalls.BindNull(_statement, ++_bound));
        return this;
    }

    public void Dispose() => handle.Dispose();
}
