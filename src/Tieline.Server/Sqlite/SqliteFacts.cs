using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

/// <summary>Answers the ledger from the writer's connection, inside its transaction.</summary>
internal sealed partial class SqliteFacts(SqliteConnection connection) : ILedgerFacts
{
    private const string SelectConversation = """
        SELECT c.key, c.id, c.kind, (SELECT MAX(seq) FROM message WHERE conversation = c.key), g.name, g.avatar, g.history, g.announcements, g.link_code,
            g.link_expires_at, (SELECT MAX(number) FROM group_event WHERE conversation = c.key), c.disappear_s
        FROM conversation c LEFT JOIN chat_group g ON g.conversation = c.key WHERE
        """;

    private long _nextAccount;
    private long _nextConversation;

    public Attachment? FindAttachment(string id) => SqliteAttachments.Find(connection, id);

    public bool IsAttachmentUsed(string id) => SqliteAttachments.IsUsed(connection, id);

    public long Head(AccountKey account) => SqliteLog.Head(connection, account);

    public ConversationState? FindDirect(AccountKey one, AccountKey other) =>
        ReadConversation(connection.Prepare($"{SelectConversation} c.kind = 0 AND c.low = ? AND c.high = ?").Add(one.Value).Add(other.Value));

    public ConversationState? FindConversation(string id) => ReadConversation(connection.Prepare($"{SelectConversation} c.id = ?").Add(id));

    public ConversationState? FindConversation(ConversationKey key) => ReadConversation(connection.Prepare($"{SelectConversation} c.key = ?").Add(key.Value));

    public SentRecord? FindSent(AccountKey sender, string clientId) => ReadSent(connection, sender, clientId);

    public Relation FindRelation(AccountKey of, AccountKey to) => ReadRelation(connection, of, to);

    public long ReceivedPos(AccountKey account) => Scalar(connection.Prepare("SELECT received_pos FROM account WHERE key = ?").Add(account.Value));

    public IReadOnlyList<(ConversationKey Conversation, long Seq)> MessagesBetween(AccountKey account, long after, long upTo)
    {
        var found = new List<(ConversationKey, long)>();
        var rows = connection.Prepare("""
            SELECT e.conversation, MAX(e.seq) FROM event e JOIN message m ON m.conversation = e.conversation AND m.seq = e.seq
            WHERE e.account = ? AND e.pos > ? AND e.pos <= ? AND e.kind = 1 AND m.sender <> e.account GROUP BY e.conversation
            """).Add(account.Value).Add(after).Add(upTo);
        while (rows.Step()) found.Add((new ConversationKey(rows.Long(0)), rows.Long(1)));
        foreach (var stay in SqliteGroupLog.StaysOf(connection, account))
            if (NewestOfOthers(account, stay, after, upTo) is { } seq) found.Add((new ConversationKey(stay.Conversation), seq));
        return found;
    }

    private long? NewestOfOthers(AccountKey account, SqliteGroupLog.Stay stay, long after, long upTo)
    {
        var first = SqliteGroupLog.FirstAfter(connection, stay, account, after);
        if (first > stay.Last) return null;
        var last = SqliteGroupLog.FirstAfter(connection, stay, account, upTo) - 1;
        var row = connection.Prepare("""
            SELECT MAX(e.seq) FROM group_event e JOIN message m ON m.conversation = e.conversation AND m.seq = e.seq
            WHERE e.conversation = ? AND e.number >= ? AND e.number <= ? AND e.kind = 1 AND m.sender <> ?
            """).Add(stay.Conversation).Add(first).Add(last).Add(account.Value);
        var seq = row.Step() ? row.LongOrNull(0) : null;
        row.Reset();
        return seq;
    }

    public IReadOnlyList<AccountKey> Senders(ConversationKey conversation, long after, long upTo)
    {
        var found = new List<AccountKey>();
        var rows = connection.Prepare("SELECT DISTINCT sender FROM message WHERE conversation = ? AND seq > ? AND seq <= ?")
            .Add(conversation.Value).Add(after).Add(upTo);
        while (rows.Step()) found.Add(new AccountKey(rows.Long(0)));
        return found;
    }

    public ConversationKey? FindGroupByLink(string code)
    {
        var row = connection.Prepare("SELECT conversation FROM chat_group WHERE link_code = ?").Add(code);
        if (!row.Step()) return null;
        var key = new ConversationKey(row.Long(0));
        row.Reset();
        return key;
    }

    public long CountSent(ConversationKey conversation, AccountKey sender, long after, long upTo) =>
        Scalar(connection.Prepare("SELECT COUNT(*) FROM message WHERE conversation = ? AND seq > ? AND seq <= ? AND sender = ?")
            .Add(conversation.Value).Add(after).Add(upTo).Add(sender.Value));

    public Account? FindAccountById(string id) => SqliteRows.FindAccountById(connection, id);

    public Account? FindAccountByEmail(string normalizedEmail) => SqliteRows.FindAccountByEmail(connection, normalizedEmail);

    public Account? FindAccountByUsername(string normalizedUsername) => SqliteRows.FindAccountByUsername(connection, normalizedUsername);

    // Asked of the table in every batch and not only at start: `tieline user add` may have written from another process.
    public AccountKey NextAccountKey() => new(_nextAccount = Math.Max(_nextAccount, Scalar(connection.Prepare("SELECT MAX(key) FROM account"))) + 1);

    public ConversationKey NextConversationKey() =>
        new(_nextConversation = Math.Max(_nextConversation, Scalar(connection.Prepare("SELECT MAX(key) FROM conversation"))) + 1);

    internal static SentRecord? ReadSent(SqliteConnection connection, AccountKey sender, string clientId)
    {
        // Asked for each send, and nearly always in vain: the other two tables are opened only for what was found.
        var known = connection.Prepare("SELECT conversation, seq, pos, hash FROM sent WHERE client_id = ? AND sender = ?").Add(clientId).Add(sender.Value);
        if (!known.Step()) return null;
        var (conversation, seq, pos, hash) = (known.Long(0), known.Long(1), known.Long(2), known.Blob(3));
        known.Reset();
        var row = connection.Prepare("SELECT c.id, m.created_at FROM conversation c JOIN message m ON m.conversation = c.key WHERE c.key = ? AND m.seq = ?")
            .Add(conversation).Add(seq);
        if (!row.Step()) return null;
        var sent = new SentRecord(row.Text(0), seq, pos, new Timestamp(row.Long(1)), hash);
        row.Reset();
        return sent;
    }

    internal static Relation ReadRelation(SqliteConnection connection, AccountKey of, AccountKey to)
    {
        var row = connection.Prepare("SELECT blocked_at, muted_at, muted_until FROM relation WHERE account = ? AND other = ?").Add(of.Value).Add(to.Value);
        if (!row.Step()) return default;
        var relation = new Relation(row.LongOrNull(0), row.LongOrNull(1)) { MutedUntil = row.LongOrNull(2) };
        row.Reset();
        return relation;
    }

    private ConversationState? ReadConversation(SqliteStatement row)
    {
        if (!row.Step()) return null;
        var (key, id, kind, head, disappear) = (new ConversationKey(row.Long(0)), row.Text(1), (ConversationKind)row.Long(2), row.Long(3), row.Long(11));
        var group = row.IsNull(4) ? null : new GroupState(row.Text(4))
        {
            Avatar = row.TextOrNull(5),
            History = (GroupHistory)row.Long(6),
            Announcements = row.Long(7) != 0,
            LinkCode = row.TextOrNull(8),
            LinkExpiresAt = row.Long(9),
            EventSeq = row.Long(10),
        };
        row.Reset();
        var members = new List<MemberState>();
        var rows = connection.Prepare("""
            SELECT m.account, a.id, m.activity, m.unread, m.delivered_seq, m.read_seq, m.hidden_seq, m.shown_delivered_seq, m.shown_read_seq,
                m.role, m.joined_at, m.joined_seq, m.left_seq, m.own, m.muted_until,
                (SELECT MAX(s.first) FROM group_stay s WHERE s.account = m.account AND s.conversation = m.conversation),
                m.left_name, m.left_avatar, m.left_members, m.request
            FROM member m JOIN account a ON a.key = m.account WHERE m.conversation = ? ORDER BY m.account
            """).Add(key.Value);
        while (rows.Step())
            members.Add(new MemberState(key, new AccountKey(rows.Long(0)), rows.Text(1))
            {
                Activity = rows.Long(2),
                Unread = rows.Long(3),
                DeliveredSeq = rows.Long(4),
                ReadSeq = rows.Long(5),
                HiddenSeq = rows.Long(6),
                ShownDeliveredSeq = rows.Long(7),
                ShownReadSeq = rows.Long(8),
                Role = (GroupRole)rows.Long(9),
                JoinedAt = rows.Long(10),
                JoinedSeq = rows.Long(11),
                LeftSeq = rows.LongOrNull(12),
                Own = rows.Long(13),
                MutedUntil = rows.LongOrNull(14),
                FirstEvent = rows.Long(15),
                Farewell = rows.TextOrNull(16) is { } name ? new GroupFarewell(name, rows.TextOrNull(17), rows.Long(18)) : null,
                Request = rows.Long(19) != 0,
            });
        return new ConversationState(key, id, kind, head, members) { Group = group, DisappearSeconds = disappear };
    }

    private static long Scalar(SqliteStatement statement)
    {
        var value = statement.Step() ? statement.Long(0) : 0;
        statement.Reset();
        return value;
    }
}
