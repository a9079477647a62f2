using Tieline.Core.Accounts;

namespace Tieline.Server.Sqlite;

/// <summary>
/// The events that a group has in common. One row tells the position of the event in the log of each member, so a log is read from its own
/// rows and from those of the groups its account is or was in. Within one stay positions only grow, so a place is found by halving.
/// </summary>
internal static class SqliteGroupLog
{
    /// <summary>An event of a group that stands in an account's log.</summary>
    public readonly record struct Share(long Pos, long Conversation, long Number);

    /// <summary>From when to when an account has had its share in a group's events.</summary>
    public readonly record struct Stay(long Conversation, long First, long Last);

    public static byte[] Encode((AccountKey Account, long Pos)[] positions)
    {
        var bytes = new byte[positions.Length * 12];
        var length = 0;
        long before = 0;
        foreach (var (account, pos) in positions)
        {
            length += Write(bytes.AsSpan(length), account.Value - before);
            length += Write(bytes.AsSpan(length), pos);
            before = account.Value;
            if (bytes.Length - length < 20) Array.Resize(ref bytes, bytes.Length * 2);
        }

        return bytes[..length];
    }

    public static long? Find(ReadOnlySpan<byte> positions, long account)
    {
        long key = 0;
        while (positions.Length > 0)
        {
            key += Read(ref positions);
            var pos = Read(ref positions);
            if (key == account) return pos;
            if (key > account) return null;
        }

        return null;
    }

    public static List<(long Account, long Pos)> Decode(ReadOnlySpan<byte> positions)
    {
        var found = new List<(long, long)>();
        long key = 0;
        while (positions.Length > 0)
        {
            key += Read(ref positions);
            found.Add((key, Read(ref positions)));
        }

        return found;
    }

    public static List<Stay> StaysOf(SqliteConnection connection, AccountKey account)
    {
        var stays = new List<Stay>();
        var rows = connection.Prepare("""
            SELECT s.conversation, s.first, COALESCE(s.last, (SELECT MAX(number) FROM group_event WHERE conversation = s.conversation)) FROM group_stay s WHERE s.account = ?
            """).Add(account.Value);
        while (rows.Step())
            if (!rows.IsNull(2)) stays.Add(new Stay(rows.Long(0), rows.Long(1), rows.Long(2)));
        return stays;
    }

    /// <summary>The newest position that an account has from its groups, 0 for none.</summary>
    public static long Head(SqliteConnection connection, AccountKey account, IReadOnlyList<Stay> stays)
    {
        long head = 0;
        foreach (var stay in stays) head = Math.Max(head, PositionOf(connection, stay, stay.Last, account) ?? 0);
        return head;
    }

    /// <summary>The shares right after a position, oldest first.</summary>
    public static List<Share> After(SqliteConnection connection, AccountKey account, IReadOnlyList<Stay> stays, long after, int limit)
    {
        var found = new List<Share>();
        foreach (var stay in stays)
        {
            var number = FirstAfter(connection, stay, account, after);
            for (var taken = 0; taken < limit && number <= stay.Last; number++, taken++)
                if (PositionOf(connection, stay, number, account) is { } pos) found.Add(new Share(pos, stay.Conversation, number));
        }

        found.Sort(static (one, other) => one.Pos.CompareTo(other.Pos));
        return found.Count <= limit ? found : found[..limit];
    }

    /// <summary>The number of the first event of a stay that stands after <paramref name="after"/>; one beyond the last if there is none. What was pruned counts as before.</summary>
    public static long FirstAfter(SqliteConnection connection, Stay stay, AccountKey account, long after)
    {
        if ((PositionOf(connection, stay, stay.Last, account) ?? 0) <= after) return stay.Last + 1;

        // Mostly little is missed: step back from the end in growing steps, then halve what lies between.
        var (low, high, step) = (stay.First - 1, stay.Last, 1L);
        while (high - step > low)
        {
            if ((PositionOf(connection, stay, high - step, account) ?? 0) <= after)
            {
                low = high - step;
                break;
            }

            high -= step;
            step *= 2;
        }

        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if ((PositionOf(connection, stay, middle, account) ?? 0) <= after) low = middle;
            else high = middle;
        }

        return high;
    }

    public static long? PositionOf(SqliteConnection connection, Stay stay, long number, AccountKey account)
    {
        var row = connection.Prepare("SELECT positions FROM group_event WHERE conversation = ? AND number = ?").Add(stay.Conversation).Add(number);
        if (!row.Step()) return null;
        var pos = Find(row.Bytes(0), account.Value);
        row.Reset();
        return pos;
    }

    private static int Write(Span<byte> target, long value)
    {
        var rest = (ulong)value;
        var length = 0;
        while (rest >= 0x80)
        {
            target[length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        target[length++] = (byte)rest;
        return length;
    }

    private static long Read(ref ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        for (var (shift, at) = (0, 0); ; shift += 7)
        {
            var next = source[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next >= 0x80) continue;
            source = source[at..];
            return (long)value;
        }
    }
}
