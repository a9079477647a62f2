using System.Runtime.InteropServices;

namespace Tieline.Server.Sqlite;

/// <summary>
/// SQLite's calls for one row, of which the writer makes fifty for each message: straight to the library, where the wrapper counts references
/// to its handle in each. Those that neither wait nor copy do not leave the runtime's hands either.
/// </summary>
internal static unsafe class SqliteCalls
{
    /// <summary>The value is copied: its place is the caller's again when the call returns.</summary>
    public const nint Transient = -1;

    private const string Library = "e_sqlite3";

    [SuppressGCTransition]
    [DllImport(Library, EntryPoint = "sqlite3_bind_int64", CallingConvention = CallingConvention.Cdecl)]
    public static extern int BindLong(nint statement, int at, long value);

    [SuppressGCTransition]
    [DllImport(Library, EntryPoint = "sqlite3_bind_null", CallingConvention = CallingConvention.Cdecl)]
    public static extern int BindNull(nint statement, int at);

    [DllImport(Library, EntryPoint = "sqlite3_bind_text", CallingConvention = CallingConvention.Cdecl)]
    public static extern int BindText(nint statement, int at, byte* text, int bytes, nint destructor);

    [DllImport(Library, EntryPoint = "sqlite3_bind_blob", CallingConvention = CallingConvention.Cdecl)]
    public static extern int BindBlob(nint statement, int at, byte* value, int bytes, nint destructor);

    [DllImport(Library, EntryPoint = "sqlite3_step", CallingConvention = CallingConvention.Cdecl)]
    public static extern int Step(nint statement);

    [DllImport(Library, EntryPoint = "sqlite3_reset", CallingConvention = CallingConvention.Cdecl)]
    public static extern int Reset(nint statement);

    [SuppressGCTransition]
    [DllImport(Library, EntryPoint = "sqlite3_column_type", CallingConvention = CallingConvention.Cdecl)]
    public static extern int ColumnType(nint statement, int column);

    [SuppressGCTransition]
    [DllImport(Library, EntryPoint = "sqlite3_column_int64", CallingConvention = CallingConvention.Cdecl)]
    public static extern long ColumnLong(nint statement, int column);

    [DllImport(Library, EntryPoint = "sqlite3_column_text", CallingConvention = CallingConvention.Cdecl)]
    public static extern byte* ColumnText(nint statement, int column);

    [DllImport(Library, EntryPoint = "sqlite3_column_blob", CallingConvention = CallingConvention.Cdecl)]
    public static extern byte* ColumnBlob(nint statement, int column);

    /// <summary>After <see cref="ColumnText"/> or <see cref="ColumnBlob"/>: the length of what that gave.</summary>
    [DllImport(Library, EntryPoint = "sqlite3_column_bytes", CallingConvention = CallingConvention.Cdecl)]
    public static extern int ColumnBytes(nint statement, int column);
}
