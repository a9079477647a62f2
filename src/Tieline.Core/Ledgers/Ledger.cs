using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

/// <summary>
/// Decides every durable change, in the one order in which they are stored. A store calls <see cref="Apply"/> for each command of a batch,
/// writes <see cref="Changes"/> and commits, then calls <see cref="Committed"/>, or <see cref="Forget"/> when the commit failed.
/// Because seq and pos are taken here and become visible with the commit, they appear in order and without gaps.
/// </summary>
/// <remarks>Not thread-safe: a store has one ledger per writer and calls it from inside the transaction.</remarks>
public sealed partial class Ledger(ILedgerFacts facts, TimeProvider time, Func<string> newId, LedgerRules rules, IAttachmentLinks? links = null)
{
    private const int MaxRemembered = 200_000;

    private readonly Dictionary<AccountKey, long> _heads = [];
    private readonly Dictionary<(AccountKey Low, AccountKey High), ConversationState> _direct = [];
    private readonly Dictionary<string, ConversationState> _byId = [];
    private readonly Dictionary<ConversationKey, ConversationState> _byKey = [];
    private readonly Dictionary<(AccountKey Of, AccountKey To), Relation> _relations = [];
    private readonly Dictionary<AccountKey, long> _received = [];
    private readonly Dictionary<(AccountKey Sender, string ClientId), SentRecord> _sentInBatch = [];
    private int _rememberedMembers;
    private readonly Dictionary<AccountKey, Account> _accountsInBatch = [];
    private readonly HashSet<SendLine> _linesInBatch = [];
    private readonly Dictionary<string, ConversationState> _byLink = [];
    private readonly HashSet<string> _revokedInBatch = [];

    /// <summary>What the present batch has changed so far.</summary>
    public LedgerChanges Changes { get; } = new();

    public Outcome Apply(Command command) => command switch
    {
        Send send => ApplySend(send),
        MoveReceipt move => ApplyMoveReceipt(move),
        MarkDelivered delivered => ApplyMarkDelivered(delivered),
        Clear clear => ApplyClear(clear),
        ChangeRelation change => ApplyChangeRelation(change),
        GroupCommand group => ApplyGroup(group),
        LinkGroup link => ApplyLink(link),
        Mute mute => ApplyMute(mute),
        AddAccount add => ApplyAddAccount(add),
        AddAttachment add => ApplyAddAttachment(add),
        DoomAttachment doom => ApplyDoomAttachment(doom),
        ForgetAttachment forget => ApplyForgetAttachment(forget),
        _ => ApplyToMessage(command)
            ?? ApplyToStanding(command)
            ?? throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No rule for this command."),
    };

    /// <summary>The batch is on disk. What was learned stays in memory, within bounds, so that the next batch asks the store less.</summary>
    public void Committed()
    {
        EndBatch();
        if (_heads.Count + _rememberedMembers + _relations.Count + _received.Count + _standings.Count > MaxRemembered) Forget();
    }

    /// <summary>Drops everything remembered: after a failed commit only the store knows what holds.</summary>
    public void Forget()
    {
        foreach (var line in _linesInBatch) line.Undo();
        EndBatch();
        _heads.Clear();
        _direct.Clear();
        _byId.Clear();
        _byKey.Clear();
        _byLink.Clear();
        _rememberedMembers = 0;
        _relations.Clear();
        _received.Clear();
        _standings.Clear();
    }

    private void EndBatch()
    {
        Changes.Clear();
        _sentInBatch.Clear();
        _accountsInBatch.Clear();
        _linesInBatch.Clear();
        _revokedInBatch.Clear();
        EndMessageBatch();
        _attachmentsInBatch.Clear();
        _attachmentsUsedInBatch.Clear();
    }

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    private static (AccountKey Low, AccountKey High) PairOf(AccountKey one, AccountKey other) => one.Value < other.Value ? (one, other) : (other, one);

    private ConversationState? FindDirect(AccountKey one, AccountKey other)
    {
        var pair = PairOf(one, other);
        if (_direct.TryGetValue(pair, out var known)) return known;
        return facts.FindDirect(pair.Low, pair.High) is { } found ? Remember(found) : null;
    }

    private ConversationState? FindConversation(string id) =>
        _byId.TryGetValue(id, out var known) ? known : facts.FindConversation(id) is { } found ? Remember(found) : null;

    private ConversationState? FindConversation(ConversationKey key) =>
        _byKey.TryGetValue(key, out var known) ? known : facts.FindConversation(key) is { } found ? Remember(found) : null;

    /// <summary>The conversation, if the account is a member of it. A stranger learns nothing, not even that it exists.</summary>
    private (ConversationState Conversation, MemberState Member)? FindAsMember(AccountKey account, ConversationTarget target) =>
        Find(account, target) is { } conversation && conversation.Member(account) is { } member ? (conversation, member) : null;

    /// <summary>The same for what somebody may still do who has left the group: read what was there, and hide it.</summary>
    private (ConversationState Conversation, MemberState Member)? FindAsReader(AccountKey account, ConversationTarget target) =>
        Find(account, target) is { } conversation && (conversation.Member(account) ?? conversation.Former(account)) is { } member ? (conversation, member) : null;

    private ConversationState? Find(AccountKey account, ConversationTarget target) => target switch
    {
        { Key: { } key } => FindConversation(key),
        { Peer: { } peer } => FindDirect(account, peer.Key),
        { Conversation: { } id } => FindConversation(id),
        _ => null,
    };

    private ConversationState Remember(ConversationState conversation)
    {
        // The same state must answer by whichever name it is asked for, or one batch would count from two heads.
        if (_byKey.TryGetValue(conversation.Key, out var known)) return known;
        _rememberedMembers += 1 + conversation.Members.Count;
        _byKey.Add(conversation.Key, conversation);
        _byId.Add(conversation.Id, conversation);
        if (conversation.Kind == ConversationKind.Direct) _direct.Add(PairOf(conversation.Members[0].Account, conversation.Members[1].Account), conversation);
        return conversation;
    }

    private Relation RelationOf(AccountKey of, AccountKey to)
    {
        if (!_relations.TryGetValue((of, to), out var relation)) _relations.Add((of, to), relation = facts.FindRelation(of, to));
        return relation;
    }

    private bool BlockedEitherWay(AccountKey one, AccountKey other) => RelationOf(one, other).Blocked || RelationOf(other, one).Blocked;

    /// <summary>Takes the next position in an account's log for an event.</summary>
    private long Append(AccountKey account, EventKind kind, ConversationKey? conversation, long seq, AccountKey? actor, LogEvent @event)
    {
        var pos = TakePosition(account);
        Changes.Events.Add(new LoggedEvent(account, pos, kind, conversation, seq, actor, @event));
        return pos;
    }

    private long TakePosition(AccountKey account)
    {
        if (!_heads.TryGetValue(account, out var head)) head = facts.Head(account);
        return _heads[account] = head + 1;
    }
}
