using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

internal sealed partial class SqliteStore
{
    /// <summary>How long a search waits for the index to take what was just committed.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private const string SelectHits = "SELECT rowid FROM search.term WHERE term MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC";

    /// <summary>Cross joins: each row is looked up by its key.</summary>
    private const string SelectHit = $"""
        SELECT {SqliteRows.MessageColumns} FROM search.doc d
        CROSS JOIN member mb ON mb.account = ? AND mb.conversation = d.conversation AND d.seq > mb.hidden_seq AND d.seq <= COALESCE(mb.left_seq, d.seq)
        CROSS JOIN conversation c ON c.key = d.conversation
        CROSS JOIN message m ON m.conversation = d.conversation AND m.seq = d.seq
        {SqliteRows.MessageJoins}
        WHERE d.id = ? AND m.deleted_at IS NULL AND m.gone IS NULL
            AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = mb.account)
        """;

    /// <summary>Messages that are looked through before it is decided whether to go on so.</summary>
    private const int FirstLook = 60;

    /// <summary>It goes on while at least one of so many is what is looked for.</summary>
    private const int Thinnest = 50;

    public async ValueTask<SearchPage?> SearchAsync(AccountKey account, MessageSearch search, CancellationToken cancel)
    {
        await _indexer.CatchUpAsync(_patience, cancel);
        cancel.ThrowIfCancellationRequested();
        if (!_indexer.IsOpen) throw new SearchUnavailableException();
        return await _searchers.ReadAsync(connection => Search(connection, account, search), cancel);
    }

    private static SearchPage? Search(SqliteConnection connection, AccountKey account, MessageSearch search)
    {
        var (scopes, marks) = (new List<string>(), new List<string>());
        if (search.In is { } target)
        {
            if (FindMembership(connection, account, target) is not { } membership) return null;
            if (IsDirect(connection, membership.Key.Value))
            {
                scopes.Add(SqliteSearchTerms.OfAccount(account.Value));
                marks.Add(SqliteSearchTerms.In(membership.Key.Value));
            }
            else
            {
                scopes.Add(SqliteSearchTerms.OfGroup(membership.Key.Value));
            }
        }
        else
        {
            scopes.Add(SqliteSearchTerms.OfAccount(account.Value));
            scopes.AddRange(GroupsOf(connection, account).Select(SqliteSearchTerms.OfGroup));
        }

        if (search.From is { } from) marks.Add(SqliteSearchTerms.From(from.Key.Value));
        if (search.HasImage) marks.Add(SqliteSearchTerms.Image);
        if (search.Terms.Terms.Count + marks.Count == 0) return new SearchPage([], null);
        // FTS5 gathers all hits of a beginning before it gives the first. What begins a word that is often said is soon found by looking through
        // the messages that hold the rest; what is not, has few hits to gather. So neither grows with all there is.
        if (search.Terms.Terms.Any(term => term.IsPrefix)
            && ReadFound(connection, account, search, SqliteSearchTerms.Expression(scopes, search.Terms, marks, beginnings: false), lookThrough: true) is { } page) return page;
        return ReadFound(connection, account, search, SqliteSearchTerms.Expression(scopes, search.Terms, marks), lookThrough: false)!;
    }

    /// <param name="lookThrough">The expression leaves something out.</param>
    /// <returns>Null when looking through leads nowhere.</returns>
    private static SearchPage? ReadFound(SqliteConnection connection, AccountKey account, MessageSearch search, string expression, bool lookThrough)
    {
        var hits = connection.Prepare(SelectHits).Add(expression)
            .Add(search.After is { } after ? SqliteSearchFile.FirstIdAt(after.Microseconds) : 0)
            .Add(Math.Min(search.Cursor ?? long.MaxValue, search.Before is { } before ? SqliteSearchFile.FirstIdAt(before.Microseconds) : long.MaxValue));

        var messages = new List<WireMessage>();
        var (looked, characters, last, more, lost) = (0, 0, 0L, false, false);
        // From the newest hit on; the reading ends where the page does.
        while (!more && !lost && hits.Step())
        {
            lost = lookThrough && ++looked > Math.Max(FirstLook, messages.Count * Thinnest);
            var id = hits.Long(0);
            // The index only proposes: it may not know yet that the message says something else now.
            if (lost || FindHit(connection, account, id) is not { } message
                || !search.Terms.Matches(message.Text) || (search.HasImage && !SearchedAttachments.HoldImage(message.Attachments))) continue;
            more = messages.Count == search.Limit || characters > SqliteLog.MaxPageCharacters;
            if (more) continue;
            last = id;
            characters += SqliteLog.CharactersOf(message);
            messages.Add(message);
        }

        hits.Reset();
        return lost ? null : new SearchPage(messages, more ? last : null);
    }

    private static WireMessage? FindHit(SqliteConnection connection, AccountKey account, long id)
    {
        var row = connection.Prepare(SelectHit).Add(account.Value).Add(id);
        var message = row.Step() ? SqliteRows.Message(row, 0) : null;
        row.Reset();
        return message;
    }

    private static bool IsDirect(SqliteConnection connection, long conversation)
    {
        var row = connection.Prepare("SELECT kind FROM conversation WHERE key = ?").Add(conversation);
        var direct = row.Step() && (ConversationKind)row.Long(0) == ConversationKind.Direct;
        row.Reset();
        return direct;
    }

    /// <summary>Those left too, by the rows that only groups have: somebody's direct chats are many.</summary>
    private static List<long> GroupsOf(SqliteConnection connection, AccountKey account)
    {
        var found = new List<long>();
        var rows = connection.Prepare("SELECT DISTINCT conversation FROM group_stay WHERE account = ?").Add(account.Value);
        while (rows.Step()) found.Add(rows.Long(0));
        return found;
    }
}
