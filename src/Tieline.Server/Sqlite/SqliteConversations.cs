using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>
/// Conversations as one account sees them. The list has direct chats in the order of an index; the place of a group follows from the
/// position that its newest message has in the account's log, so that a message need not touch the row of every member.
/// </summary>
internal static class SqliteConversations
{
    private const int At = SqliteRows.MessageColumnCount;

    private const string Columns = $"""
        SELECT {SqliteRows.MessageColumns}, c.id, c.kind, mb.activity, mb.unread, mb.delivered_seq, mb.read_seq,
            o.id, o.name, o.username, o.avatar, o.account_type, pm.shown_delivered_seq, pm.shown_read_seq, rel.blocked_at, rel.muted_at, rel.muted_until,
            COALESCE(mb.left_name, g.name), CASE WHEN mb.left_name IS NULL THEN g.avatar ELSE mb.left_avatar END, g.history,
            CASE WHEN mb.left_name IS NULL THEN g.announcements ELSE 0 END, COALESCE(mb.left_members, g.members), mb.role, mb.left_seq, mb.muted_until, mb.own, mb.hidden_seq, mb.joined_seq, mb.request,
            mb.conversation, m.gone, h.seq, c.disappear_s, d.text, d.reply_to
        """;

    private const string Joins = $"""
        JOIN conversation c ON c.key = mb.conversation
        LEFT JOIN chat_group g ON g.conversation = mb.conversation
        LEFT JOIN account o ON c.kind = 0 AND o.key = CASE WHEN c.low = mb.account THEN c.high ELSE c.low END
        LEFT JOIN member pm ON pm.account = o.key AND pm.conversation = mb.conversation
        LEFT JOIN relation rel ON rel.account = mb.account AND rel.other = o.key
        LEFT JOIN message m ON m.conversation = mb.conversation AND m.seq = COALESCE(mb.left_seq, (SELECT MAX(seq) FROM message WHERE conversation = mb.conversation))
        {SqliteRows.MessageJoins}
        LEFT JOIN hidden h ON h.conversation = mb.conversation AND h.seq = m.seq AND h.account = mb.account
        LEFT JOIN draft d ON d.account = mb.account AND d.conversation = mb.conversation
        """;

    public static ConversationPage ReadPage(SqliteConnection connection, AccountKey account, long? before, int limit)
    {
        var stays = SqliteGroupLog.StaysOf(connection, account);
        var end = before ?? long.MaxValue;
        var found = new List<WireConversation>();
        var rows = connection.Prepare($"""
            {Columns} FROM member mb INDEXED BY member_activity {Joins}
            WHERE mb.account = ? AND mb.activity > 0 AND mb.activity < ? ORDER BY mb.activity DESC LIMIT ?
            """).Add(account.Value).Add(end).Add(limit + 1);
        while (rows.Step()) found.Add(Read(connection, account, rows, rows.Long(At + 2)));

        foreach (var (key, activity) in GroupsBefore(connection, account, stays, end, limit + 1))
            if (Read(connection, account, key, activity) is { } conversation) found.Add(conversation);
        found.Sort(static (one, other) => other.Activity.CompareTo(one.Activity));
        var more = found.Count > limit;
        if (more) found.RemoveRange(limit, found.Count - limit);
        return new ConversationPage(SqliteLog.Head(connection, account), found, more ? found[^1].Activity : null);
    }

    /// <summary>One conversation, null for somebody who never was in it.</summary>
    public static WireConversation? Read(SqliteConnection connection, AccountKey account, ConversationKey key)
    {
        long activity = 0;
        foreach (var stay in SqliteGroupLog.StaysOf(connection, account))
            if (stay.Conversation == key.Value) activity = Math.Max(activity, ActivityOf(connection, account, stay));
        return Read(connection, account, key, activity);
    }

    private static WireConversation? Read(SqliteConnection connection, AccountKey account, ConversationKey key, long activity)
    {
        var row = connection.Prepare($"{Columns} FROM member mb {Joins} WHERE mb.account = ? AND mb.conversation = ?").Add(account.Value).Add(key.Value);
        if (!row.Step()) return null;
        var conversation = Read(connection, account, row, Math.Max(activity, row.Long(At + 2)));
        row.Reset();
        return conversation;
    }

    /// <summary>The newest groups of the list with the position of their newest message; none of which everything is hidden.</summary>
    private static List<(ConversationKey Key, long Activity)> GroupsBefore(SqliteConnection connection, AccountKey account, List<SqliteGroupLog.Stay> stays, long before, int limit)
    {
        var found = new Dictionary<long, long>();
        foreach (var stay in stays)
            if (!IsHidden(connection, account, stay.Conversation))
                found[stay.Conversation] = Math.Max(found.GetValueOrDefault(stay.Conversation), ActivityOf(connection, account, stay));
        return [.. found.Where(group => group.Value < before).OrderByDescending(group => group.Value).Take(limit).Select(group => (new ConversationKey(group.Key), group.Value))];
    }

    private static bool IsHidden(SqliteConnection connection, AccountKey account, long conversation)
    {
        var row = connection.Prepare("""
            SELECT COALESCE(left_seq, (SELECT MAX(seq) FROM message WHERE conversation = member.conversation)) <= hidden_seq FROM member WHERE account = ? AND conversation = ?
            """).Add(account.Value).Add(conversation);
        var hidden = !row.Step() || row.Long(0) != 0;
        row.Reset();
        return hidden;
    }

    /// <summary>The position of the newest message of a stay; few other events stand behind it.</summary>
    private static long ActivityOf(SqliteConnection connection, AccountKey account, SqliteGroupLog.Stay stay)
    {
        var row = connection.Prepare("SELECT number FROM group_event WHERE conversation = ? AND number <= ? AND kind = 1 ORDER BY number DESC LIMIT 1")
            .Add(stay.Conversation).Add(stay.Last);
        var number = row.Step() ? row.Long(0) : 0;
        row.Reset();
        return SqliteGroupLog.PositionOf(connection, stay, number, account) ?? 0;
    }

    private static WireConversation Read(SqliteConnection connection, AccountKey account, SqliteStatement row, long activity)
    {
        // The newest message is nearly always one that may be seen, and is joined; only where it is not the one before is looked for.
        var (head, after) = (row.LongOrNull(At + 22) ?? row.Long(1), row.Long(At + 25));
        var seen = head > after && !row.IsNull(1) && row.IsNull(At + 29) && row.IsNull(At + 30);
        var last = seen ? SqliteRows.Message(row, 0) : NewestVisible(connection, account, row.Long(At + 28), after, row.LongOrNull(At + 29) ?? head);
        var user = row.IsNull(At + 6) ? null
            : new WirePerson(row.Text(At + 6), row.Text(At + 7), row.TextOrNull(At + 8), row.TextOrNull(At + 9), row.TextOrNull(At + 10));
        var group = (ConversationKind)row.Long(At + 1) == ConversationKind.Group;
        var read = row.Long(At + 5);
        // As the ledger counts: what others wrote after what was read, hidden or there before the joining.
        var unread = group ? Math.Max(0, head - Math.Max(Math.Max(read, row.Long(At + 25)), row.Long(At + 26) - 1) - row.Long(At + 24)) : row.Long(At + 3);
        var mutedUntil = group ? row.LongOrNull(At + 23) : row.IsNull(At + 14) ? null : row.LongOrNull(At + 15) ?? Mute.Always;
        return new WireConversation(row.Text(At), group ? "group" : "direct", user, activity, head, unread, last, read, row.Long(At + 4),
            row.Long(At + 12), row.Long(At + 11), Muted: mutedUntil is not null, Blocked: !row.IsNull(At + 13))
        {
            Group = group ? GroupOf(row) : null,
            MutedUntil = mutedUntil is { } until ? new Timestamp(until) : null,
            Left = !row.IsNull(At + 22),
            Request = row.Long(At + 27) != 0,
            DisappearSeconds = row.IsNull(At + 22) ? row.Long(At + 31) : 0,
            Draft = row.TextOrNull(At + 32) is { } text ? new WireDraft(text, row.TextOrNull(At + 33)) : null,
        };
    }

    /// <summary>The newest message before a seq that the account may see. A run of messages that have disappeared is stepped over at once.</summary>
    private static WireMessage? NewestVisible(SqliteConnection connection, AccountKey account, long conversation, long after, long before)
    {
        while (before > after + 1)
        {
            var row = connection.Prepare($"""
                SELECT {SqliteRows.MessageColumns}, m.gone, h.seq FROM message m JOIN conversation c ON c.key = m.conversation {SqliteRows.MessageJoins}
                LEFT JOIN hidden h ON h.conversation = m.conversation AND h.seq = m.seq AND h.account = ? WHERE m.conversation = ? AND m.seq = ?
                """).Add(account.Value).Add(conversation).Add(before - 1);
            if (!row.Step()) return null;
            var found = row.IsNull(At) && row.IsNull(At + 1) ? SqliteRows.Message(row, 0) : null;
            before = row.LongOrNull(At) ?? before - 1;
            row.Reset();
            if (found is not null) return found;
        }

        return null;
    }

    public static string WordOf(long role) => (GroupRole)role switch { GroupRole.Owner => "owner", GroupRole.Admin => "admin", _ => "member" };

    private static WireGroup GroupOf(SqliteStatement row) => new(row.Text(At + 16), row.TextOrNull(At + 17),
        WordOf(row.Long(At + 21)), row.Long(At + 20), row.Long(At + 19) != 0, (GroupHistory)row.Long(At + 18) == GroupHistory.All ? "all" : "joined");
}
