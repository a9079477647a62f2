using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    private const string SelectHistory = $"""
        SELECT {SqliteRows.MessageColumns}, m.gone FROM message m JOIN conversation c ON c.key = m.conversation {SqliteRows.MessageJoins}
        WHERE m.conversation = ? AND m.seq > ? AND m.seq < ?
            AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = ?) ORDER BY m.seq
        """;

    private const string SelectNewestFirst = SelectHistory + " DESC";
    private const string SelectOldestFirst = SelectHistory + " ASC";

    public ValueTask<LogPage> ReadLogAsync(AccountKey account, long after, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteLog.Read(connection, account, after, limit), cancel);

    public ValueTask<ConversationPage> ReadConversationsAsync(AccountKey account, long? before, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteConversations.ReadPage(connection, account, before, limit), cancel);

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

    private static HistoryPage? ReadHistory(SqliteConnection connection, AccountKey account, ConversationTarget target, HistoryRange range)
    {
        if (FindMembership(connection, account, target) is not { } membership) return null;
        var messages = new List<WireMessage>();
        var after = Math.Max(membership.HiddenSeq, range.After ?? 0);
        var before = Math.Min((membership.LeftSeq ?? long.MaxValue - 1) + 1, range.Before ?? long.MaxValue);
        var (characters, more, next) = (0, false, (long?)before);
        while (!more && next is { } until)
        {
            next = null;
            var rows = (range.After is null ? connection.Prepare(SelectNewestFirst) : connection.Prepare(SelectOldestFirst)).Add(membership.Key.Value).Add(after).Add(until).Add(account.Value);
            while (!more && rows.Step())
            {
                if (rows.LongOrNull(SqliteRows.MessageColumnCount) is { } firstGone)
                {
                    // Down the history a run of messages that have disappeared is stepped over at once, however long it is.
                    if (range.After is not null) continue;
                    next = firstGone;
                    break;
                }

                more = messages.Count == range.Limit || characters > SqliteLog.MaxPageCharacters;
                if (more) continue;
                var message = SqliteRows.Message(rows, 0);
                characters += SqliteLog.CharactersOf(message);
                messages.Add(message);
            }

            rows.Reset();
        }

        if (range.After is null) messages.Reverse();
        return new HistoryPage(membership.Key, membership.Id, messages, more);
    }

    /// <param name="HiddenSeq">What this member may see begins after it.</param>
    /// <param name="LeftSeq">And ends here, for somebody who left.</param>
    private readonly record struct Membership(ConversationKey Key, string Id, long HiddenSeq, long? LeftSeq)
    {
        public bool HasLeft => LeftSeq is not null;
    }

    private static Membership? FindMembership(SqliteConnection connection, AccountKey account, ConversationTarget target)
    {
        const string Select = "SELECT c.key, c.id, mb.hidden_seq, mb.left_seq FROM conversation c JOIN member mb ON mb.conversation = c.key AND mb.account = ? WHERE ";
        var row = target switch
        {
            { Key: { } key } => connection.Prepare(Select + "c.key = ?").Add(account.Value).Add(key.Value),
            { Peer: { } peer } => connection.Prepare(Select + "c.kind = 0 AND c.low = ? AND c.high = ?").Add(account.Value)
                .Add(Math.Min(account.Value, peer.Key.Value)).Add(Math.Max(account.Value, peer.Key.Value)),
            _ => connection.Prepare(Select + "c.id = ?").Add(account.Value).Add(target.Conversation),
        };
        if (!row.Step()) return null;
        var found = new Membership(new ConversationKey(row.Long(0)), row.Text(1), row.Long(2), row.LongOrNull(3));
        row.Reset();
        return found;
    }
}
