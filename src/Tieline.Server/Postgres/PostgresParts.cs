using System.Globalization;
using Npgsql;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

/// <summary>
/// The parts of the message table. Each holds a span of time, so that what is too old is dropped and not deleted; messages of times that no part was made for lie in
/// <c>message_other</c>. A part that is to go is first set aside, which is quick, and emptied of what belongs to it only when nobody reads it any more.
/// </summary>
internal static class PostgresParts
{
    /// <summary>At the end of the name of a part that is set aside: one that an operator took out himself, to keep it elsewhere, is not ours to drop.</summary>
    private const string SetAsideName = "_dropped";

    /// <summary>All writers of the table wait while its parts change, and the change waits for all who read: no longer than this at a time.</summary>
    private const int LockMilliseconds = 100;

    private const int Tries = 50;
    private const int DaysOfQuarters = 730;
    private const int DaysOfMonths = 60;

    public readonly record struct Part(string Name, long From, long To);

    /// <summary>
    /// Makes the parts for now and for the span after it, where they are missing. The shorter messages are kept, the narrower: a part goes when the youngest in it is too old.
    /// What was made ahead when they were kept for longer, and holds nothing yet, is made anew.
    /// </summary>
    public static void Extend(NpgsqlConnection connection, DateTimeOffset now, int retentionDays)
    {
        var here = SpanAt(now, retentionDays);
        var wide = 2 * (Microseconds(here.To) - Microseconds(here.From));
        foreach (var part in Read(connection))
            if (part.From > Microseconds(now) && part.To < long.MaxValue && part.To - part.From > wide) DropEmpty(connection, part);
        Cover(connection, now, SpanAt(here.To, retentionDays).To, retentionDays);
    }

    /// <summary>Makes what is missing from one moment to another.</summary>
    public static void Cover(NpgsqlConnection connection, DateTimeOffset from, DateTimeOffset to, int retentionDays)
    {
        var parts = Read(connection);
        for (var at = Microseconds(from); at < Microseconds(to);)
        {
            if (parts.FirstOrDefault(part => part.From <= at && at < part.To) is { Name: not null } known)
            {
                at = known.To;
                continue;
            }

            var span = SpanAt(new DateTimeOffset(DateTime.UnixEpoch.AddMicroseconds(at)), retentionDays);
            var start = parts.Where(part => part.To <= at).Aggregate(Microseconds(span.From), (latest, part) => Math.Max(latest, part.To));
            var end = parts.Where(part => part.From > at).Aggregate(Microseconds(span.To), (first, part) => Math.Min(first, part.From));
            var whole = retentionDays is 0 or >= DaysOfQuarters && start == Microseconds(span.From) && end == Microseconds(span.To);
            var name = whole
                ? string.Create(CultureInfo.InvariantCulture, $"message_{span.From.Year}q{((span.From.Month - 1) / 3) + 1}")
                : string.Create(CultureInfo.InvariantCulture, $"message_{DateTime.UnixEpoch.AddMicroseconds(start):yyyyMMdd}");
            // Not made: messages of that span lie in the part for other times already, and stay there; another node was first; or the table is busy, and the next round tries again.
            Change(connection, string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE {name} PARTITION OF message FOR VALUES FROM ({start}) TO ({end})"));
            at = end;
        }
    }

    /// <summary>The parts that hold a span, oldest first.</summary>
    public static List<Part> Read(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("""
            SELECT name, COALESCE((regexp_match(bound, 'FROM \(''?(-?\d+)'))[1]::bigint, -9223372036854775808) AS low, COALESCE((regexp_match(bound, 'TO \(''?(-?\d+)'))[1]::bigint, 9223372036854775807)
            FROM (SELECT c.relname::text AS name, pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'message'::regclass) part WHERE bound <> 'DEFAULT' ORDER BY low
            """, connection);
        using var row = command.ExecuteReader();
        var found = new List<Part>();
        while (row.Read()) found.Add(new Part(row.Text(0), row.Long(1), row.Long(2)));
        return found;
    }

    /// <summary>From here on nobody sees the messages of a part. They are not counted yet among what is gone.</summary>
    /// <returns>False when the table was too busy.</returns>
    public static bool SetAside(NpgsqlConnection connection, Part part) => Change(connection, $"""
        ALTER TABLE message DETACH PARTITION "{part.Name}"; ALTER TABLE "{part.Name}" RENAME TO "{part.Name}{SetAsideName}"
        """);

    public static List<string> ReadSetAside(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand($"""
            SELECT relname::text FROM pg_class WHERE relname ~ '^message_.*{SetAsideName}$' AND relkind = 'r' AND NOT relispartition AND pg_table_is_visible(oid) ORDER BY relname
            """, connection);
        using var row = command.ExecuteReader();
        var found = new List<string>();
        while (row.Read()) found.Add(row.Text(0));
        return found;
    }

    private static void DropEmpty(NpgsqlConnection connection, Part part) => Change(connection, $"""
        LOCK TABLE ONLY message IN ACCESS EXCLUSIVE MODE;
        DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM "{part.Name}") THEN DROP TABLE "{part.Name}"; END IF; END $$
        """);

    /// <summary>Waits a little for its turn, then lets those pass that queue behind it, and tries again.</summary>
    private static bool Change(NpgsqlConnection connection, string sql)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var transaction = connection.BeginTransaction();
                using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL lock_timeout = {LockMilliseconds}; {sql}"), connection, transaction);
                command.ExecuteNonQuery();
                transaction.Commit();
                return true;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                if (tries == Tries) return false;
                Thread.Sleep(Random.Shared.Next(LockMilliseconds, 3 * LockMilliseconds));
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.CheckViolation or PostgresErrorCodes.InvalidObjectDefinition or PostgresErrorCodes.DuplicateTable
                or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.UndefinedTable)
            {
                return false;
            }
        }
    }

    private static (DateTimeOffset From, DateTimeOffset To) SpanAt(DateTimeOffset moment, int retentionDays)
    {
        if (retentionDays is 0 or >= DaysOfQuarters)
        {
            var quarter = new DateTimeOffset(moment.Year, (((moment.Month - 1) / 3) * 3) + 1, 1, 0, 0, 0, TimeSpan.Zero);
            return (quarter, quarter.AddMonths(3));
        }

        if (retentionDays >= DaysOfMonths)
        {
            var month = new DateTimeOffset(moment.Year, moment.Month, 1, 0, 0, 0, TimeSpan.Zero);
            return (month, month.AddMonths(1));
        }

        // Weeks begin on Mondays; day 0 of all was a Thursday.
        var day = (moment - DateTimeOffset.UnixEpoch).Days;
        var monday = DateTimeOffset.UnixEpoch.AddDays(day - ((day + 3) % 7));
        return (monday, monday.AddDays(7));
    }

    private static long Microseconds(DateTimeOffset moment) => Timestamp.From(moment).Microseconds;
}
