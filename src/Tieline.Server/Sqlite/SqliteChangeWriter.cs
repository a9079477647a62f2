using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Server.Sqlite;

/// <summary>Writes the rows of one batch.</summary>
internal static partial class SqliteChangeWriter
{
    private const string InsertMessages = "INSERT OR FAIL INTO message(conversation, seq, sender, client_id, created_at, text) VALUES";
    private const string MessageRow = "(?, ?, ?, ?, ?, ?)";
    private const string InsertSent = "INSERT OR FAIL INTO sent(sender, client_id, conversation, seq, pos, hash) VALUES";
    private const string SentRow = "(?, ?, ?, ?, ?, ?)";
    private const string InsertEvents = "INSERT OR FAIL INTO event(account, pos, at, kind, conversation, seq, actor) VALUES";
    private const string EventRow = "(?, ?, ?, ?, ?, ?, ?)";

    public static void Write(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        WriteAccounts(connection, changes, now);
        WriteConversations(connection, changes);
        SqliteGroupWriter.Write(connection, changes, now);
        WriteMessages(connection, changes);
        WriteSent(connection, changes);
        WriteMessageChanges(connection, changes, now);
        WriteEvents(connection, changes, now);
        WriteMembers(connection, changes);
        WriteRelations(connection, changes);
        SqliteAttachments.Write(connection, changes, now);
        WriteLive(connection, changes, now);
        foreach (var (account, pos) in changes.ReceivedPos)
            connection.Prepare("UPDATE account SET received_pos = ? WHERE key = ?").Add(pos).Add(account.Value).Run();
    }

    private static void WriteAccounts(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        foreach (var (account, passwordHash, _) in changes.Accounts)
            connection.Prepare("""
                INSERT INTO account(key, id, email, name, username, username_key, avatar, account_type, password_hash, created_at)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(key) DO UPDATE SET email = excluded.email, name = excluded.name, username = excluded.username, username_key = excluded.username_key,
                    avatar = excluded.avatar, account_type = excluded.account_type, password_hash = COALESCE(excluded.password_hash, password_hash)
                """)
                .Add(account.Key.Value).Add(account.Id).Add(account.Email).Add(account.Name).Add(account.Username)
                .Add(account.Username is { } username ? AccountRules.NormalizeUsername(username) : null)
                .Add(account.Avatar).Add(account.AccountType).Add(passwordHash).Add(now.Microseconds).Run();
    }

    private static void WriteConversations(SqliteConnection connection, LedgerChanges changes)
    {
        foreach (var (state, createdAt) in changes.Conversations)
        {
            var direct = state.Kind == ConversationKind.Direct;
            connection.Prepare("INSERT INTO conversation(key, id, kind, low, high, created_at) VALUES(?, ?, ?, ?, ?, ?)")
                .Add(state.Key.Value).Add(state.Id).Add((long)state.Kind)
                .Add(direct ? state.Members[0].Account.Value : null).Add(direct ? state.Members[1].Account.Value : null).Add(createdAt).Run();
        }
    }

    private static void WriteMessages(SqliteConnection connection, LedgerChanges changes)
    {
        // Most messages are nothing but text: what they do not have is not written either.
        var plain = new SqliteInserts(connection.Prepare($"{InsertMessages} {MessageRow}"),
            connection.Prepare($"{InsertMessages} {MessageRow}, {MessageRow}, {MessageRow}, {MessageRow}, {MessageRow}, {MessageRow}, {MessageRow}, {MessageRow}"),
            changes.Messages.Count(static one => one.Message.Wire.IsPlain));
        foreach (var (message, _) in changes.Messages)
        {
            var wire = message.Wire;
            if (wire.IsPlain)
            {
                plain.Row.Add(message.Conversation.Value).Add(wire.Seq).Add(message.Sender.Value).Add(wire.ClientId).Add(wire.CreatedAt.Microseconds).Add(wire.Text);
                plain.End();
                continue;
            }

            connection.Prepare("""
                INSERT INTO message(conversation, seq, sender, client_id, created_at, text, card, reply_to, attachments, notice,
                    quote, mentions, forwarded, expires_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
                .Add(message.Conversation.Value).Add(wire.Seq).Add(message.Sender.Value).Add(wire.ClientId).Add(wire.CreatedAt.Microseconds)
                .Add(wire.Text).Add(wire.Card).Add(wire.ReplyTo).Add(wire.Attachments).Add(wire.Notice)
                .Add(wire.Quote).Add(wire.Mentions).Add(wire.Forwarded ? 1L : null).Add(wire.ExpiresAt?.Microseconds).Run();
        }
    }

    private static void WriteSent(SqliteConnection connection, LedgerChanges changes)
    {
        var rows = new SqliteInserts(connection.Prepare($"{InsertSent} {SentRow}"),
            connection.Prepare($"{InsertSent} {SentRow}, {SentRow}, {SentRow}, {SentRow}, {SentRow}, {SentRow}, {SentRow}, {SentRow}"), changes.Messages.Count);
        foreach (var (message, sent) in changes.Messages)
        {
            rows.Row.Add(message.Sender.Value).Add(message.Wire.ClientId).Add(message.Conversation.Value).Add(message.Wire.Seq).Add(sent.Pos).Add(sent.Hash);
            rows.End();
        }
    }

    private static void WriteEvents(SqliteConnection connection, LedgerChanges changes, Timestamp now)
    {
        var rows = new SqliteInserts(connection.Prepare($"{InsertEvents} {EventRow}"),
            connection.Prepare($"{InsertEvents} {EventRow}, {EventRow}, {EventRow}, {EventRow}, {EventRow}, {EventRow}, {EventRow}, {EventRow}"),
            changes.Events.Count(static logged => !logged.InGroup));
        foreach (var logged in changes.Events)
        {
            if (logged.InGroup) continue;
            rows.Row.Add(logged.Account.Value).Add(logged.Pos).Add(now.Microseconds).Add((long)logged.Kind).Add(logged.Conversation?.Value).Add(logged.Seq)
                .Add(logged.Actor?.Value);
            rows.End();
        }
    }

    /// <summary>Once per member and batch, however many messages the batch holds for it.</summary>
    private static void WriteMembers(SqliteConnection connection, LedgerChanges changes)
    {
        foreach (var member in changes.Members)
        {
            if (!member.InGroup && TryMoveMember(connection, member)) continue;
            connection.Prepare("""
                INSERT INTO member(account, conversation, activity, unread, delivered_seq, read_seq, hidden_seq, shown_delivered_seq, shown_read_seq,
                    role, joined_at, joined_seq, left_seq, own, muted_until, left_name, left_avatar, left_members, request)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(account, conversation) DO UPDATE SET activity = excluded.activity, unread = excluded.unread,
                    delivered_seq = excluded.delivered_seq, read_seq = excluded.read_seq, hidden_seq = excluded.hidden_seq,
                    shown_delivered_seq = excluded.shown_delivered_seq, shown_read_seq = excluded.shown_read_seq,
                    role = excluded.role, joined_at = excluded.joined_at, joined_seq = excluded.joined_seq, left_seq = excluded.left_seq,
                    own = excluded.own, muted_until = excluded.muted_until,
                    left_name = excluded.left_name, left_avatar = excluded.left_avatar, left_members = excluded.left_members, request = excluded.request
                """)
                .Add(member.Account.Value).Add(member.Conversation.Value).Add(member.Activity).Add(member.Unread).Add(member.DeliveredSeq).Add(member.ReadSeq)
                .Add(member.HiddenSeq).Add(member.ShownDeliveredSeq).Add(member.ShownReadSeq)
                .Add((long)member.Role).Add(member.JoinedAt).Add(member.JoinedSeq).Add(member.LeftSeq).Add(member.Own).Add(member.MutedUntil)
                .Add(member.Farewell?.Name).Add(member.Farewell?.Avatar).Add(member.Farewell?.Members).Add(member.Request ? 1L : 0L).Run();
        }
    }

    /// <summary>The row of a member of a direct chat, which has nothing of what groups need.</summary>
    /// <returns>False when there is no row yet.</returns>
    private static bool TryMoveMember(SqliteConnection connection, MemberState member)
    {
        connection.Prepare("""
            UPDATE member SET activity = ?, unread = ?, delivered_seq = ?, read_seq = ?, hidden_seq = ?, shown_delivered_seq = ?, shown_read_seq = ?, request = ?
            WHERE account = ? AND conversation = ?
            """)
            .Add(member.Activity).Add(member.Unread).Add(member.DeliveredSeq).Add(member.ReadSeq).Add(member.HiddenSeq)
            .Add(member.ShownDeliveredSeq).Add(member.ShownReadSeq).Add(member.Request ? 1L : 0L)
            .Add(member.Account.Value).Add(member.Conversation.Value).Run();
        return connection.Changes > 0;
    }

    private static void WriteRelations(SqliteConnection connection, LedgerChanges changes)
    {
        foreach (var ((of, to), relation) in changes.Relations)
            connection.Prepare("""
                INSERT INTO relation(account, other, blocked_at, muted_at, muted_until) VALUES(?, ?, ?, ?, ?)
                ON CONFLICT(account, other) DO UPDATE SET blocked_at = excluded.blocked_at, muted_at = excluded.muted_at, muted_until = excluded.muted_until
                """).Add(of.Value).Add(to.Value).Add(relation.BlockedAt).Add(relation.MutedAt).Add(relation.MutedUntil).Run();
    }
}
