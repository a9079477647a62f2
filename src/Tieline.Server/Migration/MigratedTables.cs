using Tieline.Core.Accounts;
using Tieline.Server.Postgres;
using Tieline.Server.Sqlite;

namespace Tieline.Server.Migration;

/// <summary>Every table of the target and where its rows are in the source.</summary>
internal static class MigratedTables
{
    public static IReadOnlyList<MigratedTable> All { get; } =
    [
        Copied("account", "key:i id:t email:t name:t username:t username_key:t avatar:t account_type:t password_hash:t hidden:i suspended_at:i created_at:i", "key"),
        new("head", "account:i pos:i received_pos:i pruned_pos:i", Heads),
        new("conversation", "key:i id:t kind:i low:i high:i created_at:i head_seq:i disappear_s:i name:t avatar:t history:i announcements:i members:i link_code:t link_expires_at:i",
            source => source.Read("itiiiiiittiiiti", """
                SELECT c.key, c.id, c.kind, c.low, c.high, c.created_at, COALESCE((SELECT MAX(seq) FROM message WHERE conversation = c.key), 0), c.disappear_s,
                    g.name, g.avatar, g.history, g.announcements, g.members, g.link_code, g.link_expires_at
                FROM conversation c LEFT JOIN chat_group g ON g.conversation = c.key ORDER BY c.key
                """)),
        Copied("member", "conversation:i account:i activity:i unread:i delivered_seq:i read_seq:i hidden_seq:i shown_delivered_seq:i shown_read_seq:i role:i joined_at:i joined_seq:i left_seq:i own:i "
            + "muted_until:i left_name:t left_avatar:t left_members:i request:i", "account, conversation"),
        Copied("message", "conversation:i seq:i sender:i client_id:t created_at:i text:t card:t reply_to:t attachments:t edited_at:i deleted_at:i notice:t quote:t mentions:t forwarded:i expires_at:i "
            + "pinned_at:i reactions:t gone:i", "conversation, seq"),
        new("sent", "client_id:t sender:i conversation:i seq:i pos:i created_at:i hash:b", source => source.Read("tiiiiib", """
            SELECT s.client_id, s.sender, s.conversation, s.seq, s.pos, m.created_at, s.hash FROM sent s
            JOIN message m ON m.conversation = s.conversation AND m.seq = s.seq ORDER BY s.client_id, s.sender
            """)),
        new("event", "account:i pos:i at:i kind:i conversation:i seq:i actor:i in_group:i", Events),
        Copied("relation", "account:i other:i blocked_at:i muted_at:i muted_until:i", "account, other"),
        Copied("message_edit", "conversation:i seq:i at:i text:t", "key"),
        Copied("reaction", "conversation:i seq:i account:i emoji:t at:i", "conversation, seq, account"),
        Copied("hidden", "conversation:i seq:i account:i", "conversation, seq, account"),
        Copied("star", "account:i conversation:i seq:i at:i", "account, conversation, seq"),
        Copied("draft", "account:i conversation:i text:t reply_to:t", "account, conversation"),
        Copied("attachment", "id:t owner:i name:t type:t size:i upload_length:i width:i height:i blur:t has_thumb:i unused_since:i doomed:i", "id"),
        Copied("attachment_use", "attachment:t conversation:i seq:i", "attachment, conversation, seq"),
        Copied("seen", "account:i at:i", "account"),
        new("flag", "id:i reporter:i reported:i conversation:i seq:i reason:i text:t context:t created_at:i decision:i decided_at:i", source => source.Read("iiiiiittiii",
            "SELECT id, reporter, user, conversation, seq, reason, text, context, created_at, decision, decided_at FROM flag ORDER BY id")),
        new("search", "conversation:i seq:i created_at:i terms:v", Documents),
    ];

    /// <summary>The same columns on both sides.</summary>
    private static MigratedTable Copied(string table, string columns, string order)
    {
        var parts = columns.Split(' ');
        var sql = $"SELECT {string.Join(", ", parts.Select(part => part[..^2]))} FROM {table} ORDER BY {order}";
        var types = string.Concat(parts.Select(part => part[^1]));
        return new MigratedTable(table, columns, source => source.Read(types, sql));
    }

    private static IEnumerable<object?[]> Heads(SourceData source)
    {
        foreach (var row in source.Read("iii", "SELECT key, received_pos, pruned_pos FROM account ORDER BY key"))
            yield return [row[0], SqliteLog.Head(source.Connection, new AccountKey((long)row[0]!)), row[1], row[2]];
    }

    /// <summary>The rows of each account's own log, then the share of each member in the events of its groups.</summary>
    private static IEnumerable<object?[]> Events(SourceData source)
    {
        foreach (var row in source.Read("iiiiiii", """
            SELECT e.account, e.pos, e.at, e.kind, e.conversation, e.seq, CASE WHEN e.kind = 1 THEN m.sender ELSE e.actor END
            FROM event e LEFT JOIN message m ON e.kind = 1 AND m.conversation = e.conversation AND m.seq = e.seq ORDER BY e.account, e.pos
            """)) yield return [.. row, 0L];
        foreach (var row in source.Read("iiiiib", """
            SELECT g.conversation, g.at, g.kind, g.seq, CASE WHEN g.kind = 1 THEN m.sender ELSE g.actor END, g.positions
            FROM group_event g LEFT JOIN message m ON g.kind = 1 AND m.conversation = g.conversation AND m.seq = g.seq ORDER BY g.conversation, g.number
            """))
            foreach (var (account, pos) in SqliteGroupLog.Decode((byte[])row[5]!)) yield return [account, pos, row[1], row[2], row[0], row[3], row[4], 1L];
    }

    private static IEnumerable<object?[]> Documents(SourceData source)
    {
        foreach (var row in source.Read("iiiiiitt", """
            SELECT m.conversation, m.seq, m.created_at, m.sender, c.low, c.high, m.text, m.attachments FROM message m JOIN conversation c ON c.key = m.conversation
            WHERE m.deleted_at IS NULL AND m.gone IS NULL ORDER BY m.created_at, m.conversation, m.seq
            """))
            yield return [row[0], row[1], row[2], PostgresSearchTerms.Document((long)row[0]!, (long)row[3]!, (long?)row[4], (long?)row[5], (string)row[6]!, (string?)row[7])];
    }
}
