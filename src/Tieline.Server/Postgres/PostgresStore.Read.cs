using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

internal sealed partial class PostgresStore
{
    private const string SelectHistory = $"""
        SELECT {PostgresRows.MessageColumns}, m.gone FROM message m JOIN conversation c ON c.key = m.conversation {PostgresRows.MessageJoins}
        WHERE m.conversation = $1 AND m.seq > $2 AND m.seq < $3
            AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = $4)
        """;

    private const string SelectNewestFirst = SelectHistory + " ORDER BY m.seq DESC LIMIT $5";
    private const string SelectOldestFirst = SelectHistory + " AND m.gone IS NULL ORDER BY m.seq ASC LIMIT $5";

    public ValueTask<LogPage> ReadLogAsync(AccountKey account, long after, int limit, CancellationToken cancel) =>
        _logs.ReadAsync(account, after, limit, cancel);

    public ValueTask<ConversationPage> ReadConversationsAsync(AccountKey account, long? before, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(reading => PostgresConversations.ReadPageAsync(reading, account, before, limit, _links), cancel, snapshot: true);

    public ValueTask<HistoryPage?> ReadHistoryAsync(AccountKey account, ConversationTarget target, HistoryRange range, CancellationToken cancel) =>
        _replicas.ReadAsync(account, reading => ReadHistoryAsync(reading, account, target, range), cancel);

    public ValueTask<IReadOnlyList<(string User, long Unread)>> ReadUnreadAsync(AccountKey account, CancellationToken cancel) =>
        _readers.AllAsync(new PostgresStatement("""
            SELECT p.id, m.unread FROM member m JOIN conversation c ON c.key = m.conversation AND c.kind = 0
            JOIN account p ON p.key = CASE WHEN c.low = m.account THEN c.high ELSE c.low END WHERE m.account = $1 AND m.unread > 0
            """).Add(account.Value), row => (row.Text(0), row.Long(1)), cancel);

    public ValueTask<MembersPage?> ReadMembersAsync(AccountKey account, ConversationTarget target, string? after, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(reading => ReadMembersAsync(reading, account, target, after, limit), cancel, snapshot: true);

    private async Task<HistoryPage?> ReadHistoryAsync(PostgresReading reading, AccountKey account, ConversationTarget target, HistoryRange range)
    {
        if (await FindMembershipAsync(reading, account, target) is not { } membership) return null;
        var messages = new List<WireMessage>();
        var after = Math.Max(membership.HiddenSeq, range.After ?? 0);
        var (characters, more) = (0, false);
        long? next = Math.Min((membership.LeftSeq ?? long.MaxValue - 1) + 1, range.Before ?? long.MaxValue);
        while (!more && next is { } until)
        {
            next = null;
            await reading.WhileAsync(new PostgresStatement(range.After is null ? SelectNewestFirst : SelectOldestFirst)
                .Add(membership.Key.Value).Add(after).Add(until).Add(account.Value).Add(range.Limit + 1L), row =>
            {
                if (row.LongOrNull(PostgresRows.MessageColumnCount) is { } firstGone)
                {
                    // Down the history a run of messages that have disappeared is stepped over at once, however long it is.
                    next = firstGone;
                    return false;
                }

                more = messages.Count == range.Limit || characters > PostgresLog.MaxPageCharacters;
                if (more) return false;
                var message = PostgresRows.Message(row, 0, _links);
                characters += PostgresRows.CharactersOf(message);
                messages.Add(message);
                return true;
            });
        }

        if (range.After is null) messages.Reverse();
        return new HistoryPage(membership.Key, membership.Id, messages, more);
    }

    private static async Task<MembersPage?> ReadMembersAsync(PostgresReading reading, AccountKey account, ConversationTarget target, string? after, int limit)
    {
        if (await FindMembershipAsync(reading, account, target) is not { LeftSeq: null } membership) return null;
        long from = 0;
        if (after is not null) from = await reading.OneAsync<long?>(new PostgresStatement("SELECT key FROM account WHERE id = $1").Add(after), row => row.Long(0)) ?? long.MaxValue;
        var found = await reading.AllAsync(new PostgresStatement("""
            SELECT a.id, a.name, a.username, a.avatar, a.account_type, m.role, m.joined_at, m.shown_delivered_seq, m.shown_read_seq
            FROM member m JOIN account a ON a.key = m.account WHERE m.conversation = $1 AND m.account > $2 AND m.left_seq IS NULL ORDER BY m.account LIMIT $3
            """).Add(membership.Key.Value).Add(from).Add(limit + 1L), row =>
            new WireMember(new WirePerson(row.Text(0), row.Text(1), row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4)),
                PostgresConversations.WordOf(row.Long(5)), row.Long(6) == 0 ? null : new Timestamp(row.Long(6)), row.Long(7), row.Long(8)));
        var more = found.Count > limit;
        if (more) found.RemoveAt(limit);
        return new MembersPage(found, more ? found[^1].User.Id : null);
    }

    /// <param name="HiddenSeq">What this member may see begins after it.</param>
    /// <param name="LeftSeq">And ends here, for somebody who left.</param>
    private sealed record Membership(ConversationKey Key, string Id, long HiddenSeq, long? LeftSeq, bool IsDirect);

    private static Task<Membership?> FindMembershipAsync(PostgresReading reading, AccountKey account, ConversationTarget target)
    {
        const string Select = "SELECT c.key, c.id, mb.hidden_seq, mb.left_seq, c.kind FROM conversation c JOIN member mb ON mb.conversation = c.key AND mb.account = $1 WHERE ";
        var statement = target switch
        {
            { Key: { } key } => new PostgresStatement(Select + "c.key = $2").Add(account.Value).Add(key.Value),
            { Peer: { } peer } => new PostgresStatement(Select + "c.kind = 0 AND c.low = $2 AND c.high = $3").Add(account.Value)
                .Add(Math.Min(account.Value, peer.Key.Value)).Add(Math.Max(account.Value, peer.Key.Value)),
            _ => new PostgresStatement(Select + "c.id = $2").Add(account.Value).Add(target.Conversation),
        };
        return reading.OneAsync(statement, row => new Membership(new ConversationKey(row.Long(0)), row.Text(1), row.Long(2), row.LongOrNull(3), row.Long(4) == 0));
    }
}
