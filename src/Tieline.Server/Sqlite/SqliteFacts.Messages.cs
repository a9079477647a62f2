using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteFacts
{
    public StoredMessage? FindMessage(ConversationKey conversation, long seq)
    {
        var row = connection.Prepare($"""
            SELECT {SqliteRows.MessageColumns}, m.sender FROM message m JOIN conversation c ON c.key = m.conversation {SqliteRows.MessageJoins}
            WHERE m.conversation = ? AND m.seq = ? AND m.gone IS NULL
            """).Add(conversation.Value).Add(seq);
        if (!row.Step()) return null;
        var message = new StoredMessage(conversation, new AccountKey(row.Long(SqliteRows.MessageColumnCount)), SqliteRows.Message(row, 0));
        row.Reset();
        return message;
    }

    public IReadOnlyCollection<AccountKey> HiddenFrom(ConversationKey conversation, long seq)
    {
        var found = new HashSet<AccountKey>();
        var rows = connection.Prepare("SELECT account FROM hidden WHERE conversation = ? AND seq = ?").Add(conversation.Value).Add(seq);
        while (rows.Step()) found.Add(new AccountKey(rows.Long(0)));
        return found;
    }

    public IReadOnlyList<Reaction> Reactions(ConversationKey conversation, long seq)
    {
        var found = new List<Reaction>();
        var rows = connection.Prepare("""
            SELECT r.account, a.id, r.emoji FROM reaction r JOIN account a ON a.key = r.account WHERE r.conversation = ? AND r.seq = ? ORDER BY r.at, r.account
            """).Add(conversation.Value).Add(seq);
        while (rows.Step()) found.Add(new Reaction(new AccountKey(rows.Long(0)), rows.Text(1), rows.Text(2)));
        return found;
    }

    public long CountPinned(ConversationKey conversation) =>
        Scalar(connection.Prepare("SELECT COUNT(*) FROM message WHERE conversation = ? AND pinned_at IS NOT NULL").Add(conversation.Value));

    public bool IsStarred(AccountKey account, ConversationKey conversation, long seq) =>
        Scalar(connection.Prepare("SELECT 1 FROM star WHERE account = ? AND conversation = ? AND seq = ?").Add(account.Value).Add(conversation.Value).Add(seq)) != 0;

    public IReadOnlyList<(ConversationKey Conversation, long Seq)> FindExpired(Timestamp now, int limit)
    {
        var found = new List<(ConversationKey, long)>();
        var rows = connection.Prepare("""
            SELECT conversation, seq FROM message INDEXED BY message_expiry WHERE expires_at IS NOT NULL AND expires_at <= ? AND gone IS NULL
            ORDER BY expires_at, conversation, seq LIMIT ?
            """).Add(now.Microseconds).Add(limit);
        while (rows.Step()) found.Add((new ConversationKey(rows.Long(0)), rows.Long(1)));
        return found;
    }

    public DraftText? FindDraft(AccountKey account, ConversationKey conversation)
    {
        var row = connection.Prepare("SELECT text, reply_to FROM draft WHERE account = ? AND conversation = ?").Add(account.Value).Add(conversation.Value);
        if (!row.Step()) return null;
        var draft = new DraftText(row.Text(0), row.TextOrNull(1));
        row.Reset();
        return draft;
    }
}
