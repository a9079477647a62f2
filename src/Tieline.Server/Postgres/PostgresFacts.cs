using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Postgres;

/// <summary>
/// Answers the ledger from inside the storing transaction. What is asked about an account is answered under the lock of its head, what is asked about a
/// conversation under the lock of its row: so several nodes decide as if they were one. Most of it is locked and read before the first command is decided,
/// conversations first, then accounts, each in the order of their keys; what nobody foresaw is locked when it is asked, and a deadlock that comes of it is tried again.
/// </summary>
internal sealed partial class PostgresFacts(IAttachmentLinks? links) : ILedgerFacts
{
    private readonly Dictionary<long, AccountFacts> _accounts = [];
    private readonly Dictionary<long, ConversationState> _conversations = [];
    private readonly Dictionary<string, long> _ids = [];
    private readonly Dictionary<(long Low, long High), long> _pairs = [];
    private readonly Dictionary<(long Sender, string ClientId), SentRecord?> _sent = [];
    private readonly Queue<long> _conversationKeys = [];
    private PostgresTransaction? _transaction;

    private PostgresTransaction Transaction => _transaction ?? throw new InvalidOperationException("Facts are asked outside of a transaction.");

    /// <summary>Locks and reads what these commands will need.</summary>
    public void Begin(PostgresTransaction transaction, IReadOnlyList<Command> commands)
    {
        _transaction = transaction;
        var plan = PostgresPlan.Of(commands);
        var keys = FindConversations(plan);
        LockConversations(keys);
        var accounts = plan.Accounts;
        foreach (var conversation in _conversations.Values)
            if (MovesAll(conversation, plan)) foreach (var member in conversation.Members) accounts.Add(member.Account.Value);
        LockAccounts(accounts, plan);
    }

    /// <summary>Nothing of it holds after the transaction.</summary>
    public void End()
    {
        _accounts.Clear();
        _conversations.Clear();
        _ids.Clear();
        _pairs.Clear();
        _sent.Clear();
        _transaction = null;
    }

    public long Head(AccountKey account) => Of(account).Pos;

    public long ReceivedPos(AccountKey account) => Of(account).ReceivedPos;

    public Relation FindRelation(AccountKey of, AccountKey to)
    {
        // Both, since a rule that asks one way mostly asks the other way too.
        _ = Of(to);
        return Of(of).Relations.GetValueOrDefault(to.Value);
    }

    public Standing FindStanding(AccountKey account) => Of(account).Standing;

    public ConversationState? FindDirect(AccountKey one, AccountKey other)
    {
        // Under both heads nobody else can begin this chat.
        _ = Of(one);
        _ = Of(other);
        var pair = (Math.Min(one.Value, other.Value), Math.Max(one.Value, other.Value));
        if (!_pairs.TryGetValue(pair, out var key))
        {
            key = Transaction.One(new PostgresStatement("SELECT key FROM conversation WHERE kind = 0 AND low = $1 AND high = $2").Add(pair.Item1).Add(pair.Item2), row => row.Long(0));
            if (key == 0) return null;
        }

        return FindConversation(new ConversationKey(key));
    }

    public ConversationState? FindConversation(string id)
    {
        if (!_ids.TryGetValue(id, out var key))
            key = Transaction.One(new PostgresStatement("SELECT key FROM conversation WHERE id = $1").Add(id), row => row.Long(0));
        return key == 0 ? null : FindConversation(new ConversationKey(key));
    }

    public ConversationState? FindConversation(ConversationKey key)
    {
        if (_conversations.TryGetValue(key.Value, out var known)) return known;
        LockConversations([key.Value]);
        return _conversations.GetValueOrDefault(key.Value);
    }

    public ConversationKey? FindGroupByLink(string code)
    {
        // Locked by the code: a link that is revoked meanwhile is not found.
        var key = Transaction.One(new PostgresStatement("SELECT key FROM conversation WHERE link_code = $1 FOR UPDATE").Add(code), row => row.Long(0));
        return key == 0 ? null : new ConversationKey(key);
    }

    public SentRecord? FindSent(AccountKey sender, string clientId)
    {
        _ = Of(sender);
        if (_sent.TryGetValue((sender.Value, clientId), out var known)) return known;
        return Transaction.One(new PostgresStatement($"{PostgresQueries.SelectSent} WHERE s.sender = $1 AND s.client_id = $2").Add(sender.Value).Add(clientId),
            PostgresQueries.Sent);
    }

    /// <summary>A conversation that this batch has read; null for one that it makes.</summary>
    public ConversationState? Known(ConversationKey key) => _conversations.GetValueOrDefault(key.Value);

    /// <summary>In a large group a receipt concerns nobody but the reader, and anything else everybody.</summary>
    private static bool MovesAll(ConversationState conversation, PostgresPlan plan) =>
        conversation.Members.Count <= GroupRules.MaxShownReceipts || plan.Wide.Contains(conversation.Id);

    private AccountFacts Of(AccountKey account)
    {
        if (!_accounts.TryGetValue(account.Value, out var facts))
        {
            LockAccounts([account.Value], null);
            facts = _accounts[account.Value];
        }

        return facts;
    }

    private sealed class AccountFacts
    {
        public long Pos { get; init; }
        public long ReceivedPos { get; init; }
        public Dictionary<long, Relation> Relations { get; } = [];
        public Standing Standing { get; set; } = Standing.Good;
    }
}
