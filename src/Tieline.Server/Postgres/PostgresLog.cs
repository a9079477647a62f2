using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

/// <summary>Reads the log of an account, each event in its present state.</summary>
internal static class PostgresLog
{
    /// <summary>A page of long messages ends early, so that one answer stays near a megabyte.</summary>
    public const int MaxPageCharacters = 512 * 1024;

    private const int At = PostgresRows.MessageColumnCount;

    /// <summary>The message's columns come first, then what the event itself and its present state need.</summary>
    private const string Columns = $"""
        SELECT {PostgresRows.MessageColumns}, e.pos, e.kind, e.conversation, m.sender, own.hidden_seq, actor.id, e.actor, e.account,
            r.delivered_seq, r.read_seq, r.shown_delivered_seq, r.shown_read_seq, rel.blocked_at, rel.muted_at, rel.muted_until,
            m.gone, h.seq, star.seq, d.text, d.reply_to, e.seq
        """;

    /// <summary>A key that is null where the event is of another kind ends the look into an index before it begins; a condition beside it would be judged after.</summary>
    private const string Joins = $"""
        FROM event e
        LEFT JOIN conversation c ON c.key = e.conversation
        LEFT JOIN message m ON e.kind IN (1, 5, 7) AND m.conversation = e.conversation AND m.seq = e.seq
        {PostgresRows.MessageJoins}
        LEFT JOIN member own ON own.account = e.account AND own.conversation = e.conversation
        LEFT JOIN hidden h ON e.kind IN (1, 5, 7) AND h.conversation = e.conversation AND h.seq = e.seq AND h.account = e.account
        LEFT JOIN star ON star.account = CASE WHEN e.kind = 7 THEN e.account END AND star.conversation = e.conversation AND star.seq = e.seq
        LEFT JOIN draft d ON d.account = CASE WHEN e.kind = 8 THEN e.account END AND d.conversation = e.conversation
        LEFT JOIN account actor ON actor.key = CASE WHEN e.kind IN (2, 4) THEN e.actor END
        LEFT JOIN member r ON r.account = CASE WHEN e.kind = 2 THEN e.actor END AND r.conversation = e.conversation
        LEFT JOIN relation rel ON rel.account = CASE WHEN e.kind = 4 THEN e.account END AND rel.other = e.actor
        """;

    private const string Select = $"{Columns} {Joins} WHERE e.account = $1 AND e.pos > $2 ORDER BY e.pos LIMIT $3";

    /// <summary>Of many logs what comes after a place in each, with the number of that place and the log's head; a log with nothing more has one row.</summary>
    public const string SelectEnds = $"""
        SELECT told.*, asked.number, hd.pos, hd.pruned_pos FROM unnest($1, $2, $3) WITH ORDINALITY asked(account, after, most, number)
        LEFT JOIN LATERAL (SELECT pos, pruned_pos FROM head WHERE account = asked.account OFFSET 0) hd ON true
        LEFT JOIN LATERAL ({Columns} {Joins} WHERE e.account = asked.account AND e.pos > asked.after ORDER BY e.pos LIMIT asked.most) told ON true
        ORDER BY asked.number, told.pos
        """;

    public const int NumberColumn = At + 21;

    public static Task<long> HeadAsync(PostgresReading reading, AccountKey account) =>
        reading.OneAsync(new PostgresStatement("SELECT pos FROM head WHERE account = $1").Add(account.Value), row => row.Long(0));

    public static async Task<LogPage> ReadAsync(PostgresReading reading, AccountKey account, long after, int limit, IAttachmentLinks? links)
    {
        var (head, pruned) = await reading.OneAsync(new PostgresStatement("SELECT pos, pruned_pos FROM head WHERE account = $1").Add(account.Value),
            row => (row.Long(0), row.Long(1)));
        var told = new List<Row>();
        if (after < head)
        {
            var characters = 0;
            await reading.WhileAsync(new PostgresStatement(Select).Add(account.Value).Add(after).Add(limit), row =>
            {
                var read = Read(row, links);
                characters += CharactersOf(read.Event);
                told.Add(read);
                return characters <= MaxPageCharacters;
            });
        }

        var events = new List<AccountEvent>(told.Count);
        foreach (var row in told) events.Add(new AccountEvent(row.Pos, row.Event ?? await ReadStateAsync(reading, account, row, links)));
        return new LogPage(events, head, pruned + 1);
    }

    /// <summary>No event stands in this row of <see cref="SelectEnds"/>.</summary>
    public static bool IsEmpty(NpgsqlDataReader row) => row.IsDBNull(At);

    /// <returns>No event where it tells a state that is asked for apart.</returns>
    public static (long Pos, LogEvent? Event, int Characters) ReadEvent(NpgsqlDataReader row, IAttachmentLinks? links)
    {
        var read = Read(row, links);
        return (read.Pos, read.Event, CharactersOf(read.Event));
    }

    private static int CharactersOf(LogEvent? @event) => @event switch
    {
        MessageEvent { Message.Wire: var message } => PostgresRows.CharactersOf(message),
        UpdateEvent { Message.Wire: var message } => PostgresRows.CharactersOf(message),
        _ => 0,
    };

    /// <param name="Event">Null where the event tells a state that is asked for apart.</param>
    private readonly record struct Row(long Pos, EventKind Kind, long Conversation, LogEvent? Event);

    private static async Task<LogEvent> ReadStateAsync(PostgresReading reading, AccountKey account, Row row, IAttachmentLinks? links)
    {
        if (row.Kind == EventKind.Privacy) return new PrivacyEvent((await PostgresAccounts.StandingAsync(reading, account)).Privacy);
        return await PostgresConversations.ReadAsync(reading, account, new ConversationKey(row.Conversation), links) is { } conversation
            ? new ConversationEvent(conversation) : VoidEvent.Instance;
    }

    private static Row Read(NpgsqlDataReader row, IAttachmentLinks? links)
    {
        var kind = (EventKind)row.Long(At + 1);
        return new Row(row.Long(At), kind, row.Long(At + 2), kind is EventKind.Conversation or EventKind.Privacy ? null : Told(row, kind, links));
    }

    private static StoredMessage Stored(NpgsqlDataReader row, IAttachmentLinks? links) =>
        new(new ConversationKey(row.Long(At + 2)), new AccountKey(row.Long(At + 3)), PostgresRows.Message(row, 0, links));

    /// <summary>Not cleared, not deleted for this account only, and not disappeared.</summary>
    private static bool IsVisible(NpgsqlDataReader row) =>
        !row.IsDBNull(At + 3) && row.Long(1) > row.Long(At + 4) && row.IsDBNull(At + 15) && row.IsDBNull(At + 16);

    /// <summary>An event as it is to be told now: a cleared message is void, a receipt shows how far it has come since.</summary>
    private static LogEvent Told(NpgsqlDataReader row, EventKind kind, IAttachmentLinks? links)
    {
        switch (kind)
        {
            case EventKind.Message:
                return IsVisible(row) ? new MessageEvent(Stored(row, links)) : VoidEvent.Instance;
            case EventKind.Update:
                return IsVisible(row) ? new UpdateEvent(Stored(row, links)) : VoidEvent.Instance;
            case EventKind.Hidden:
                return new HiddenEvent(row.Text(0), row.Long(At + 20));
            case EventKind.Starred:
                return IsVisible(row) ? new StarredEvent(row.Text(0), row.Long(1), !row.IsDBNull(At + 17)) : VoidEvent.Instance;
            case EventKind.Draft:
                return new DraftEvent(row.Text(0), row.TextOrNull(At + 18), row.TextOrNull(At + 19));
            case EventKind.Receipt:
                if (row.Long(At + 20) is > 0 and var said)
                {
                    var (delivered, read) = GroupReceipts.Unpack(said);
                    return new ReceiptEvent(row.Text(0), row.Text(At + 5), delivered, read);
                }

                var own = row.Long(At + 6) == row.Long(At + 7) ? 8 : 10;
                return new ReceiptEvent(row.Text(0), row.Text(At + 5), row.Long(At + own), row.Long(At + own + 1));
            case EventKind.Cleared:
                return new ClearedEvent(row.Text(0), row.Long(At + 4));
            case EventKind.Relation:
                return new RelationEvent(row.Text(At + 5), !row.IsDBNull(At + 12), !row.IsDBNull(At + 13), row.LongOrNull(At + 14) is { } until ? new Timestamp(until) : null);
            default:
                return VoidEvent.Instance;
        }
    }
}
