using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

internal sealed partial class PostgresStore
{
    private const string SelectPinned = $"""
        SELECT {PostgresRows.MessageColumns} FROM message m JOIN conversation c ON c.key = m.conversation {PostgresRows.MessageJoins}
        WHERE m.conversation = $1 AND m.pinned_at IS NOT NULL AND m.seq > $2 AND m.seq <= $3 AND m.gone IS NULL
            AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = $4) ORDER BY m.pinned_at DESC, m.seq DESC
        """;

    private const string SelectStarred = $"""
        SELECT {PostgresRows.MessageColumns}, st.at FROM star st
        JOIN member mb ON mb.account = st.account AND mb.conversation = st.conversation AND st.seq > mb.hidden_seq AND st.seq <= COALESCE(mb.left_seq, st.seq)
        JOIN conversation c ON c.key = st.conversation
        JOIN message m ON m.conversation = st.conversation AND m.seq = st.seq
        {PostgresRows.MessageJoins}
        WHERE st.account = $1 AND (st.at, st.conversation, st.seq) < ($2, $3, $4) AND m.deleted_at IS NULL AND m.gone IS NULL
            AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = st.account)
        ORDER BY st.at DESC, st.conversation DESC, st.seq DESC LIMIT $5
        """;

    public ValueTask<IReadOnlyList<WireMessage>?> ReadPinnedAsync(AccountKey account, ConversationTarget target, CancellationToken cancel) =>
        _replicas.ReadAsync<IReadOnlyList<WireMessage>?>(account, async reading =>
        {
            if (await FindMembershipAsync(reading, account, target) is not { } membership) return null;
            return await reading.AllAsync(new PostgresStatement(SelectPinned).Add(membership.Key.Value).Add(membership.HiddenSeq).Add(membership.LeftSeq ?? long.MaxValue).Add(account.Value),
                row => PostgresRows.Message(row, 0, _links));
        }, cancel);

    public ValueTask<StarredPage> ReadStarredAsync(AccountKey account, StarPlace? before, int limit, CancellationToken cancel) =>
        _replicas.ReadAsync(account, reading => ReadStarredAsync(reading, account, before, limit), cancel);

    private async Task<StarredPage> ReadStarredAsync(PostgresReading reading, AccountKey account, StarPlace? before, int limit)
    {
        var statement = new PostgresStatement(SelectStarred).Add(account.Value);
        if (before is { } place)
            statement.Add(place.At.Microseconds)
                .Add(await reading.OneAsync(new PostgresStatement("SELECT key FROM conversation WHERE id = $1").Add(place.Conversation), row => row.Long(0))).Add(place.Seq);
        else statement.Add(long.MaxValue).Add(0L).Add(0L);

        var messages = new List<WireMessage>();
        var (characters, more, last) = (0, false, default(StarPlace));
        await reading.WhileAsync(statement.Add(limit + 1L), row =>
        {
            more = messages.Count == limit || characters > PostgresLog.MaxPageCharacters;
            if (more) return false;
            var message = PostgresRows.Message(row, 0, _links);
            characters += PostgresRows.CharactersOf(message);
            last = new StarPlace(new Timestamp(row.Long(PostgresRows.MessageColumnCount)), message.Conversation, message.Seq);
            messages.Add(message);
            return true;
        });
        return new StarredPage(messages, more ? last : null);
    }
}
