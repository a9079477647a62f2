using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    public ValueTask<IReadOnlyList<WireMessage>?> ReadPinnedAsync(AccountKey account, ConversationTarget target, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<WireMessage>?>(connection => ReadPinned(connection, account, target), cancel);

    public ValueTask<StarredPage> ReadStarredAsync(AccountKey account, StarPlace? before, int limit, CancellationToken cancel) =>
        _readers.ReadAsync(connection => ReadStarred(connection, account, before, limit), cancel);

    private static List<WireMessage>? ReadPinned(SqliteConnection connection, AccountKey account, ConversationTarget target)
    {
        if (FindMembership(connection, account, target) is not { } membership) return null;
        var found = new List<WireMessage>();
        var rows = connection.Prepare($"""
            SELECT {SqliteRows.MessageColumns} FROM message m INDEXED BY message_pinned JOIN conversation c ON c.key = m.conversation {SqliteRows.MessageJoins}
            WHERE m.conversation = ? AND m.pinned_at IS NOT NULL AND m.seq > ? AND m.seq <= ? AND m.gone IS NULL
                AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = ?) ORDER BY m.pinned_at DESC, m.seq DESC
            """).Add(membership.Key.Value).Add(membership.HiddenSeq).Add(membership.LeftSeq ?? long.MaxValue).Add(account.Value);
        while (rows.Step()) found.Add(SqliteRows.Message(rows, 0));
        return found;
    }

    private static StarredPage ReadStarred(SqliteConnection connection, AccountKey account, StarPlace? before, int limit)
    {
        const int At = SqliteRows.MessageColumnCount;
        // Cross joins: the stars are gone through in the order of their index, and each row is looked up by its key.
        var rows = connection.Prepare($"""
            SELECT {SqliteRows.MessageColumns}, st.at FROM star st INDEXED BY star_at
            CROSS JOIN member mb ON mb.account = st.account AND mb.conversation = st.conversation AND st.seq > mb.hidden_seq AND st.seq <= COALESCE(mb.left_seq, st.seq)
            CROSS JOIN conversation c ON c.key = st.conversation
            CROSS JOIN message m ON m.conversation = st.conversation AND m.seq = st.seq
            {SqliteRows.MessageJoins}
            WHERE st.account = ? AND (st.at, st.conversation, st.seq) < (?, ?, ?) AND m.deleted_at IS NULL AND m.gone IS NULL
                AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = st.account)
            ORDER BY st.at DESC, st.conversation DESC, st.seq DESC
            """).Add(account.Value);
        if (before is { } place) rows.Add(place.At.Microseconds).Add(KeyOf(connection, place.Conversation)).Add(place.Seq);
        else rows.Add(long.MaxValue).Add(0L).Add(0L);

        var messages = new List<WireMessage>();
        var (characters, more, last) = (0, false, default(StarPlace));
        while (!more && rows.Step())
        {
            more = messages.Count == limit || characters > SqliteLog.MaxPageCharacters;
            if (more) continue;
            var message = SqliteRows.Message(rows, 0);
            characters += SqliteLog.CharactersOf(message);
            last = new StarPlace(new Timestamp(rows.Long(At)), message.Conversation, message.Seq);
            messages.Add(message);
        }

        rows.Reset();
        return new StarredPage(messages, more ? last : null);
    }

    /// <summary>0, before all others, for one that is not there.</summary>
    private static long KeyOf(SqliteConnection connection, string conversation)
    {
        var row = connection.Prepare("SELECT key FROM conversation WHERE id = ?").Add(conversation);
        var key = row.Step() ? row.Long(0) : 0;
        row.Reset();
        return key;
    }
}
