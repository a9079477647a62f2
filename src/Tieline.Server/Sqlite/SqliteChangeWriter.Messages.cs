using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

internal static partial class SqliteChangeWriter
{
    /// <summary>After the new messages, which the same batch may have changed already.</summary>
    private static void WriteMessageChanges(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        foreach (var (conversation, seq, text) in changes.Edits)
            connection.Prepare("INSERT INTO message_edit(conversation, seq, at, text) VALUES(?, ?, ?, ?)")
                .Add(conversation.Value).Add(seq).Add(now.Microseconds).Add(text).Run();
        foreach (var ((conversation, seq), message) in changes.Updates)
        {
            var wire = message.Wire;
            connection.Prepare("""
                UPDATE message SET text = ?, card = ?, attachments = ?, edited_at = ?, deleted_at = CASE WHEN ? THEN COALESCE(deleted_at, ?) END,
                    pinned_at = ?, reactions = ?, quote = ?, mentions = ?, reply_to = ? WHERE conversation = ? AND seq = ?
                """)
                .Add(wire.Text).Add(wire.Card).Add(wire.Attachments).Add(wire.EditedAt?.Microseconds).Add(wire.Deleted ? 1 : 0).Add(now.Microseconds)
                .Add(wire.PinnedAt?.Microseconds).Add(wire.Reactions).Add(wire.Quote).Add(wire.Mentions).Add(wire.ReplyTo)
                .Add(conversation.Value).Add(seq).Run();
            if (wire.Deleted) RemoveWhatBelongedTo(connection, conversation, seq);
        }

        foreach (var ((conversation, seq, account), emoji) in changes.Reactions)
        {
            connection.Prepare("DELETE FROM reaction WHERE conversation = ? AND seq = ? AND account = ?").Add(conversation.Value).Add(seq).Add(account.Value).Run();
            if (emoji is not null && !(changes.Updates.TryGetValue((conversation, seq), out var message) && message.Wire.Deleted))
                connection.Prepare("INSERT INTO reaction(conversation, seq, account, emoji, at) VALUES(?, ?, ?, ?, ?)")
                    .Add(conversation.Value).Add(seq).Add(account.Value).Add(emoji).Add(now.Microseconds).Run();
        }

        WritePersonal(connection, changes, now);
    }

    private static void RemoveWhatBelongedTo(SqliteConnection connection, ConversationKey conversation, long seq)
    {
        connection.Prepare("DELETE FROM message_edit WHERE conversation = ? AND seq = ?").Add(conversation.Value).Add(seq).Run();
        connection.Prepare("DELETE FROM reaction WHERE conversation = ? AND seq = ?").Add(conversation.Value).Add(seq).Run();
    }

    private static void WritePersonal(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        foreach (var (conversation, seq, account) in changes.Hidden)
            connection.Prepare("INSERT OR IGNORE INTO hidden(conversation, seq, account) VALUES(?, ?, ?)").Add(conversation.Value).Add(seq).Add(account.Value).Run();
        foreach (var ((account, conversation, seq), starred) in changes.Stars)
        {
            if (starred)
                connection.Prepare("INSERT OR IGNORE INTO star(account, conversation, seq, at) VALUES(?, ?, ?, ?)")
                    .Add(account.Value).Add(conversation.Value).Add(seq).Add(now.Microseconds).Run();
            else connection.Prepare("DELETE FROM star WHERE account = ? AND conversation = ? AND seq = ?").Add(account.Value).Add(conversation.Value).Add(seq).Run();
        }

        foreach (var ((account, conversation), draft) in changes.Drafts)
        {
            if (draft is null) connection.Prepare("DELETE FROM draft WHERE account = ? AND conversation = ?").Add(account.Value).Add(conversation.Value).Run();
            else
                connection.Prepare("INSERT OR REPLACE INTO draft(account, conversation, text, reply_to) VALUES(?, ?, ?, ?)")
                    .Add(account.Value).Add(conversation.Value).Add(draft.Text).Add(draft.ReplyTo).Run();
        }
    }
}
