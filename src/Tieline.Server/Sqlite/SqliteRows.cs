using Tieline.Core.Accounts;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>How rows become values, for every query that returns accounts or messages.</summary>
internal static class SqliteRows
{
    public const string AccountColumns = "key, id, email, name, username, avatar, account_type";

    /// <summary>Columns of a message <c>m</c> in conversation <c>c</c> with its sender <c>s</c> and, in a direct chat, its receiver <c>p</c>.</summary>
    public const string MessageColumns = "c.id, m.seq, m.client_id, s.id, p.id, m.text, m.created_at, m.card, m.reply_to, m.attachments, m.edited_at, m.deleted_at, m.notice, "
        + "m.quote, m.mentions, m.forwarded, m.expires_at, m.pinned_at, m.reactions";

    public const int MessageColumnCount = 19;

    public const string MessageJoins = """
        LEFT JOIN account s ON s.key = m.sender
        LEFT JOIN account p ON c.kind = 0 AND p.key = CASE WHEN m.sender = c.low THEN c.high ELSE c.low END
        """;

    public static Account? FindAccountById(SqliteConnection connection, string id) =>
        OneAccount(connection.Prepare($"SELECT {AccountColumns} FROM account WHERE id = ?").Add(id));

    public static Account? FindAccountByEmail(SqliteConnection connection, string normalizedEmail) =>
        OneAccount(connection.Prepare($"SELECT {AccountColumns} FROM account WHERE email = ?").Add(normalizedEmail));

    public static Account? FindAccountByUsername(SqliteConnection connection, string normalizedUsername) =>
        OneAccount(connection.Prepare($"SELECT {AccountColumns} FROM account WHERE username_key = ?").Add(normalizedUsername));

    public static Account Account(SqliteStatement row, int at) => new(new AccountKey(row.Long(at)), row.Text(at + 1), row.TextOrNull(at + 2),
        row.Text(at + 3), row.TextOrNull(at + 4), row.TextOrNull(at + 5), row.TextOrNull(at + 6));

    public static WireMessage Message(SqliteStatement row, int at)
    {
        var (conversation, seq) = (row.Text(at), row.Long(at + 1));
        return new WireMessage(conversation, seq, MessageIds.Make(conversation, seq), row.Text(at + 2), row.Text(at + 3), row.TextOrNull(at + 4),
            row.Text(at + 5), new Timestamp(row.Long(at + 6)))
        {
            Card = row.TextOrNull(at + 7),
            ReplyTo = row.TextOrNull(at + 8),
            Attachments = row.TextOrNull(at + 9),
            Links = row.Links,
            EditedAt = row.LongOrNull(at + 10) is { } edited ? new Timestamp(edited) : null,
            Deleted = !row.IsNull(at + 11),
            Notice = row.TextOrNull(at + 12),
            Quote = row.TextOrNull(at + 13),
            Mentions = row.TextOrNull(at + 14),
            Forwarded = !row.IsNull(at + 15),
            ExpiresAt = row.LongOrNull(at + 16) is { } expires ? new Timestamp(expires) : null,
            PinnedAt = row.LongOrNull(at + 17) is { } pinned ? new Timestamp(pinned) : null,
            Reactions = row.TextOrNull(at + 18),
        };
    }

    private static Account? OneAccount(SqliteStatement row)
    {
        if (!row.Step()) return null;
        var account = Account(row, 0);
        row.Reset();
        return account;
    }
}
