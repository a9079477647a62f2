using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    /// <summary>A page of long messages ends early, so that one answer stays near a megabyte.</summary>
    private const int MaxPageCharacters = 512 * 1024;

    private const string SelectHistory = $"""
        SELECT {SqliteRows.MessageColumns} FROM message m JOIN conversation c ON c.key = m.conversation {SqliteRows.MessageJoins}
        WHERE m.conversation = ? AND m.seq > ? AND m.seq < ? ORDER BY m.seq
        """;

    private const string SelectNewestFirst = SelectHistory + " DESC LIMIT ?";
    private const string SelectOldestFirst = SelectHistory + " ASC LIMIT ?";

    public ValueTask<LogPage> ReadLogAsync(AccountKey account, long after, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => ReadLog(connection, account, after, limit), cancel);

    public ValueTask<ConversationPage> ReadConversationsAsync(AccountKey account, long? before, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => ReadConversations(connection, account, before, limit), cancel);

    public ValueTask<HistoryPage?> ReadHistoryAsync(AccountKey account, ConversationTarget target, HistoryRange range, CancellationToken cancel) =>
        _readers.ReadAsync(connection => ReadHistory(connection, account, target, range), cancel);

    public ValueTask<IReadOnlyList<(string User, long Unread)>> ReadUnreadAsync(AccountKey account, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<(string, long)>>(connection =>
        {
            var found = new List<(string, long)>();
            var rows = connection.Prepare("""
                SELECT p.id, m.unread FROM member m INDEXED BY member_unread JOIN conversation c ON c.key = m.conversation AND c.kind = 0
                JOIN account p ON p.key = CASE WHEN c.low = m.account THEN c.high ELSE c.low END WHERE m.account = ? AND m.unread > 0
                """).Add(account.Value);
            while (rows.Step()) found.Add((rows.Text(0), rows.Long(1)));
            return found;
        }, cancel);

    private static LogPage ReadLog(SqliteConnection connection, AccountKey account, long after, int limit)
    {
        var bounds = connection.Prepare("SELECT (SELECT MIN(pos) FROM event WHERE account = ?1), (SELECT MAX(pos) FROM event WHERE account = ?1)").Add(account.Value);
        bounds.Step();
        var (oldest, head) = (bounds.LongOrNull(0) ?? 1, bounds.Long(1));
        bounds.Reset();

        var events = new List<AccountEvent>();
        if (after >= head) return new LogPage(events, head, oldest);
        // The message's twelve columns come first, then what the event itself and its present state need.
        var rows = connection.Prepare($"""
            SELECT {SqliteRows.MessageColumns}, e.pos, e.kind, e.conversation, m.sender, own.hidden_seq, actor.id, e.actor, e.account,
                r.delivered_seq, r.read_seq, r.shown_delivered_seq, r.shown_read_seq, rel.blocked_at, rel.muted_at
            FROM event e
            LEFT JOIN conversation c ON c.key = e.conversation
            LEFT JOIN message m ON e.kind = 1 AND m.conversation = e.conversation AND m.seq = e.seq
            {SqliteRows.MessageJoins}
            LEFT JOIN member own ON own.account = e.account AND own.conversation = e.conversation
            LEFT JOIN account actor ON actor.key = e.actor
            LEFT JOIN member r ON e.kind = 2 AND r.account = e.actor AND r.conversation = e.conversation
            LEFT JOIN relation rel ON e.kind = 4 AND rel.account = e.account AND rel.other = e.actor
            WHERE e.account = ? AND e.pos > ? ORDER BY e.pos LIMIT ?
            """).Add(account.Value).Add(after).Add(limit);
        var characters = 0;
        while (characters <= MaxPageCharacters && rows.Step())
        {
            var @event = ReadEvent(rows);
            if (@event is MessageEvent { Message.Wire: var message }) characters += CharactersOf(message);
            events.Add(new AccountEvent(rows.Long(SqliteRows.MessageColumnCount), @event));
        }

        rows.Reset();
        return new LogPage(events, head, oldest);
    }

    private static int CharactersOf(WireMessage message) => message.Text.Length + (message.Card?.Length ?? 0) + (message.Attachments?.Length ?? 0);

    /// <summary>An event as it is to be told now: a cleared message is void, a receipt shows how far it has come since.</summary>
    private static LogEvent ReadEvent(SqliteStatement row)
    {
        const int At = SqliteRows.MessageColumnCount;
        var hidden = row.Long(At + 4);
        switch ((EventKind)row.Long(At + 1))
        {
            case EventKind.Message:
                if (row.IsNull(At + 3) || row.Long(1) <= hidden) return VoidEvent.Instance;
                return new MessageEvent(new StoredMessage(new ConversationKey(row.Long(At + 2)), new AccountKey(row.Long(At + 3)), SqliteRows.Message(row, 0)));
            case EventKind.Receipt:
                var own = row.Long(At + 6) == row.Long(At + 7) ? 8 : 10;
                return new ReceiptEvent(row.Text(0), row.Text(At + 5), row.Long(At + own), row.Long(At + own + 1));
            case EventKind.Cleared:
                return new ClearedEvent(row.Text(0), hidden);
            case EventKind.Relation:
                return new RelationEvent(row.Text(At + 5), !row.IsNull(At + 12), !row.IsNull(At + 13));
            default:
                return VoidEvent.Instance;
        }
    }

    private static ConversationPage ReadConversations(SqliteConnection connection, AccountKey account, long? before, int limit)
    {
        var bounds = connection.Prepare("SELECT MAX(pos) FROM event WHERE account = ?").Add(account.Value);
        bounds.Step();
        var head = bounds.Long(0);
        bounds.Reset();

        var found = new List<WireConversation>();
        var rows = connection.Prepare($"""
            SELECT {SqliteRows.MessageColumns}, c.id, c.kind, mb.activity, mb.unread, mb.delivered_seq, mb.read_seq,
                o.id, o.name, o.username, o.avatar, o.account_type, pm.shown_delivered_seq, pm.shown_read_seq, rel.blocked_at, rel.muted_at
            FROM member mb INDEXED BY member_activity
            JOIN conversation c ON c.key = mb.conversation
            LEFT JOIN account o ON c.kind = 0 AND o.key = CASE WHEN c.low = mb.account THEN c.high ELSE c.low END
            LEFT JOIN member pm ON pm.account = o.key AND pm.conversation = mb.conversation
            LEFT JOIN relation rel ON rel.account = mb.account AND rel.other = o.key
            JOIN message m ON m.conversation = mb.conversation AND m.seq = (SELECT MAX(seq) FROM message WHERE conversation = mb.conversation)
            {SqliteRows.MessageJoins}
            WHERE mb.account = ? AND mb.activity > 0 AND mb.activity < ? ORDER BY mb.activity DESC LIMIT ?
            """).Add(account.Value).Add(before ?? long.MaxValue).Add(limit + 1);
        while (rows.Step()) found.Add(ReadConversation(rows));
        var more = found.Count > limit;
        if (more) found.RemoveAt(limit);
        return new ConversationPage(head, found, more ? found[^1].Activity : null);
    }

    private static WireConversation ReadConversation(SqliteStatement row)
    {
        const int At = SqliteRows.MessageColumnCount;
        var last = SqliteRows.Message(row, 0);
        var user = row.IsNull(At + 6) ? null
            : new WirePerson(row.Text(At + 6), row.Text(At + 7), row.TextOrNull(At + 8), row.TextOrNull(At + 9), row.TextOrNull(At + 10));
        return new WireConversation(row.Text(At), (ConversationKind)row.Long(At + 1) == ConversationKind.Direct ? "direct" : "group", user,
            row.Long(At + 2), last.Seq, row.Long(At + 3), last, row.Long(At + 5), row.Long(At + 4), row.Long(At + 12), row.Long(At + 11),
            Muted: !row.IsNull(At + 14), Blocked: !row.IsNull(At + 13));
    }

    private static HistoryPage? ReadHistory(SqliteConnection connection, AccountKey account, ConversationTarget target, HistoryRange range)
    {
        if (FindMembership(connection, account, target) is not { } membership) return null;
        var messages = new List<WireMessage>();
        var rows = (range.After is null ? connection.Prepare(SelectNewestFirst) : connection.Prepare(SelectOldestFirst))
            .Add(membership.Key.Value).Add(Math.Max(membership.HiddenSeq, range.After ?? 0)).Add(range.Before ?? long.MaxValue).Add(range.Limit + 1);
        var (characters, more) = (0, false);
        while (!more && rows.Step())
        {
            more = messages.Count == range.Limit || characters > MaxPageCharacters;
            if (more) continue;
            var message = SqliteRows.Message(rows, 0);
            characters += CharactersOf(message);
            messages.Add(message);
        }

        rows.Reset();
        if (range.After is null) messages.Reverse();
        return new HistoryPage(membership.Key, membership.Id, messages, more);
    }

    private static (ConversationKey Key, string Id, long HiddenSeq)? FindMembership(SqliteConnection connection, AccountKey account, ConversationTarget target)
    {
        const string Select = "SELECT c.key, c.id, mb.hidden_seq FROM conversation c JOIN member mb ON mb.conversation = c.key AND mb.account = ? WHERE ";
        var row = target switch
        {
            { Key: { } key } => connection.Prepare(Select + "c.key = ?").Add(account.Value).Add(key.Value),
            { Peer: { } peer } => connection.Prepare(Select + "c.kind = 0 AND c.low = ? AND c.high = ?").Add(account.Value)
                .Add(Math.Min(account.Value, peer.Key.Value)).Add(Math.Max(account.Value, peer.Key.Value)),
            _ => connection.Prepare(Select + "c.id = ?").Add(account.Value).Add(target.Conversation),
        };
        if (!row.Step()) return null;
        var found = (new ConversationKey(row.Long(0)), row.Text(1), row.Long(2));
        row.Reset();
        return found;
    }
}
