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

        WriteDisappearing(connection, changes);
        WritePersonal(connection, changes, now);
    }

    private static void WriteDisappearing(SqliteConnection connection, LedgerChanges changes)
    {
        foreach (var (conversation, seconds) in changes.DisappearSeconds)
            connection.Prepare("UPDATE conversation SET disappear_s = ? WHERE key = ?").Add(seconds).Add(conversation.Value).Run();
        // gone holds the first seq of the run of gone messages that ends here, so that a reader who goes down a history steps over all of it.
        foreach (var (conversation, seq) in changes.Gone.OrderBy(gone => gone.Conversation.Value).ThenBy(gone => gone.Seq))
            connection.Prepare("UPDATE message SET gone = COALESCE((SELECT p.gone FROM message p WHERE p.conversation = ?1 AND p.seq = ?2 - 1), ?2) WHERE conversation = ?1 AND seq = ?2")
                .Add(conversation.Value).Add(seq).Run();
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
