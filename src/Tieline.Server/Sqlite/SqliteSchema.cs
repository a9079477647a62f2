using System.Globalization;

namespace Tieline.Server.Sqlite;

/// <summary>The tables, as numbered steps that only go forward. A released step is never changed; a new one is added at the end.</summary>
internal static class SqliteSchema
{
    private static readonly string[] _steps =
    [
        """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE account(
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT UNIQUE, name TEXT NOT NULL, username TEXT,
            username_key TEXT UNIQUE, avatar TEXT, account_type TEXT, password_hash TEXT,
            received_pos INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL);

        CREATE TABLE conversation(
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, low INTEGER, high INTEGER, created_at INTEGER NOT NULL);
        CREATE UNIQUE INDEX conversation_pair ON conversation(low, high) WHERE kind = 0;

        -- The list and the unread counts are read from these two indexes alone.
        CREATE TABLE member(
            account INTEGER NOT NULL, conversation INTEGER NOT NULL, activity INTEGER NOT NULL, unread INTEGER NOT NULL,
            delivered_seq INTEGER NOT NULL, read_seq INTEGER NOT NULL, hidden_seq INTEGER NOT NULL,
            shown_delivered_seq INTEGER NOT NULL, shown_read_seq INTEGER NOT NULL,
            PRIMARY KEY(account, conversation)) WITHOUT ROWID;
        CREATE INDEX member_activity ON member(account, activity) WHERE activity > 0;
        CREATE INDEX member_unread ON member(account, conversation) WHERE unread > 0;
        CREATE INDEX member_conversation ON member(conversation);

        CREATE TABLE message(
            conversation INTEGER NOT NULL, seq INTEGER NOT NULL, sender INTEGER NOT NULL, client_id TEXT NOT NULL, created_at INTEGER NOT NULL,
            text TEXT NOT NULL, card TEXT, reply_to TEXT, attachments TEXT, edited_at INTEGER, deleted_at INTEGER,
            PRIMARY KEY(conversation, seq)) WITHOUT ROWID;

        -- One row for each send ever stored: the same client_id gets the same answer for the life of the message. The client_id stands
        -- first: UUIDv7s of all senders then lie side by side on few pages, where a page for each sender would be written in each batch.
        CREATE TABLE sent(
            client_id TEXT NOT NULL, sender INTEGER NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL, pos INTEGER NOT NULL,
            hash BLOB NOT NULL, PRIMARY KEY(client_id, sender)) WITHOUT ROWID;

        -- The log of each account, dense by pos.
        CREATE TABLE event(
            account INTEGER NOT NULL, pos INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, conversation INTEGER, seq INTEGER NOT NULL,
            actor INTEGER, PRIMARY KEY(account, pos)) WITHOUT ROWID;

        CREATE TABLE relation(
            account INTEGER NOT NULL, other INTEGER NOT NULL, blocked_at INTEGER, muted_at INTEGER, PRIMARY KEY(account, other)) WITHOUT ROWID;
        """,

        // Groups. A message in a group of a thousand is one row of group_event, not a thousand rows of event and of member.
        """
        CREATE TABLE chat_group(
            conversation INTEGER PRIMARY KEY, name TEXT NOT NULL, avatar TEXT, history INTEGER NOT NULL, announcements INTEGER NOT NULL,
            members INTEGER NOT NULL, link_code TEXT UNIQUE, link_expires_at INTEGER NOT NULL);

        -- With a row id, for its rows are long: the position that the event has in the log of each member, by account key.
        CREATE TABLE group_event(
            conversation INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, seq INTEGER NOT NULL, actor INTEGER,
            positions BLOB NOT NULL);
        CREATE UNIQUE INDEX group_event_number ON group_event(conversation, number);

        -- From which of a group's events to which an account has its share; last is null while it is a member.
        CREATE TABLE group_stay(
            account INTEGER NOT NULL, conversation INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER, PRIMARY KEY(account, conversation, first)) WITHOUT ROWID;
        CREATE INDEX group_stay_last ON group_stay(conversation, last) WHERE last IS NOT NULL;

        ALTER TABLE member ADD COLUMN role INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE member ADD COLUMN joined_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE member ADD COLUMN joined_seq INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE member ADD COLUMN left_seq INTEGER;
        ALTER TABLE member ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE member ADD COLUMN muted_until INTEGER;
        ALTER TABLE relation ADD COLUMN muted_until INTEGER;
        ALTER TABLE message ADD COLUMN notice TEXT;
        -- Up to here an account's log has been pruned.
        ALTER TABLE account ADD COLUMN pruned_pos INTEGER NOT NULL DEFAULT 0;
        UPDATE account SET pruned_pos = COALESCE((SELECT MIN(pos) - 1 FROM event WHERE account = account.key), 0);
        """,

        """
        -- By it the search index finds after a start what was edited or deleted behind its back. Messages that never changed are not in it.
        CREATE INDEX message_changed ON message(COALESCE(deleted_at, edited_at)) WHERE edited_at IS NOT NULL OR deleted_at IS NOT NULL;
        """,

        """
        ALTER TABLE message ADD COLUMN quote TEXT;
        ALTER TABLE message ADD COLUMN mentions TEXT;
        ALTER TABLE message ADD COLUMN forwarded INTEGER;
        ALTER TABLE message ADD COLUMN expires_at INTEGER;
        ALTER TABLE message ADD COLUMN pinned_at INTEGER;
        -- As they are on the wire: who reacted with what stands in the table of that name.
        ALTER TABLE message ADD COLUMN reactions TEXT;
        -- Set when the time of a disappearing message has come: nobody sees it any more, also not as a tombstone.
        ALTER TABLE message ADD COLUMN gone INTEGER;
        CREATE INDEX message_pinned ON message(conversation, pinned_at) WHERE pinned_at IS NOT NULL;
        CREATE INDEX message_expiry ON message(expires_at) WHERE expires_at IS NOT NULL AND gone IS NULL;

        ALTER TABLE conversation ADD COLUMN disappear_s INTEGER NOT NULL DEFAULT 0;

        -- What an edit replaced, for moderators.
        CREATE TABLE message_edit(
            key INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL);
        CREATE INDEX message_edit_message ON message_edit(conversation, seq);

        CREATE TABLE reaction(
            conversation INTEGER NOT NULL, seq INTEGER NOT NULL, account INTEGER NOT NULL, emoji TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY(conversation, seq, account)) WITHOUT ROWID;

        -- Deleted for one account only.
        CREATE TABLE hidden(
            conversation INTEGER NOT NULL, seq INTEGER NOT NULL, account INTEGER NOT NULL, PRIMARY KEY(conversation, seq, account)) WITHOUT ROWID;

        CREATE TABLE star(
            account INTEGER NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY(account, conversation, seq)) WITHOUT ROWID;
        CREATE INDEX star_at ON star(account, at);

        CREATE TABLE draft(
            account INTEGER NOT NULL, conversation INTEGER NOT NULL, text TEXT NOT NULL, reply_to TEXT, PRIMARY KEY(account, conversation)) WITHOUT ROWID;
        """,

        // What a group was when somebody left it.
        """
        ALTER TABLE member ADD COLUMN left_name TEXT;
        ALTER TABLE member ADD COLUMN left_avatar TEXT;
        ALTER TABLE member ADD COLUMN left_members INTEGER;
        """,

        // Attachments.
        """
        CREATE TABLE attachment(
            id TEXT PRIMARY KEY, owner INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL, upload_length INTEGER NOT NULL,
            width INTEGER, height INTEGER, blur TEXT, has_thumb INTEGER NOT NULL, unused_since INTEGER, doomed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE INDEX attachment_unused ON attachment(unused_since) WHERE unused_since IS NOT NULL;
        CREATE TABLE attachment_use(
            attachment TEXT NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(attachment, conversation, seq)) WITHOUT ROWID;
        CREATE INDEX attachment_use_message ON attachment_use(conversation, seq);

        -- However a message loses its attachments, they are counted; what nobody carries any more is unused since ever and goes at once.
        CREATE TRIGGER attachment_unlinked AFTER UPDATE OF attachments ON message WHEN old.attachments IS NOT NULL AND new.attachments IS NULL BEGIN
            DELETE FROM attachment_use WHERE conversation = old.conversation AND seq = old.seq;
        END;
        CREATE TRIGGER attachment_deleted AFTER DELETE ON message WHEN old.attachments IS NOT NULL BEGIN
            DELETE FROM attachment_use WHERE conversation = old.conversation AND seq = old.seq;
        END;
        CREATE TRIGGER attachment_released AFTER DELETE ON attachment_use BEGIN
            UPDATE attachment SET unused_since = 0
            WHERE id = old.attachment AND NOT EXISTS (SELECT 1 FROM attachment_use WHERE attachment = old.attachment);
        END;
        """,

        // Privacy, moderation, message requests.
        """
        -- What others may not see of an account, one bit for each switch (Privacy.Hidden).
        ALTER TABLE account ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE account ADD COLUMN suspended_at INTEGER;
        -- 1 while a direct chat is a stranger's request that this member has not accepted.
        ALTER TABLE member ADD COLUMN request INTEGER NOT NULL DEFAULT 0;

        -- Apart from the account's row, which is long and would be rewritten at each coming and going.
        CREATE TABLE seen(account INTEGER PRIMARY KEY, at INTEGER NOT NULL);

        CREATE TABLE flag(
            id INTEGER PRIMARY KEY, reporter INTEGER NOT NULL, user INTEGER NOT NULL, conversation INTEGER, seq INTEGER NOT NULL, reason INTEGER NOT NULL,
            text TEXT NOT NULL, context TEXT NOT NULL, created_at INTEGER NOT NULL, decision INTEGER, decided_at INTEGER);
        CREATE INDEX flag_open ON flag(id) WHERE decision IS NULL;
        CREATE INDEX flag_decided ON flag(id) WHERE decision IS NOT NULL;
        CREATE INDEX flag_reporter ON flag(reporter, user) WHERE decision IS NULL;
        """,
    ];

    public static int Version => _steps.Length;

    /// <summary>Brings a database to the version of this build.</summary>
    /// <exception cref="NewerDataException">The data folder was written by a newer version.</exception>
    public static void Migrate(SqliteConnection connection, string newEpoch)
    {
        connection.Execute("BEGIN IMMEDIATE");
        var found = (int)ReadVersion(connection);
        if (found > Version)
        {
            connection.Execute("ROLLBACK");
            throw new NewerDataException(found, Version);
        }

        for (var step = found; step < Version; step++) connection.Execute(_steps[step]);
        if (found < Version) connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        connection.Prepare("INSERT OR IGNORE INTO meta(name, value) VALUES('epoch', ?)").Add(newEpoch).Run();
        connection.Execute("COMMIT");
    }

    private static long ReadVersion(SqliteConnection connection)
    {
        var statement = connection.Prepare("PRAGMA user_version");
        statement.Step();
        var version = statement.Long(0);
        statement.Reset();
        return version;
    }
}

/// <summary>The data folder belongs to a newer version of Tieline.</summary>
public sealed class NewerDataException(int found, int known) : Exception(string.Create(CultureInfo.InvariantCulture,
    $"The data folder has schema version {found}, this build knows {known}: it was written by a newer version of Tieline. Start that version, or restore a backup made by this one. Nothing was changed."));
