using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

/// <summary>How rows become values, for every query that returns accounts or messages.</summary>
internal static class PostgresRows
{
    public const string AccountColumns = "a.key, a.id, a.email, a.name, a.username, a.avatar, a.account_type";

    /// <summary>Columns of a message <c>m</c> in conversation <c>c</c> with its sender <c>s</c> and, in a direct chat, its receiver <c>p</c>.</summary>
    public const string MessageColumns = "c.id, m.seq, m.client_id, s.id, p.id, m.text, m.created_at, m.card, m.reply_to, m.attachments, m.edited_at, m.deleted_at, m.notice, "
        + "m.quote, m.mentions, m.forwarded, m.expires_at, m.pinned_at, m.reactions";

    public const int MessageColumnCount = 19;

    public const string MessageJoins = """
        LEFT JOIN account s ON s.key = m.sender
        LEFT JOIN account p ON c.kind = 0 AND p.key = CASE WHEN m.sender = c.low THEN c.high ELSE c.low END
        """;

    public static Account Account(NpgsqlDataReader row, int at) => new(new AccountKey(row.Long(at)), row.Text(at + 1), row.TextOrNull(at + 2),
        row.Text(at + 3), row.TextOrNull(at + 4), row.TextOrNull(at + 5), row.TextOrNull(at + 6));

    public static WireMessage Message(NpgsqlDataReader row, int at, IAttachmentLinks? links)
    {
        var (conversation, seq) = (row.Text(at), row.Long(at + 1));
        return new WireMessage(conversation, seq, MessageIds.Make(conversation, seq), row.Text(at + 2), row.Text(at + 3), row.TextOrNull(at + 4),
            row.Text(at + 5), new Timestamp(row.Long(at + 6)))
        {
            Card = row.TextOrNull(at + 7),
            ReplyTo = row.TextOrNull(at + 8),
            Attachments = row.TextOrNull(at + 9),
            Links = links,
            EditedAt = MomentOf(row, at + 10),
            Deleted = !row.IsDBNull(at + 11),
            Notice = row.TextOrNull(at + 12),
            Quote = row.TextOrNull(at + 13),
            Mentions = row.TextOrNull(at + 14),
            Forwarded = !row.IsDBNull(at + 15),
            ExpiresAt = MomentOf(row, at + 16),
            PinnedAt = MomentOf(row, at + 17),
            Reactions = row.TextOrNull(at + 18),
        };
    }

    public static Timestamp? MomentOf(NpgsqlDataReader row, int at) => row.LongOrNull(at) is { } moment ? new Timestamp(moment) : null;

    public static int CharactersOf(WireMessage message) => message.Text.Length + (message.Card?.Length ?? 0) + (message.Attachments?.Length ?? 0);
}
