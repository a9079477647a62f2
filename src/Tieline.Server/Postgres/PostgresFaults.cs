using Npgsql;

namespace Tieline.Server.Postgres;

/// <summary>What an error of the database says about what was to be stored.</summary>
internal static class PostgresFaults
{
    /// <summary>Another node was in the way; nothing is stored, and tried again it may be.</summary>
    public static bool IsConflict(NpgsqlException e) => e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation;

    /// <summary>The fault lies in what was to be stored, and not in the database.</summary>
    public static bool IsOfRow(NpgsqlException e) => e.SqlState is { } state && state[..2] is "21" or "22" or "23" or "42" or "54";

    /// <summary>The database itself says that it rolled back. Where the connection was lost, or the server stopped, in the middle of COMMIT, nobody can say.</summary>
    public static bool IsCertainlyNotStored(NpgsqlException e) => e is PostgresException && e.SqlState![..2] is "40" or "53" or "25" or "23";

    /// <summary>Nothing was wrong with the question: asked again, on another connection, it may be answered.</summary>
    public static bool IsPassing(NpgsqlException e) => e.IsTransient || e.SqlState is { } state && (state[..2] is "08" or "57" or "40" || state == PostgresErrorCodes.LockNotAvailable);
}
