using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

/// <summary>The rows of attachments and of the messages that carry them.</summary>
internal static class PostgresAttachments
{
    public const string Columns = "a.id, a.owner, a.name, a.type, a.size, a.upload_length, a.width, a.height, a.blur, a.has_thumb";

    public const string Select = $"SELECT {Columns} FROM attachment a WHERE";

    public static Attachment Read(NpgsqlDataReader row) => new(row.Text(0), new AccountKey(row.Long(1)), row.Text(2), row.Text(3), row.Long(4), row.Long(5),
        (int?)row.LongOrNull(6), (int?)row.LongOrNull(7), row.TextOrNull(8), row.Long(9) != 0);

    public static void Write(List<PostgresStatement> statements, LedgerChanges changes, Timestamp now)
    {
        if (changes.Attachments is { Count: > 0 } added)
            statements.Add(new PostgresStatement("""
                INSERT INTO attachment(id, owner, name, type, size, upload_length, width, height, blur, has_thumb, unused_since)
                SELECT *, $11::bigint FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """)
                .Add(added.Select(a => a.Id)).Add(added.Select(a => a.Owner.Value)).Add(added.Select(a => a.Name)).Add(added.Select(a => a.Type)).Add(added.Select(a => a.Size))
                .Add(added.Select(a => a.UploadLength)).Add(added.Select(a => (long?)a.Width)).Add(added.Select(a => (long?)a.Height)).Add(added.Select(a => a.Blur))
                .Add(added.Select(a => a.HasThumb ? 1L : 0L)).Add(now.Microseconds));
        if (changes.AttachmentUses is { Count: > 0 } uses)
        {
            statements.Add(new PostgresStatement("INSERT INTO attachment_use(attachment, conversation, seq) SELECT * FROM unnest($1, $2, $3)")
                .Add(uses.Select(use => use.Attachment)).Add(uses.Select(use => use.Conversation.Value)).Add(uses.Select(use => use.Seq)));
            statements.Add(new PostgresStatement("UPDATE attachment SET unused_since = NULL WHERE id = ANY($1)").Add(uses.Select(use => use.Attachment)));
        }

        if (changes.Pictures is { Count: > 0 } pictures)
        {
            // Number 0 is no message's: it stands for the group itself.
            Release(statements, [.. pictures.Keys.Select(group => (group.Value, 0L))]);
            var shown = pictures.Where(pair => pair.Value is not null).ToList();
            statements.Add(new PostgresStatement("INSERT INTO attachment_use(attachment, conversation, seq) SELECT *, 0 FROM unnest($1, $2) u(attachment, conversation)")
                .Add(shown.Select(pair => pair.Value!)).Add(shown.Select(pair => pair.Key.Value)));
            statements.Add(new PostgresStatement("UPDATE attachment SET unused_since = NULL WHERE id = ANY($1)").Add(shown.Select(pair => pair.Value!)));
        }

        if (changes.DoomedAttachments is { Count: > 0 } doomed)
            statements.Add(new PostgresStatement("UPDATE attachment SET doomed = 1, unused_since = 0 WHERE id = ANY($1)").Add(doomed));
        if (changes.ForgottenAttachments is { Count: > 0 } forgotten)
            statements.Add(new PostgresStatement("DELETE FROM attachment WHERE id = ANY($1) AND doomed = 1").Add(forgotten));
    }

    /// <summary>These messages carry nothing any more. What nobody carries is unused since ever and goes at once.</summary>
    public static void Release(List<PostgresStatement> statements, IReadOnlyCollection<(long Conversation, long Seq)> messages)
    {
        if (messages.Count == 0) return;
        statements.Add(new PostgresStatement("""
            UPDATE attachment a SET unused_since = 0 FROM unnest($1, $2) gone(conversation, seq) JOIN attachment_use u ON u.conversation = gone.conversation AND u.seq = gone.seq
            WHERE a.id = u.attachment AND NOT EXISTS (SELECT 1 FROM attachment_use other WHERE other.attachment = a.id
                AND NOT EXISTS (SELECT 1 FROM unnest($1, $2) too(conversation, seq) WHERE too.conversation = other.conversation AND too.seq = other.seq))
            """).Add(messages.Select(message => message.Conversation)).Add(messages.Select(message => message.Seq)));
        statements.Add(new PostgresStatement("""
            DELETE FROM attachment_use u USING unnest($1, $2) gone(conversation, seq) WHERE u.conversation = gone.conversation AND u.seq = gone.seq
            """).Add(messages.Select(message => message.Conversation)).Add(messages.Select(message => message.Seq)));
    }
}
