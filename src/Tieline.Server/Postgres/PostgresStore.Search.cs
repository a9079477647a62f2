using Tieline.Core.Accounts;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

internal sealed partial class PostgresStore
{
    /// <summary>Proposals looked at in one go.</summary>
    private const int Hits = 200;

    /// <summary>The hits come from the index of terms alone, whatever the planner thinks of a term that it does not know.</summary>
    private const string SelectFound = $"""
        WITH d AS MATERIALIZED (SELECT conversation, seq, created_at, id FROM search WHERE terms @@ $2::tsquery AND created_at >= $3 AND created_at < $4 AND id < $5)
        SELECT {PostgresRows.MessageColumns}, d.id
        FROM d
        JOIN member mb ON mb.account = $1 AND mb.conversation = d.conversation AND d.seq > mb.hidden_seq AND d.seq <= COALESCE(mb.left_seq, d.seq)
        JOIN conversation c ON c.key = d.conversation
        JOIN message m ON m.conversation = d.conversation AND m.seq = d.seq AND m.created_at = d.created_at
        {PostgresRows.MessageJoins}
        WHERE m.deleted_at IS NULL AND m.gone IS NULL
            AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.conversation = m.conversation AND h.seq = m.seq AND h.account = mb.account) ORDER BY d.id DESC LIMIT $6
        """;

    public ValueTask<SearchPage?> SearchAsync(AccountKey account, MessageSearch search, CancellationToken cancel) =>
        _replicas.ReadAsync(account, reading => SearchAsync(reading, account, search), cancel);

    private async Task<SearchPage?> SearchAsync(PostgresReading reading, AccountKey account, MessageSearch search)
    {
        var (scopes, marks) = (new List<string>(), new List<string>());
        if (search.In is { } target)
        {
            if (await FindMembershipAsync(reading, account, target) is not { } membership) return null;
            scopes.Add(membership.IsDirect ? PostgresSearchTerms.OfAccount(account.Value) : PostgresSearchTerms.OfGroup(membership.Key.Value));
            if (membership.IsDirect) marks.Add(PostgresSearchTerms.In(membership.Key.Value));
        }
        else
        {
            scopes.Add(PostgresSearchTerms.OfAccount(account.Value));
            await reading.EachAsync(new PostgresStatement("SELECT conversation FROM member WHERE account = $1 AND joined_seq > 0").Add(account.Value),
                row => scopes.Add(PostgresSearchTerms.OfGroup(row.Long(0))));
        }

        if (search.From is { } from) marks.Add(PostgresSearchTerms.From(from.Key.Value));
        if (search.HasImage) marks.Add(PostgresSearchTerms.Image);
        if (search.Terms.Terms.Count + marks.Count == 0) return new SearchPage([], null);
        return await ReadFoundAsync(reading, account, search, PostgresSearchTerms.Expression(scopes, search.Terms, marks));
    }

    private async Task<SearchPage> ReadFoundAsync(PostgresReading reading, AccountKey account, MessageSearch search, string expression)
    {
        var messages = new List<WireMessage>();
        var (characters, last, more, cursor, read) = (0, 0L, false, search.Cursor ?? long.MaxValue, Hits);
        // In parts: a reader that stops early would still be sent all that the question asks for.
        while (!more && read == Hits)
        {
            read = 0;
            await reading.WhileAsync(new PostgresStatement(SelectFound).Add(account.Value).Add(expression)
                .Add(search.After?.Microseconds ?? 0).Add(search.Before?.Microseconds ?? long.MaxValue).Add(cursor).Add((long)Hits), row =>
            {
                read++;
                cursor = row.Long(PostgresRows.MessageColumnCount);
                var message = PostgresRows.Message(row, 0, _links);
                // The index only proposes.
                if (!search.Terms.Matches(message.Text) || (search.HasImage && !SearchedAttachments.HoldImage(message.Attachments))) return true;
                more = messages.Count == search.Limit || characters > PostgresLog.MaxPageCharacters;
                if (more) return false;
                last = cursor;
                characters += PostgresRows.CharactersOf(message);
                messages.Add(message);
                return true;
            });
        }

        return new SearchPage(messages, more ? last : null);
    }
}
