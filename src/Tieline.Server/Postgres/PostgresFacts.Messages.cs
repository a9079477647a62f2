using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

internal sealed partial class PostgresFacts
{
    private const int ReservedKeys = 16;

    public IReadOnlyList<(ConversationKey Conversation, long Seq)> MessagesBetween(AccountKey account, long after, long upTo) =>
        Transaction.All(new PostgresStatement("""
            SELECT conversation, MAX(seq) FROM event WHERE account = $1 AND pos > $2 AND pos <= $3 AND kind = 1 AND actor <> $1 GROUP BY conversation ORDER BY conversation
            """).Add(account.Value).Add(after).Add(upTo), row => (new ConversationKey(row.Long(0)), row.Long(1)));

    public long CountSent(ConversationKey conversation, AccountKey sender, long after, long upTo) =>
        Transaction.One(new PostgresStatement("SELECT COUNT(*) FROM message WHERE conversation = $1 AND seq > $2 AND seq <= $3 AND sender = $4")
            .Add(conversation.Value).Add(after).Add(upTo).Add(sender.Value), row => row.Long(0));

    public IReadOnlyList<AccountKey> Senders(ConversationKey conversation, long after, long upTo) =>
        Transaction.All(new PostgresStatement("SELECT DISTINCT sender FROM message WHERE conversation = $1 AND seq > $2 AND seq <= $3")
            .Add(conversation.Value).Add(after).Add(upTo), row => new AccountKey(row.Long(0)));

    public StoredMessage? FindMessage(ConversationKey conversation, long seq) =>
        Transaction.One(new PostgresStatement($"""
            SELECT {PostgresRows.MessageColumns}, m.sender FROM message m JOIN conversation c ON c.key = m.conversation {PostgresRows.MessageJoins}
            WHERE m.conversation = $1 AND m.seq = $2 AND m.gone IS NULL
            """).Add(conversation.Value).Add(seq),
            row => new StoredMessage(conversation, new AccountKey(row.Long(PostgresRows.MessageColumnCount)), PostgresRows.Message(row, 0, links)));

    public IReadOnlyCollection<AccountKey> HiddenFrom(ConversationKey conversation, long seq) =>
        Transaction.All(new PostgresStatement("SELECT account FROM hidden WHERE conversation = $1 AND seq = $2").Add(conversation.Value).Add(seq), row => new AccountKey(row.Long(0)));

    public IReadOnlyList<Reaction> Reactions(ConversationKey conversation, long seq) =>
        Transaction.All(new PostgresStatement("""
            SELECT r.account, a.id, r.emoji FROM reaction r JOIN account a ON a.key = r.account WHERE r.conversation = $1 AND r.seq = $2 ORDER BY r.at, r.account
            """).Add(conversation.Value).Add(seq), row => new Reaction(new AccountKey(row.Long(0)), row.Text(1), row.Text(2)));

    public long CountPinned(ConversationKey conversation) =>
        Transaction.One(new PostgresStatement("SELECT COUNT(*) FROM message WHERE conversation = $1 AND pinned_at IS NOT NULL").Add(conversation.Value), row => row.Long(0));

    public bool IsStarred(AccountKey account, ConversationKey conversation, long seq) =>
        Transaction.One(new PostgresStatement("SELECT 1::bigint FROM star WHERE account = $1 AND conversation = $2 AND seq = $3")
            .Add(account.Value).Add(conversation.Value).Add(seq), row => row.Long(0)) != 0;

    public IReadOnlyList<(ConversationKey Conversation, long Seq)> FindExpired(Timestamp now, int limit) => Transaction.All(new PostgresStatement("""
        SELECT conversation, seq FROM message WHERE expires_at IS NOT NULL AND expires_at <= $1 AND gone IS NULL ORDER BY expires_at, conversation, seq LIMIT $2
        """).Add(now.Microseconds).Add((long)limit), row => (new ConversationKey(row.Long(0)), row.Long(1)));

    public DraftText? FindDraft(AccountKey account, ConversationKey conversation) =>
        Transaction.One(new PostgresStatement("SELECT text, reply_to FROM draft WHERE account = $1 AND conversation = $2").Add(account.Value).Add(conversation.Value),
            row => new DraftText(row.Text(0), row.TextOrNull(1)));

    /// <summary>Locked: between this answer and the commit nobody dooms it.</summary>
    public Attachment? FindAttachment(string id) =>
        Transaction.One(new PostgresStatement($"{PostgresAttachments.Select} a.id = $1 AND a.doomed = 0 FOR UPDATE").Add(id), PostgresAttachments.Read);

    public bool IsAttachmentUsed(string id) =>
        Transaction.One(new PostgresStatement("SELECT 1::bigint FROM attachment_use WHERE attachment = $1 LIMIT 1").Add(id), row => row.Long(0)) != 0;

    public Account? FindAccountById(string id) => FindAccount("a.id = $1", id);

    public Account? FindAccountByEmail(string normalizedEmail) => FindAccount("a.email = $1", normalizedEmail);

    public Account? FindAccountByUsername(string normalizedUsername) => FindAccount("a.username_key = $1", normalizedUsername);

    public AccountKey NextAccountKey() => new(Transaction.One(new PostgresStatement("SELECT nextval('account_key')"), row => row.Long(0)));

    /// <summary>Taken several at once; those that are left over when the server stops are never used.</summary>
    public ConversationKey NextConversationKey()
    {
        if (_conversationKeys.Count == 0)
            Transaction.Read((new PostgresStatement("SELECT nextval('conversation_key') FROM generate_series(1, $1)").Add(ReservedKeys), row => _conversationKeys.Enqueue(row.Long(0))));
        return new ConversationKey(_conversationKeys.Dequeue());
    }

    public bool ShareGroup(AccountKey one, AccountKey other) => Transaction.One(new PostgresStatement("""
        SELECT 1::bigint FROM member a JOIN member b ON b.conversation = a.conversation AND b.account = $2 AND b.left_seq IS NULL
        WHERE a.account = $1 AND a.joined_seq > 0 AND a.left_seq IS NULL LIMIT 1
        """).Add(one.Value).Add(other.Value), row => row.Long(0)) != 0;

    public long LastFlag() => Transaction.One(new PostgresStatement("SELECT MAX(id) FROM flag"), row => row.Long(0));

    public StoredFlag? FindFlag(long id)
    {
        var flag = Transaction.One(new PostgresStatement($"{PostgresQueries.SelectFlag} f.id = $1 FOR UPDATE OF f").Add(id), PostgresQueries.Flag);
        if (flag is not null) _ = Of(flag.User);
        return flag;
    }

    public bool HasOpenFlag(AccountKey reporter, AccountKey user, ConversationKey? conversation, long seq)
    {
        _ = Of(reporter);
        return Transaction.One(new PostgresStatement("""
            SELECT 1::bigint FROM flag WHERE reporter = $1 AND reported = $2 AND conversation IS NOT DISTINCT FROM $3 AND seq = $4 AND decision IS NULL LIMIT 1
            """).Add(reporter.Value).Add(user.Value).Add(conversation?.Value).Add(seq), row => row.Long(0)) != 0;
    }

    private Account? FindAccount(string where, string value) =>
        Transaction.One(new PostgresStatement($"{PostgresQueries.SelectAccount} {where}").Add(value), row => PostgresRows.Account(row, 0));
}
