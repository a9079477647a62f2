using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>What a store would know, in lists: only what was committed, and a fresh copy at each question, as rows would be.</summary>
internal sealed partial class MemoryFacts : ILedgerFacts
{
    private readonly List<Account> _accounts = [];
    private readonly List<(ConversationKey Key, string Id, ConversationKind Kind)> _conversations = [];
    private readonly Dictionary<ConversationKey, GroupState> _groups = [];
    private readonly Dictionary<(ConversationKey, AccountKey), MemberState> _members = [];
    private readonly Dictionary<(AccountKey, string), SentRecord> _sent = [];
    private readonly Dictionary<(AccountKey, AccountKey), Relation> _relations = [];
    private readonly Dictionary<AccountKey, long> _received = [];
    private readonly Dictionary<string, Attachment> _attachments = [];
    private readonly Dictionary<ConversationKey, string> _pictures = [];
    private long _lastAccount;
    private long _lastConversation;

    public List<LoggedEvent> Events { get; } = [];
    public List<StoredMessage> Messages { get; } = [];
    public HashSet<string> UsedAttachments { get; } = [];
    public IEnumerable<MemberState> Members => _members.Values.Select(Copy);

    public void Commit(LedgerChanges changes)
    {
        foreach (var (account, _, _) in changes.Accounts)
        {
            _accounts.RemoveAll(other => other.Key == account.Key);
            _accounts.Add(account);
        }

        foreach (var (state, _) in changes.Conversations) _conversations.Add((state.Key, state.Id, state.Kind));
        foreach (var (message, sent) in changes.Messages)
        {
            Messages.Add(message);
            _sent.Add((message.Sender, message.Wire.ClientId), sent);
        }

        CommitMessages(changes);
        Events.AddRange(changes.Events);
        foreach (var member in changes.Members) _members[(member.Conversation, member.Account)] = Copy(member);
        foreach (var state in changes.Groups) _groups[state.Key] = Copy(state.Group!);
        foreach (var (pair, relation) in changes.Relations) _relations[pair] = relation;
        foreach (var (account, pos) in changes.ReceivedPos) _received[account] = pos;
        foreach (var attachment in changes.Attachments) _attachments.Add(attachment.Id, attachment);
        foreach (var (attachment, _, _) in changes.AttachmentUses) UsedAttachments.Add(attachment);
        foreach (var (group, picture) in changes.Pictures)
        {
            if (_pictures.Remove(group, out var before)) UsedAttachments.Remove(before);
            if (picture is null) continue;
            _pictures[group] = picture;
            UsedAttachments.Add(picture);
        }

        foreach (var id in changes.DoomedAttachments) _attachments.Remove(id);
        CommitLive(changes);
    }

    /// <summary>Puts a group into the store without its story: all are plain members, and nothing was said.</summary>
    public string AddGroup(params Account[] members)
    {
        var key = NextConversationKey();
        var id = $"group{key.Value}";
        _conversations.Add((key, id, ConversationKind.Group));
        _groups[key] = new GroupState(id);
        foreach (var member in members) _members[(key, member.Key)] = new MemberState(key, member.Key, member.Id);
        return id;
    }

    public Attachment? FindAttachment(string id) => _attachments.GetValueOrDefault(id);

    public bool IsAttachmentUsed(string id) => UsedAttachments.Contains(id);

    public long Head(AccountKey account) => Events.Where(logged => logged.Account == account).Select(logged => logged.Pos).DefaultIfEmpty().Max();

    public ConversationState? FindDirect(AccountKey one, AccountKey other) =>
        Read(row => row.Kind == ConversationKind.Direct && _members.ContainsKey((row.Key, one)) && _members.ContainsKey((row.Key, other)));

    public ConversationState? FindConversation(string id) => Read(row => row.Id == id);

    public ConversationState? FindConversation(ConversationKey key) => Read(row => row.Key == key);

    public SentRecord? FindSent(AccountKey sender, string clientId) => _sent.GetValueOrDefault((sender, clientId));

    public Relation FindRelation(AccountKey of, AccountKey to) => _relations.GetValueOrDefault((of, to));

    public long ReceivedPos(AccountKey account) => _received.GetValueOrDefault(account);

    public IReadOnlyList<(ConversationKey Conversation, long Seq)> MessagesBetween(AccountKey account, long after, long upTo) =>
    [
        .. Events.Where(logged => logged.Account == account && logged.Pos > after && logged.Pos <= upTo && logged.Kind == EventKind.Message)
            .Where(logged => ((MessageEvent)logged.Event).Message.Sender != account)
            .GroupBy(logged => logged.Conversation!.Value, (conversation, events) => (conversation, events.Max(logged => logged.Seq))),
    ];

    public long CountSent(ConversationKey conversation, AccountKey sender, long after, long upTo) =>
        Messages.Count(message => message.Conversation == conversation && message.Sender == sender && message.Wire.Seq > after && message.Wire.Seq <= upTo);

    public IReadOnlyList<AccountKey> Senders(ConversationKey conversation, long after, long upTo) =>
    [
        .. Messages.Where(message => message.Conversation == conversation && message.Wire.Seq > after && message.Wire.Seq <= upTo)
            .Select(message => message.Sender).Distinct(),
    ];

    public ConversationKey? FindGroupByLink(string code) =>
        _groups.Where(group => group.Value.LinkCode == code).Select(group => (ConversationKey?)group.Key).FirstOrDefault();

    public Account? FindAccountById(string id) => _accounts.Find(account => account.Id == id);

    public Account? FindAccountByEmail(string normalizedEmail) => _accounts.Find(account => account.Email == normalizedEmail);

    public Account? FindAccountByUsername(string normalizedUsername) =>
        _accounts.Find(account => account.Username is { } name && AccountRules.NormalizeUsername(name) == normalizedUsername);

    public AccountKey NextAccountKey() => new(++_lastAccount);

    public ConversationKey NextConversationKey() => new(++_lastConversation);

    private ConversationState? Read(Predicate<(ConversationKey Key, string Id, ConversationKind Kind)> matches)
    {
        var at = _conversations.FindIndex(matches);
        if (at < 0) return null;
        var (key, id, kind) = _conversations[at];
        var head = Messages.Where(message => message.Conversation == key).Select(message => message.Wire.Seq).DefaultIfEmpty().Max();
        return new ConversationState(key, id, kind, head, [.. _members.Values.Where(member => member.Conversation == key).OrderBy(member => member.Account.Value).Select(Copy)])
        {
            Group = _groups.TryGetValue(key, out var group) ? Copy(group) : null,
            DisappearSeconds = _disappear.GetValueOrDefault(key),
        };
    }

    private static GroupState Copy(GroupState group) => new(group.Name)
    {
        Avatar = group.Avatar,
        History = group.History,
        Announcements = group.Announcements,
        LinkCode = group.LinkCode,
        LinkExpiresAt = group.LinkExpiresAt,
        EventSeq = group.EventSeq,
    };

    private static MemberState Copy(MemberState member) => new(member.Conversation, member.Account, member.AccountId)
    {
        Activity = member.Activity,
        Unread = member.Unread,
        DeliveredSeq = member.DeliveredSeq,
        ReadSeq = member.ReadSeq,
        HiddenSeq = member.HiddenSeq,
        ShownDeliveredSeq = member.ShownDeliveredSeq,
        ShownReadSeq = member.ShownReadSeq,
        Role = member.Role,
        JoinedAt = member.JoinedAt,
        JoinedSeq = member.JoinedSeq,
        Request = member.Request,
        LeftSeq = member.LeftSeq,
        Farewell = member.Farewell,
        Own = member.Own,
        MutedUntil = member.MutedUntil,
        FirstEvent = member.FirstEvent,
        LastEvent = member.LastEvent,
    };
}
