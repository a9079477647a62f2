using System.Text;
using SQLitePCL;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>A prepared statement. Values are bound in order by <c>Add</c>; columns are read by index.</summary>
internal sealed class SqliteStatement(SqliteConnection connection, sqlite3_stmt handle) : IDisposable
{
    private int _bound;

    public IAttachmentLinks? Links => connection.Links;

    public SqliteStatement Add(long value)
    {
        connection.Check(raw.sqlite3_bind_int64(handle, ++_bound, value));
        return this;
    }

    public SqliteStatement Add(long? value) => value is { } number ? Add(number) : AddNull();

    public SqliteStatement Add(string? value)
    {
        if (value is null) return AddNull();
        // SQLite copies: the buffer is the connection's again when this returns.
        var buffer = connection.TextBuffer(Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, buffer);
        connection.Check(raw.sqlite3_bind_text(handle, ++_bound, buffer.AsSpan(0, length)));
        return this;
    }

    public SqliteStatement Add(byte[] value)
    {
        connection.Check(raw.sqlite3_bind_blob(handle, ++_bound, value));
        return this;
    }

    /// <summary>Goes to the next row.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(handle);
        if (result == raw.SQLITE_ROW) return true;
        if (result != raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(handle);
            connection.Check(result);
        }

        raw.sqlite3_reset(handle);
        return false;
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    public void Run() => Step();

    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    internal SqliteStatement Reset()
    {
        raw.sqlite3_reset(handle);
        _bound = 0;
        return this;
    }

    private SqliteStatement AddNull()
    {
        connection.Check(raw.sqlite3_bind_null(handle, ++_bound));
        return this;
    }

    public void Dispose() => handle.Dispose();
}
