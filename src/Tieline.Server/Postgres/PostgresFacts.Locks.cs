using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;

namespace Tieline.Server.Postgres;

internal sealed partial class PostgresFacts
{
    private const string SelectMembers = """
        SELECT m.conversation, m.account, a.id, m.activity, m.unread, m.delivered_seq, m.read_seq, m.hidden_seq, m.shown_delivered_seq, m.shown_read_seq,
            m.role, m.joined_at, m.joined_seq, m.left_seq, m.own, m.muted_until, m.left_name, m.left_avatar, m.left_members, m.request
        FROM member m JOIN account a ON a.key = m.account WHERE m.conversation = ANY($1)
        """;

    private List<long> FindConversations(PostgresPlan plan)
    {
        var keys = new List<long>(plan.Keys);
        var asked = new List<(PostgresStatement, Action<NpgsqlDataReader>)>();
        if (plan.Ids.Count > 0) asked.Add((new PostgresStatement("SELECT key FROM conversation WHERE id = ANY($1)").Add(plan.Ids), Take));
        if (plan.Pairs.Count > 0)
            asked.Add((new PostgresStatement("""
                SELECT c.key FROM unnest($1, $2) pair(low, high) JOIN conversation c ON c.kind = 0 AND c.low = pair.low AND c.high = pair.high
                """).Add(plan.Pairs.Select(pair => pair.Low)).Add(plan.Pairs.Select(pair => pair.High)), Take));
        if (plan.Delivered.Count > 0)
            asked.Add((new PostgresStatement("""
                SELECT DISTINCT e.conversation FROM unnest($1, $2) d(account, pos) JOIN head h ON h.account = d.account
                JOIN event e ON e.account = d.account AND e.pos > h.received_pos AND e.pos <= d.pos AND e.kind = 1
                """).Add(plan.Delivered.Keys).Add(plan.Delivered.Values), Take));
        if (asked.Count > 0) Transaction.Read(asked);
        return keys;

        void Take(NpgsqlDataReader row) => keys.Add(row.Long(0));
    }

    /// <summary>The members are read by a statement of its own, after the locks: with them they can no longer change.</summary>
    private void LockConversations(List<long> keys)
    {
        if (keys.Count == 0) return;
        var found = new List<Found>();
        var members = new Dictionary<long, List<MemberState>>();
        Transaction.Read(
            (new PostgresStatement("""
                SELECT key, id, kind, low, high, head_seq, name, avatar, history, announcements, link_code, link_expires_at, disappear_s
                FROM conversation WHERE key = ANY($1) ORDER BY key FOR UPDATE
                """).Add(keys.Distinct()), row => found.Add(Read(row))),
            (new PostgresStatement(SelectMembers).Add(keys.Distinct()), row =>
            {
                var member = ReadMember(row);
                if (!members.TryGetValue(member.Conversation.Value, out var list)) members.Add(member.Conversation.Value, list = []);
                list.Add(member);
            }
        ));
        foreach (var (key, id, kind, low, high, head, disappear, group) in found)
        {
            _conversations.Add(key, new ConversationState(new ConversationKey(key), id, kind, head, members.GetValueOrDefault(key) ?? []) { Group = group, DisappearSeconds = disappear });
            _ids[id] = key;
            if (kind == ConversationKind.Direct) _pairs[(low, high)] = key;
        }
    }

    private readonly record struct Found(long Key, string Id, ConversationKind Kind, long Low, long High, long HeadSeq, long DisappearSeconds, GroupState? Group);

    private static Found Read(NpgsqlDataReader row) => new(row.Long(0), row.Text(1), (ConversationKind)row.Long(2), row.Long(3), row.Long(4), row.Long(5), row.Long(12),
        row.TextOrNull(6) is not { } name ? null : new GroupState(name)
        {
            Avatar = row.TextOrNull(7),
            History = (GroupHistory)row.Long(8),
            Announcements = row.Long(9) != 0,
            LinkCode = row.TextOrNull(10),
            LinkExpiresAt = row.Long(11),
        });

    private static MemberState ReadMember(NpgsqlDataReader row) => new(new ConversationKey(row.Long(0)), new AccountKey(row.Long(1)), row.Text(2))
    {
        Activity = row.Long(3),
        Unread = row.Long(4),
        DeliveredSeq = row.Long(5),
        ReadSeq = row.Long(6),
        HiddenSeq = row.Long(7),
        ShownDeliveredSeq = row.Long(8),
        ShownReadSeq = row.Long(9),
        Role = (GroupRole)row.Long(10),
        JoinedAt = row.Long(11),
        JoinedSeq = row.Long(12),
        LeftSeq = row.LongOrNull(13),
        Own = row.Long(14),
        MutedUntil = row.LongOrNull(15),
        Farewell = row.TextOrNull(16) is { } name ? new GroupFarewell(name, row.TextOrNull(17), row.Long(18)) : null,
        Request = row.Long(19) != 0,
    };

    private void LockAccounts(SortedSet<long> keys, PostgresPlan? plan)
    {
        if (keys.Count == 0) return;
        var asked = new List<(PostgresStatement, Action<NpgsqlDataReader>)>
        {
            (new PostgresStatement("SELECT account, pos, received_pos FROM head WHERE account = ANY($1) ORDER BY account FOR UPDATE").Add(keys),
                row => _accounts[row.Long(0)] = new AccountFacts { Pos = row.Long(1), ReceivedPos = row.Long(2) }),
            (new PostgresStatement("SELECT account, other, blocked_at, muted_at, muted_until FROM relation WHERE account = ANY($1)").Add(keys),
                row => Ensure(row.Long(0)).Relations[row.Long(1)] = PostgresQueries.Relation(row, 2)),
            (new PostgresStatement("SELECT key, hidden, suspended_at FROM account WHERE key = ANY($1) AND (hidden <> 0 OR suspended_at IS NOT NULL)").Add(keys),
                row => Ensure(row.Long(0)).Standing = PostgresQueries.Standing(row, 1)),
        };
        if (plan is { Sends.Count: > 0 })
        {
            foreach (var send in plan.Sends) _sent[send] = null;
            asked.Add((new PostgresStatement($"""
                {PostgresQueries.SelectSent} JOIN unnest($1, $2) asked(sender, client_id) ON s.sender = asked.sender AND s.client_id = asked.client_id
                """).Add(plan.Sends.Select(send => send.Sender)).Add(plan.Sends.Select(send => send.ClientId)),
                row => _sent[(row.Long(5), row.Text(6))] = PostgresQueries.Sent(row)));
        }

        Transaction.Read(asked);
        foreach (var key in keys) Ensure(key);
    }

    /// <summary>Also for an account that does not exist: nothing is known of it.</summary>
    private AccountFacts Ensure(long key)
    {
        if (!_accounts.TryGetValue(key, out var facts)) _accounts.Add(key, facts = new AccountFacts());
        return facts;
    }
}
