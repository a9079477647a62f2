using SQLitePCL;

namespace Tieline.Server.Sqlite;

/// <summary>An error of SQLite, with what it means for a transaction that was under way.</summary>
internal sealed class SqliteException(int code, string message) : Exception($"SQLite error {code}: {message}")
{
    /// <summary>The extended result code.</summary>
    public int Code { get; } = code;

    private int Primary => Code & 0xff;

    public bool IsFull => Primary == raw.SQLITE_FULL;

    /// <summary>True when one command's row is at fault, and not the storage: the others can be stored without it.</summary>
    public bool IsFaultOfRow => Primary is raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG or raw.SQLITE_RANGE or raw.SQLITE_ERROR or raw.SQLITE_MISUSE;

    /// <summary>True when the transaction is certainly not stored: it was refused before anything could have reached the disk, or rolled back.</summary>
    public bool IsCertainlyNotStored => Primary is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_NOMEM;
}
