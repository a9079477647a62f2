using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

internal static partial class PostgresChangeWriter
{
    /// <summary>After the new messages, which the same batch may have changed already.</summary>
    private static void WriteMessageChanges(List<PostgresStatement> statements, LedgerChanges changes, Timestamp now)
    {
        if (changes.Edits is { Count: > 0 } edits)
            statements.Add(new PostgresStatement("INSERT INTO message_edit(conversation, seq, text, at) SELECT *, $4::bigint FROM unnest($1, $2, $3)")
                .Add(edits.Select(e => e.Conversation.Value)).Add(edits.Select(e => e.Seq)).Add(edits.Select(e => e.Text)).Add(now.Microseconds));
        WriteUpdates(statements, changes, now);
        WriteDisappearing(statements, changes);
        if (changes.Reactions.Count == 0) return;
        var all = changes.Reactions.Select(r => (Conversation: r.Key.Conversation.Value, r.Key.Seq, Account: r.Key.Account.Value, Emoji: r.Value)).ToList();
        var set = all.Where(r => r.Emoji is not null && !(changes.Updates.TryGetValue((new ConversationKey(r.Conversation), r.Seq), out var message) && message.Wire.Deleted)).ToList();
        statements.Add(new PostgresStatement("""
            DELETE FROM reaction r USING unnest($1, $2, $3) x(conversation, seq, account) WHERE r.conversation = x.conversation AND r.seq = x.seq AND r.account = x.account
            """).Add(all.Select(r => r.Conversation)).Add(all.Select(r => r.Seq)).Add(all.Select(r => r.Account)));
        if (set.Count > 0)
            statements.Add(new PostgresStatement("INSERT INTO reaction(conversation, seq, account, emoji, at) SELECT *, $5::bigint FROM unnest($1, $2, $3, $4)")
                .Add(set.Select(r => r.Conversation)).Add(set.Select(r => r.Seq)).Add(set.Select(r => r.Account)).Add(set.Select(r => r.Emoji)).Add(now.Microseconds));
    }

    private static void WriteUpdates(List<PostgresStatement> statements, LedgerChanges changes, Timestamp now)
    {
        var updates = changes.Updates;
        if (updates.Count == 0) return;
        var wires = updates.Values.Select(message => message.Wire).ToList();
        statements.Add(new PostgresStatement("""
            UPDATE message m SET text = u.text, card = u.card, attachments = u.attachments, edited_at = u.edited_at,
                deleted_at = CASE WHEN u.deleted = 1 THEN COALESCE(m.deleted_at, $13) END,
                pinned_at = u.pinned_at, reactions = u.reactions, quote = u.quote, mentions = u.mentions, reply_to = u.reply_to
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14)
                u(conversation, seq, text, card, attachments, edited_at, deleted, pinned_at, reactions, quote, mentions, reply_to, created_at)
            WHERE m.conversation = u.conversation AND m.seq = u.seq AND m.created_at = u.created_at
            """)
            .Add(updates.Keys.Select(key => key.Conversation.Value)).Add(updates.Keys.Select(key => key.Seq)).Add(wires.Select(w => w.Text)).Add(wires.Select(w => w.Card))
            .Add(wires.Select(w => w.Attachments)).Add(wires.Select(w => w.EditedAt?.Microseconds)).Add(wires.Select(w => w.Deleted ? 1L : 0L))
            .Add(wires.Select(w => w.PinnedAt?.Microseconds)).Add(wires.Select(w => w.Reactions)).Add(wires.Select(w => w.Quote)).Add(wires.Select(w => w.Mentions))
            .Add(wires.Select(w => w.ReplyTo)).Add(now.Microseconds).Add(wires.Select(w => w.CreatedAt.Microseconds)));
        var deleted = updates.Where(update => update.Value.Wire.Deleted).Select(update => (Conversation: update.Key.Conversation.Value, update.Key.Seq)).ToList();
        foreach (var table in deleted.Count > 0 ? (string[])["message_edit", "reaction"] : [])
            statements.Add(new PostgresStatement($"DELETE FROM {table} t USING unnest($1, $2) x(conversation, seq) WHERE t.conversation = x.conversation AND t.seq = x.seq")
                .Add(deleted.Select(message => message.Conversation)).Add(deleted.Select(message => message.Seq)));
        PostgresAttachments.Release(statements, [.. updates.Where(update => update.Value.Wire.Attachments is null).Select(update => (update.Key.Conversation.Value, update.Key.Seq))]);
    }

    private static void WriteDisappearing(List<PostgresStatement> statements, LedgerChanges changes)
    {
        if (changes.DisappearSeconds is { Count: > 0 } times)
            statements.Add(new PostgresStatement("UPDATE conversation c SET disappear_s = t.seconds FROM unnest($1, $2) t(key, seconds) WHERE c.key = t.key")
                .Add(times.Keys.Select(key => key.Value)).Add(times.Values));
        // gone holds the first seq of the run of gone messages that ends here, so that a reader who goes down a history steps over all of it. In order: each looks at the one before.
        foreach (var (conversation, seq) in changes.Gone.OrderBy(gone => gone.Conversation.Value).ThenBy(gone => gone.Seq))
            statements.Add(new PostgresStatement("""
                UPDATE message SET gone = COALESCE((SELECT p.gone FROM message p WHERE p.conversation = $1 AND p.seq = $2 - 1), $2) WHERE conversation = $1 AND seq = $2
                """).Add(conversation.Value).Add(seq));
    }

    private static void WritePersonal(List<PostgresStatement> statements, LedgerChanges changes, Timestamp now)
    {
        if (changes.Hidden is { Count: > 0 } hidden)
            statements.Add(new PostgresStatement("INSERT INTO hidden(conversation, seq, account) SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING")
                .Add(hidden.Select(h => h.Conversation.Value)).Add(hidden.Select(h => h.Seq)).Add(hidden.Select(h => h.Account.Value)));
        var (starred, plain) = (changes.Stars.Where(star => star.Value).Select(star => star.Key).ToList(), changes.Stars.Where(star => !star.Value).Select(star => star.Key).ToList());
        if (starred.Count > 0)
            statements.Add(new PostgresStatement("INSERT INTO star(account, conversation, seq, at) SELECT *, $4::bigint FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING")
                .Add(starred.Select(s => s.Account.Value)).Add(starred.Select(s => s.Conversation.Value)).Add(starred.Select(s => s.Seq)).Add(now.Microseconds));
        if (plain.Count > 0)
            statements.Add(new PostgresStatement("""
                DELETE FROM star s USING unnest($1, $2, $3) x(account, conversation, seq) WHERE s.account = x.account AND s.conversation = x.conversation AND s.seq = x.seq
                """).Add(plain.Select(s => s.Account.Value)).Add(plain.Select(s => s.Conversation.Value)).Add(plain.Select(s => s.Seq)));
        foreach (var ((account, conversation), draft) in changes.Drafts)
            statements.Add(draft is null
                ? new PostgresStatement("DELETE FROM draft WHERE account = $1 AND conversation = $2").Add(account.Value).Add(conversation.Value)
                : new PostgresStatement("""
                    INSERT INTO draft(account, conversation, text, reply_to) VALUES($1, $2, $3, $4)
                    ON CONFLICT(account, conversation) DO UPDATE SET text = excluded.text, reply_to = excluded.reply_to
                    """).Add(account.Value).Add(conversation.Value).Add(draft.Text).Add(draft.ReplyTo));
    }

    private static void WriteLive(List<PostgresStatement> statements, LedgerChanges changes, Timestamp now)
    {
        if (changes.Standings is { Count: > 0 } standings)
            statements.Add(new PostgresStatement("""
                UPDATE account a SET hidden = s.hidden, suspended_at = CASE WHEN s.suspended = 1 THEN COALESCE(a.suspended_at, $4) END
                FROM unnest($1, $2, $3) s(key, hidden, suspended) WHERE a.key = s.key
                """)
                .Add(standings.Keys.Select(key => key.Value)).Add(standings.Values.Select(s => s.Privacy.Hidden)).Add(standings.Values.Select(s => s.Suspended ? 1L : 0L)).Add(now.Microseconds));
        var seen = changes.Seen.OrderBy(pair => pair.Key.Value).ToList();
        if (seen.Count > 0)
            statements.Add(new PostgresStatement("INSERT INTO seen AS s (account, at) SELECT * FROM unnest($1, $2) ON CONFLICT(account) DO UPDATE SET at = GREATEST(s.at, excluded.at)")
                .Add(seen.Select(pair => pair.Key.Value)).Add(seen.Select(pair => pair.Value.Microseconds)));
        foreach (var flag in changes.Flags.Values)
            statements.Add((flag.Decision is null
                ? new PostgresStatement("""
                    INSERT INTO flag(id, reporter, reported, conversation, seq, reason, text, context, created_at, decision, decided_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                    """)
                : new PostgresStatement("""
                    INSERT INTO flag(id, reporter, reported, conversation, seq, reason, text, context, created_at, decision, decided_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                    ON CONFLICT(id) DO UPDATE SET decision = excluded.decision, decided_at = excluded.decided_at
                    """))
                .Add(flag.Id).Add(flag.Reporter.Value).Add(flag.User.Value).Add(flag.Conversation?.Value).Add(flag.Seq).Add((long)flag.Reason).Add(flag.Text)
                .Add(flag.Context).Add(flag.CreatedAt.Microseconds).Add((long?)flag.Decision).Add(flag.DecidedAt?.Microseconds));
    }

    /// <summary>With the messages and not behind them, so that a search on any node finds what was committed on any other.</summary>
    private static void WriteSearch(List<PostgresStatement> statements, LedgerChanges changes, Func<ConversationKey, ConversationState?> known)
    {
        var documents = new List<(long Conversation, long Seq, long CreatedAt, string Terms)>();
        var gone = new List<(long Conversation, long Seq)>();
        foreach (var (message, _) in changes.Messages)
            if (!changes.Updates.ContainsKey((message.Conversation, message.Wire.Seq))) Add(message);
        foreach (var message in changes.Updates.Values) Add(message);
        if (documents.Count > 0)
            statements.Add(new PostgresStatement("""
                INSERT INTO search(conversation, seq, created_at, terms) SELECT d.conversation, d.seq, d.created_at, d.terms::tsvector
                FROM unnest($1, $2, $3, $4) d(conversation, seq, created_at, terms) ON CONFLICT(conversation, seq) DO UPDATE SET terms = excluded.terms
                """).Add(documents.Select(d => d.Conversation)).Add(documents.Select(d => d.Seq)).Add(documents.Select(d => d.CreatedAt)).Add(documents.Select(d => d.Terms)));
        if (gone.Count > 0)
            statements.Add(new PostgresStatement("DELETE FROM search s USING unnest($1, $2) x(conversation, seq) WHERE s.conversation = x.conversation AND s.seq = x.seq")
                .Add(gone.Select(message => message.Conversation)).Add(gone.Select(message => message.Seq)));

        void Add(StoredMessage message)
        {
            var conversation = known(message.Conversation) ?? changes.Conversations.FirstOrDefault(made => made.State.Key == message.Conversation).State;
            if (message.Wire.Deleted || conversation is null) gone.Add((message.Conversation.Value, message.Wire.Seq));
            else documents.Add((message.Conversation.Value, message.Wire.Seq, message.Wire.CreatedAt.Microseconds, DocumentOf(conversation, message)));
        }
    }

    private static string DocumentOf(ConversationState conversation, StoredMessage message) => PostgresSearchTerms.Document(conversation.Key.Value, message.Sender.Value,
        IsDirect(conversation) ? conversation.Members[0].Account.Value : null, IsDirect(conversation) ? conversation.Members[1].Account.Value : null,
        message.Wire.Text, message.Wire.Attachments);
}
