using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

/// <summary>The rows of attachments and of the messages that carry them.</summary>
internal static class SqliteAttachments
{
    private const string Columns = "a.id, a.owner, a.name, a.type, a.size, a.upload_length, a.width, a.height, a.blur, a.has_thumb";

    public static Attachment? Find(SqliteConnection connection, string id) =>
        One(connection.Prepare($"SELECT {Columns} FROM attachment a WHERE a.id = ? AND a.doomed = 0").Add(id));

    public static Attachment? FindIn(SqliteConnection connection, string conversation, string id) =>
        One(connection.Prepare($"""
            SELECT {Columns} FROM attachment a WHERE a.id = ? AND a.doomed = 0
                AND EXISTS (SELECT 1 FROM attachment_use u WHERE u.attachment = a.id AND u.conversation = (SELECT key FROM conversation WHERE id = ?))
            """).Add(id).Add(conversation));

    public static Attachment? FindPicture(SqliteConnection connection, string id) =>
        One(connection.Prepare($"SELECT {Columns} FROM attachment a WHERE a.id = ? AND a.doomed = 0 AND EXISTS (SELECT 1 FROM attachment_use u WHERE u.attachment = a.id AND u.seq = 0)")
            .Add(id));

    public static (Attachment Attachment, string Conversation)? FindVisible(SqliteConnection connection, AccountKey account, string id)
    {
        var row = connection.Prepare($"""
            SELECT {Columns}, c.id FROM attachment a JOIN attachment_use u ON u.attachment = a.id
                JOIN member mb ON mb.account = ? AND mb.conversation = u.conversation AND u.seq > mb.hidden_seq
                    AND u.seq <= COALESCE(mb.left_seq, u.seq) JOIN conversation c ON c.key = u.conversation
            WHERE a.id = ? AND a.doomed = 0
                AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = u.conversation AND h.seq = u.seq AND h.account = mb.account) LIMIT 1
            """).Add(account.Value).Add(id);
        if (!row.Step()) return null;
        var found = (Read(row), row.Text(10));
        row.Reset();
        return found;
    }

    public static bool IsUsed(SqliteConnection connection, string id)
    {
        var row = connection.Prepare("SELECT 1 FROM attachment_use WHERE attachment = ? LIMIT 1").Add(id);
        var used = row.Step();
        row.Reset();
        return used;
    }

    public static IReadOnlyList<(string Id, bool Doomed)> ReadUnused(SqliteConnection connection, Timestamp before, int limit)
    {
        var found = new List<(string, bool)>();
        // Oldest first: what a deleted message carried is unused since 0.
        var rows = connection.Prepare("SELECT id, doomed FROM attachment WHERE unused_since IS NOT NULL AND unused_since <= ? ORDER BY unused_since LIMIT ?")
            .Add(before.Microseconds).Add(limit);
        while (rows.Step()) found.Add((rows.Text(0), rows.Long(1) != 0));
        return found;
    }

    public static void Write(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        foreach (var attachment in changes.Attachments)
            connection.Prepare("""
                INSERT INTO attachment(id, owner, name, type, size, upload_length, width, height, blur, has_thumb, unused_since) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
                .Add(attachment.Id).Add(attachment.Owner.Value).Add(attachment.Name).Add(attachment.Type).Add(attachment.Size).Add(attachment.UploadLength)
                .Add(attachment.Width).Add(attachment.Height).Add(attachment.Blur).Add(attachment.HasThumb ? 1 : 0).Add(now.Microseconds).Run();
        foreach (var (attachment, conversation, seq) in changes.AttachmentUses)
        {
            connection.Prepare("INSERT INTO attachment_use(attachment, conversation, seq) VALUES(?, ?, ?)").Add(attachment).Add(conversation.Value).Add(seq).Run();
            connection.Prepare("UPDATE attachment SET unused_since = NULL WHERE id = ?").Add(attachment).Run();
        }

        foreach (var (group, picture) in changes.Pictures)
        {
            // Number 0 is no message's: it stands for the group itself.
            connection.Prepare("DELETE FROM attachment_use WHERE conversation = ? AND seq = 0").Add(group.Value).Run();
            if (picture is null) continue;
            connection.Prepare("INSERT INTO attachment_use(attachment, conversation, seq) VALUES(?, ?, 0)").Add(picture).Add(group.Value).Run();
            connection.Prepare("UPDATE attachment SET unused_since = NULL WHERE id = ?").Add(picture).Run();
        }

        foreach (var id in changes.DoomedAttachments)
            connection.Prepare("UPDATE attachment SET doomed = 1, unused_since = 0 WHERE id = ?").Add(id).Run();
        foreach (var id in changes.ForgottenAttachments)
            connection.Prepare("DELETE FROM attachment WHERE id = ? AND doomed = 1").Add(id).Run();
    }

    private static Attachment? One(SqliteStatement row)
    {
        if (!row.Step()) return null;
        var attachment = Read(row);
        row.Reset();
        return attachment;
    }

    private static Attachment Read(SqliteStatement row) => new(row.Text(0), new AccountKey(row.Long(1)), row.Text(2), row.Text(3), row.Long(4), row.Long(5),
        (int?)row.LongOrNull(6), (int?)row.LongOrNull(7), row.TextOrNull(8), row.Long(9) != 0);
}
