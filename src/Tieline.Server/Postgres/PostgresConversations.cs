using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

/// <summary>
/// Conversations as one account sees them. Direct chats stand in the order of an index; the place of a group follows from the position that its newest
/// message has in the account's log, so that a message touches no row of the members but their heads and logs.
/// </summary>
internal static class PostgresConversations
{
    private const int At = PostgresRows.MessageColumnCount;

    private const string Columns = $"""
        SELECT {PostgresRows.MessageColumns}, c.id, c.kind, mb.place, mb.unread, mb.delivered_seq, mb.read_seq,
            o.id, o.name, o.username, o.avatar, o.account_type, pm.shown_delivered_seq, pm.shown_read_seq, rel.blocked_at, rel.muted_at, rel.muted_until,
            COALESCE(mb.left_name, c.name), CASE WHEN mb.left_name IS NULL THEN c.avatar ELSE mb.left_avatar END, c.history,
            CASE WHEN mb.left_name IS NULL THEN c.announcements ELSE 0 END, COALESCE(mb.left_members, c.members), mb.role, mb.left_seq, mb.muted_until, mb.own,
            mb.hidden_seq, mb.joined_seq, mb.request, COALESCE(mb.left_seq, c.head_seq), c.disappear_s, d.text, d.reply_to
        """;

    private const string Joins = $"""
        JOIN conversation c ON c.key = mb.conversation
        LEFT JOIN account o ON c.kind = 0 AND o.key = CASE WHEN c.low = mb.account THEN c.high ELSE c.low END
        LEFT JOIN member pm ON pm.account = o.key AND pm.conversation = mb.conversation
        LEFT JOIN relation rel ON rel.account = mb.account AND rel.other = o.key
        LEFT JOIN LATERAL (SELECT newest.* FROM message newest
            WHERE newest.conversation = mb.conversation AND newest.seq <= COALESCE(mb.left_seq, c.head_seq) AND newest.seq > mb.hidden_seq AND newest.gone IS NULL
                AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = newest.conversation AND h.seq = newest.seq AND h.account = mb.account)
            ORDER BY newest.seq DESC LIMIT 1) m ON true
        LEFT JOIN draft d ON d.account = mb.account AND d.conversation = mb.conversation
        {PostgresRows.MessageJoins}
        """;

    /// <summary>Where the newest message of a group stands in the member's log.</summary>
    private const string PlaceOfGroup = """
        GREATEST(g.group_activity, COALESCE((SELECT e.pos FROM event e
            WHERE e.account = g.account AND e.conversation = g.conversation AND e.kind = 1 AND e.in_group = 1 ORDER BY e.pos DESC LIMIT 1), 0))
        """;

    private const string SelectPage = $"""
        {Columns} FROM (
            (SELECT d.*, d.activity AS place FROM member d WHERE d.account = $1 AND d.activity > 0 AND d.activity < $2 ORDER BY d.activity DESC LIMIT $3)
            UNION ALL
            (SELECT * FROM (SELECT g.*, {PlaceOfGroup} AS place FROM member g JOIN conversation gc ON gc.key = g.conversation
                WHERE g.account = $1 AND g.joined_seq > 0 AND COALESCE(g.left_seq, gc.head_seq) > g.hidden_seq) placed WHERE placed.place < $2 ORDER BY placed.place DESC LIMIT $3)
            ORDER BY place DESC LIMIT $3) mb {Joins} ORDER BY mb.place DESC
        """;

    private const string SelectOne = $"""
        {Columns} FROM (SELECT g.*, GREATEST(g.activity, {PlaceOfGroup}) AS place FROM member g WHERE g.account = $1 AND g.conversation = $2) mb {Joins}
        """;

    public static async Task<ConversationPage> ReadPageAsync(PostgresReading reading, AccountKey account, long? before, int limit, IAttachmentLinks? links)
    {
        var found = await reading.AllAsync(new PostgresStatement(SelectPage).Add(account.Value).Add(before ?? long.MaxValue).Add(limit + 1L), row => Read(row, links));
        var more = found.Count > limit;
        if (more) found.RemoveRange(limit, found.Count - limit);
        return new ConversationPage(await PostgresLog.HeadAsync(reading, account), found, more ? found[^1].Activity : null);
    }

    /// <summary>One conversation, null for somebody who never was in it.</summary>
    public static Task<WireConversation?> ReadAsync(PostgresReading reading, AccountKey account, ConversationKey key, IAttachmentLinks? links) =>
        reading.OneAsync(new PostgresStatement(SelectOne).Add(account.Value).Add(key.Value), row => Read(row, links));

    private static WireConversation Read(NpgsqlDataReader row, IAttachmentLinks? links)
    {
        var last = row.IsDBNull(1) ? null : PostgresRows.Message(row, 0, links);
        var user = row.IsDBNull(At + 6) ? null
            : new WirePerson(row.Text(At + 6), row.Text(At + 7), row.TextOrNull(At + 8), row.TextOrNull(At + 9), row.TextOrNull(At + 10));
        var head = row.Long(At + 28);
        var group = (ConversationKind)row.Long(At + 1) == ConversationKind.Group;
        var read = row.Long(At + 5);
        // As the ledger counts: what others wrote after what was read, hidden or there before the joining.
        var unread = group ? Math.Max(0, head - Math.Max(Math.Max(read, row.Long(At + 25)), row.Long(At + 26) - 1) - row.Long(At + 24)) : row.Long(At + 3);
        var mutedUntil = group ? row.LongOrNull(At + 23) : row.IsDBNull(At + 14) ? null : row.LongOrNull(At + 15) ?? Mute.Always;
        return new WireConversation(row.Text(At), group ? "group" : "direct", user, row.Long(At + 2), head, unread, last, read, row.Long(At + 4),
            row.Long(At + 12), row.Long(At + 11), Muted: mutedUntil is not null, Blocked: !row.IsDBNull(At + 13))
        {
            Group = group ? GroupOf(row) : null,
            MutedUntil = mutedUntil is { } until ? new Timestamp(until) : null,
            Left = !row.IsDBNull(At + 22),
            Request = row.Long(At + 27) != 0,
            DisappearSeconds = row.IsDBNull(At + 22) ? row.Long(At + 29) : 0,
            Draft = row.TextOrNull(At + 30) is { } text ? new WireDraft(text, row.TextOrNull(At + 31)) : null,
        };
    }

    public static string WordOf(long role) => (GroupRole)role switch { GroupRole.Owner => "owner", GroupRole.Admin => "admin", _ => "member" };

    private static WireGroup GroupOf(NpgsqlDataReader row) => new(row.Text(At + 16), row.TextOrNull(At + 17),
        WordOf(row.Long(At + 21)), row.Long(At + 20), row.Long(At + 19) != 0, (GroupHistory)row.Long(At + 18) == GroupHistory.All ? "all" : "joined");
}
