using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sqlite;

/// <summary>Reads the log of an account: its own rows, and its share in the events of its groups, in the order of their positions.</summary>
internal static class SqliteLog
{
    /// <summary>A page of long messages ends early, so that one answer stays near a megabyte.</summary>
    public const int MaxPageCharacters = 512 * 1024;

    /// <summary>The message's columns come first, then what the event itself and its present state need.</summary>
    private const string Columns = $"""
        SELECT {SqliteRows.MessageColumns}, e.pos, e.kind, e.conversation, m.sender, own.hidden_seq, actor.id, e.actor, e.account,
            r.delivered_seq, r.read_seq, r.shown_delivered_seq, r.shown_read_seq, rel.blocked_at, rel.muted_at, rel.muted_until,
            m.gone, h.seq, star.seq, d.text, d.reply_to, e.seq
        """;

    private const string Joins = $"""
        LEFT JOIN conversation c ON c.key = e.conversation
        LEFT JOIN message m ON e.kind IN (1, 5, 7) AND m.conversation = e.conversation AND m.seq = e.seq
        {SqliteRows.MessageJoins}
        LEFT JOIN member own ON own.account = e.account AND own.conversation = e.conversation
        LEFT JOIN hidden h ON e.kind IN (1, 5, 7) AND h.conversation = e.conversation AND h.seq = e.seq AND h.account = e.account
        LEFT JOIN star ON e.kind = 7 AND star.account = e.account AND star.conversation = e.conversation AND star.seq = e.seq
        LEFT JOIN draft d ON e.kind = 8 AND d.account = e.account AND d.conversation = e.conversation
        LEFT JOIN account actor ON actor.key = e.actor
        LEFT JOIN member r ON e.kind = 2 AND r.account = e.actor AND r.conversation = e.conversation
        LEFT JOIN relation rel ON e.kind = 4 AND rel.account = e.account AND rel.other = e.actor
        """;

    public static long Head(SqliteConnection connection, AccountKey account) => Head(connection, account, SqliteGroupLog.StaysOf(connection, account));

    public static LogPage Read(SqliteConnection connection, AccountKey account, long after, int limit)
    {
        var stays = SqliteGroupLog.StaysOf(connection, account);
        var (oldest, head) = (Oldest(connection, account), Head(connection, account, stays));
        var events = new List<AccountEvent>();
        if (after >= head) return new LogPage(events, head, oldest);

        var shares = SqliteGroupLog.After(connection, account, stays, after, limit);
        var (characters, next) = (0, 0);
        var rows = connection.Prepare($"{Columns} FROM event e {Joins} WHERE e.account = ? AND e.pos > ? ORDER BY e.pos LIMIT ?")
            .Add(account.Value).Add(after).Add(limit);
        var more = rows.Step();
        while (events.Count < limit && characters <= MaxPageCharacters && (more || next < shares.Count))
        {
            var own = more && (next == shares.Count || rows.Long(SqliteRows.MessageColumnCount) < shares[next].Pos);
            var @event = own ? Event(connection, rows) : Event(connection, account, shares[next++]);
            characters += @event.Event switch
            {
                MessageEvent { Message.Wire: var message } => CharactersOf(message),
                UpdateEvent { Message.Wire: var message } => CharactersOf(message),
                _ => 0,
            };
            events.Add(@event);
            if (own) more = rows.Step();
        }

        rows.Reset();
        return new LogPage(events, head, oldest);
    }

    public static int CharactersOf(WireMessage message) => message.Text.Length + (message.Card?.Length ?? 0) + (message.Attachments?.Length ?? 0);

    private static long Head(SqliteConnection connection, AccountKey account, List<SqliteGroupLog.Stay> stays)
    {
        var row = connection.Prepare("SELECT MAX(pos) FROM event WHERE account = ?").Add(account.Value);
        row.Step();
        var own = row.Long(0);
        row.Reset();
        return Math.Max(own, SqliteGroupLog.Head(connection, account, stays));
    }

    private static long Oldest(SqliteConnection connection, AccountKey account)
    {
        var row = connection.Prepare("SELECT pruned_pos FROM account WHERE key = ?").Add(account.Value);
        var pruned = row.Step() ? row.Long(0) : 0;
        row.Reset();
        return pruned + 1;
    }

    private static AccountEvent Event(SqliteConnection connection, AccountKey account, SqliteGroupLog.Share share)
    {
        var row = connection.Prepare($"""
            {Columns} FROM (SELECT ?1 AS account, ?2 AS pos, kind, conversation, seq, actor FROM group_event WHERE conversation = ?3 AND number = ?4) e {Joins}
            """).Add(account.Value).Add(share.Pos).Add(share.Conversation).Add(share.Number);
        row.Step();
        var @event = Event(connection, row);
        row.Reset();
        return @event;
    }

    /// <summary>An event as it is to be told now: a cleared message is void, a receipt shows how far it has come since.</summary>
    private static AccountEvent Event(SqliteConnection connection, SqliteStatement row)
    {
        const int At = SqliteRows.MessageColumnCount;
        return new AccountEvent(row.Long(At), Told(connection, row));
    }

    private static StoredMessage Stored(SqliteStatement row)
    {
        const int At = SqliteRows.MessageColumnCount;
        return new StoredMessage(new ConversationKey(row.Long(At + 2)), new AccountKey(row.Long(At + 3)), SqliteRows.Message(row, 0));
    }

    /// <summary>Not cleared, not deleted for this account only, and not disappeared.</summary>
    private static bool IsVisible(SqliteStatement row, long hidden)
    {
        const int At = SqliteRows.MessageColumnCount;
        return !row.IsNull(At + 3) && row.Long(1) > hidden && row.IsNull(At + 15) && row.IsNull(At + 16);
    }

    private static LogEvent Told(SqliteConnection connection, SqliteStatement row)
    {
        const int At = SqliteRows.MessageColumnCount;
        var hidden = row.Long(At + 4);
        switch ((EventKind)row.Long(At + 1))
        {
            case EventKind.Message:
                return IsVisible(row, hidden) ? new MessageEvent(Stored(row)) : VoidEvent.Instance;
            case EventKind.Update:
                return IsVisible(row, hidden) ? new UpdateEvent(Stored(row)) : VoidEvent.Instance;
            case EventKind.Hidden:
                return new HiddenEvent(row.Text(0), row.Long(At + 20));
            case EventKind.Starred:
                return IsVisible(row, hidden) ? new StarredEvent(row.Text(0), row.Long(1), !row.IsNull(At + 17)) : VoidEvent.Instance;
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
                return new ClearedEvent(row.Text(0), hidden);
            case EventKind.Relation:
                return new RelationEvent(row.Text(At + 5), !row.IsNull(At + 12), !row.IsNull(At + 13), row.LongOrNull(At + 14) is { } until ? new Timestamp(until) : null);
            case EventKind.Conversation:
                return SqliteConversations.Read(connection, new AccountKey(row.Long(At + 7)), new ConversationKey(row.Long(At + 2))) is { } conversation
                    ? new ConversationEvent(conversation) : VoidEvent.Instance;
            case EventKind.Privacy:
                return new PrivacyEvent(SqliteFacts.ReadStanding(connection, new AccountKey(row.Long(At + 7))).Privacy);
            default:
                return VoidEvent.Instance;
        }
    }
}
