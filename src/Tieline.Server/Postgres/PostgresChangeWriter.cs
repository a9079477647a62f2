using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

/// <summary>The rows of one batch: for each table one statement with its rows as columns of arrays, all in one round trip.</summary>
internal static partial class PostgresChangeWriter
{
    /// <param name="known">The conversations that the batch has read.</param>
    public static List<PostgresStatement> Write(LedgerChanges changes, Func<ConversationKey, ConversationState?> known, Timestamp now)
    {
        var statements = new List<PostgresStatement>();
        WriteAccounts(statements, changes, now);
        WriteConversations(statements, changes);
        WriteMessages(statements, changes);
        WriteMessageChanges(statements, changes, now);
        WritePersonal(statements, changes, now);
        WriteEvents(statements, changes, now);
        WriteMembers(statements, changes);
        WriteRelations(statements, changes);
        PostgresAttachments.Write(statements, changes, now);
        WriteLive(statements, changes, now);
        WriteSearch(statements, changes, known);
        WriteHeads(statements, changes);
        return statements;
    }

    private static void WriteAccounts(List<PostgresStatement> statements, LedgerChanges changes, Timestamp now)
    {
        // One by one, and rare: a batch may give a name from one account to another.
        foreach (var (account, passwordHash, created) in changes.Accounts)
        {
            statements.Add(new PostgresStatement("""
                INSERT INTO account(key, id, email, name, username, username_key, avatar, account_type, password_hash, created_at)
                VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT(key) DO UPDATE SET email = excluded.email, name = excluded.name, username = excluded.username, username_key = excluded.username_key,
                    avatar = excluded.avatar, account_type = excluded.account_type, password_hash = COALESCE(excluded.password_hash, account.password_hash)
                """)
                .Add(account.Key.Value).Add(account.Id).Add(account.Email).Add(account.Name).Add(account.Username)
                .Add(account.Username is { } username ? AccountRules.NormalizeUsername(username) : null)
                .Add(account.Avatar).Add(account.AccountType).Add(passwordHash).Add(now.Microseconds));
            if (created) statements.Add(new PostgresStatement("INSERT INTO head(account) VALUES($1) ON CONFLICT DO NOTHING").Add(account.Key.Value));
        }
    }

    private static void WriteConversations(List<PostgresStatement> statements, LedgerChanges changes)
    {
        if (changes.Conversations is { Count: > 0 } made)
            statements.Add(new PostgresStatement("""
                INSERT INTO conversation(key, id, kind, low, high, created_at) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
                """)
                .Add(made.Select(c => c.State.Key.Value)).Add(made.Select(c => c.State.Id)).Add(made.Select(c => (long)c.State.Kind))
                .Add(made.Select(c => IsDirect(c.State) ? c.State.Members[0].Account.Value : (long?)null))
                .Add(made.Select(c => IsDirect(c.State) ? c.State.Members[1].Account.Value : (long?)null)).Add(made.Select(c => c.CreatedAt)));
        if (changes.Groups is { Count: > 0 } groups)
            statements.Add(new PostgresStatement("""
                UPDATE conversation c SET name = g.name, avatar = g.avatar, history = g.history, announcements = g.announcements, members = g.members,
                    link_code = g.link_code, link_expires_at = g.link_expires_at
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) g(key, name, avatar, history, announcements, members, link_code, link_expires_at) WHERE c.key = g.key
                """)
                .Add(groups.Select(g => g.Key.Value)).Add(groups.Select(g => g.Group!.Name)).Add(groups.Select(g => g.Group!.Avatar))
                .Add(groups.Select(g => (long)g.Group!.History)).Add(groups.Select(g => g.Group!.Announcements ? 1L : 0L)).Add(groups.Select(g => (long)g.Members.Count))
                .Add(groups.Select(g => g.Group!.LinkCode)).Add(groups.Select(g => g.Group!.LinkExpiresAt)));
    }

    private static bool IsDirect(ConversationState conversation) => conversation.Kind == ConversationKind.Direct;

    private static void WriteMessages(List<PostgresStatement> statements, LedgerChanges changes)
    {
        var messages = changes.Messages;
        if (messages.Count == 0) return;
        statements.Add(new PostgresStatement("""
            INSERT INTO message(conversation, seq, sender, client_id, created_at, text, card, reply_to, attachments, notice, quote, mentions, forwarded, expires_at)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """)
            .Add(messages.Select(m => m.Message.Conversation.Value)).Add(messages.Select(m => m.Message.Wire.Seq)).Add(messages.Select(m => m.Message.Sender.Value))
            .Add(messages.Select(m => m.Message.Wire.ClientId)).Add(messages.Select(m => m.Message.Wire.CreatedAt.Microseconds)).Add(messages.Select(m => m.Message.Wire.Text))
            .Add(messages.Select(m => m.Message.Wire.Card)).Add(messages.Select(m => m.Message.Wire.ReplyTo)).Add(messages.Select(m => m.Message.Wire.Attachments))
            .Add(messages.Select(m => m.Message.Wire.Notice)).Add(messages.Select(m => m.Message.Wire.Quote)).Add(messages.Select(m => m.Message.Wire.Mentions))
            .Add(messages.Select(m => m.Message.Wire.Forwarded ? 1L : (long?)null)).Add(messages.Select(m => m.Message.Wire.ExpiresAt?.Microseconds)));
        statements.Add(new PostgresStatement("""
            INSERT INTO sent(client_id, sender, conversation, seq, pos, created_at, hash) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            """)
            .Add(messages.Select(m => m.Message.Wire.ClientId)).Add(messages.Select(m => m.Message.Sender.Value)).Add(messages.Select(m => m.Message.Conversation.Value))
            .Add(messages.Select(m => m.Message.Wire.Seq)).Add(messages.Select(m => m.Sent.Pos)).Add(messages.Select(m => m.Sent.CreatedAt.Microseconds))
            .Add(messages.Select(m => m.Sent.Hash)));
        var heads = messages.GroupBy(m => m.Message.Conversation.Value).Select(group => (Key: group.Key, Seq: group.Max(m => m.Message.Wire.Seq))).ToList();
        statements.Add(new PostgresStatement("UPDATE conversation c SET head_seq = h.seq FROM unnest($1, $2) h(key, seq) WHERE c.key = h.key")
            .Add(heads.Select(head => head.Key)).Add(heads.Select(head => head.Seq)));
        WriteNext(statements, changes);
    }

    /// <summary>What a release to come writes beside: nothing but in the build that the test of an upgrade makes.</summary>
    static partial void WriteNext(List<PostgresStatement> statements, LedgerChanges changes);

    private static void WriteEvents(List<PostgresStatement> statements, LedgerChanges changes, Timestamp now)
    {
        var events = changes.Events;
        if (events.Count == 0) return;
        statements.Add(new PostgresStatement("""
            INSERT INTO event(account, pos, at, kind, conversation, seq, actor, in_group) SELECT e.account, e.pos, $8, e.kind, e.conversation, e.seq, e.actor, e.in_group
            FROM unnest($1, $2, $3, $4, $5, $6, $7) e(account, pos, kind, conversation, seq, actor, in_group)
            """)
            .Add(events.Select(e => e.Account.Value)).Add(events.Select(e => e.Pos)).Add(events.Select(e => (long)e.Kind)).Add(events.Select(e => e.Conversation?.Value))
            .Add(events.Select(e => e.Seq)).Add(events.Select(e => e.Event is MessageEvent message ? message.Message.Sender.Value : e.Actor?.Value))
            .Add(events.Select(e => e.InGroup ? 1L : 0L)).Add(now.Microseconds));
    }

    /// <summary>The new heads of all logs that grew, and how far logs were received.</summary>
    private static void WriteHeads(List<PostgresStatement> statements, LedgerChanges changes)
    {
        var heads = new SortedDictionary<long, (long Pos, long Received)>();
        foreach (var logged in changes.Events)
            heads[logged.Account.Value] = (Math.Max(logged.Pos, heads.GetValueOrDefault(logged.Account.Value).Pos), 0);
        foreach (var (account, pos) in changes.ReceivedPos)
            heads[account.Value] = (heads.GetValueOrDefault(account.Value).Pos, pos);
        if (heads.Count == 0) return;
        statements.Add(new PostgresStatement("""
            INSERT INTO head AS h (account, pos, received_pos) SELECT * FROM unnest($1, $2, $3)
            ON CONFLICT(account) DO UPDATE SET pos = GREATEST(h.pos, excluded.pos), received_pos = GREATEST(h.received_pos, excluded.received_pos)
            """).Add(heads.Keys).Add(heads.Values.Select(head => head.Pos)).Add(heads.Values.Select(head => head.Received)));
    }

    /// <summary>Once per member and batch, however many messages the batch holds for it.</summary>
    private static void WriteMembers(List<PostgresStatement> statements, LedgerChanges changes)
    {
        var members = changes.Members;
        if (members.Count == 0) return;
        statements.Add(new PostgresStatement("""
            INSERT INTO member(conversation, account, activity, unread, delivered_seq, read_seq, hidden_seq, shown_delivered_seq, shown_read_seq,
                role, joined_at, joined_seq, left_seq, own, muted_until, left_name, left_avatar, left_members, request)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
            ON CONFLICT(conversation, account) DO UPDATE SET activity = excluded.activity, unread = excluded.unread,
                delivered_seq = excluded.delivered_seq, read_seq = excluded.read_seq, hidden_seq = excluded.hidden_seq,
                shown_delivered_seq = excluded.shown_delivered_seq, shown_read_seq = excluded.shown_read_seq,
                role = excluded.role, joined_at = excluded.joined_at, joined_seq = excluded.joined_seq, left_seq = excluded.left_seq,
                own = excluded.own, muted_until = excluded.muted_until,
                left_name = excluded.left_name, left_avatar = excluded.left_avatar, left_members = excluded.left_members, request = excluded.request
            """)
            .Add(members.Select(m => m.Conversation.Value)).Add(members.Select(m => m.Account.Value)).Add(members.Select(m => m.Activity)).Add(members.Select(m => m.Unread))
            .Add(members.Select(m => m.DeliveredSeq)).Add(members.Select(m => m.ReadSeq)).Add(members.Select(m => m.HiddenSeq))
            .Add(members.Select(m => m.ShownDeliveredSeq)).Add(members.Select(m => m.ShownReadSeq))
            .Add(members.Select(m => (long)m.Role)).Add(members.Select(m => m.JoinedAt)).Add(members.Select(m => m.JoinedSeq)).Add(members.Select(m => m.LeftSeq))
            .Add(members.Select(m => m.Own)).Add(members.Select(m => m.MutedUntil)).Add(members.Select(m => m.Farewell?.Name)).Add(members.Select(m => m.Farewell?.Avatar))
            .Add(members.Select(m => m.Farewell?.Members)).Add(members.Select(m => m.Request ? 1L : 0L)));
    }

    private static void WriteRelations(List<PostgresStatement> statements, LedgerChanges changes)
    {
        var relations = changes.Relations;
        if (relations.Count == 0) return;
        statements.Add(new PostgresStatement("""
            INSERT INTO relation(account, other, blocked_at, muted_at, muted_until) SELECT * FROM unnest($1, $2, $3, $4, $5)
            ON CONFLICT(account, other) DO UPDATE SET blocked_at = excluded.blocked_at, muted_at = excluded.muted_at, muted_until = excluded.muted_until
            """)
            .Add(relations.Keys.Select(key => key.Of.Value)).Add(relations.Keys.Select(key => key.To.Value)).Add(relations.Values.Select(r => r.BlockedAt))
            .Add(relations.Values.Select(r => r.MutedAt)).Add(relations.Values.Select(r => r.MutedUntil)));
    }
}
