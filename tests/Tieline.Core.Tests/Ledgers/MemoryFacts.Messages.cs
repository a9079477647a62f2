using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Tests.Ledgers;

internal sealed partial class MemoryFacts
{
    private readonly List<(ConversationKey Conversation, long Seq, AccountKey Account)> _hidden = [];
    private readonly List<(ConversationKey Conversation, long Seq, Reaction Reaction)> _reactions = [];
    private readonly HashSet<(AccountKey, ConversationKey, long)> _stars = [];
    private readonly Dictionary<(AccountKey, ConversationKey), DraftText> _drafts = [];
    private readonly Dictionary<ConversationKey, long> _disappear = [];

    public List<(ConversationKey Conversation, long Seq, string Text)> Edits { get; } = [];

    public HashSet<(ConversationKey Conversation, long Seq)> Gone { get; } = [];

    public StoredMessage? FindMessage(ConversationKey conversation, long seq) =>
        Gone.Contains((conversation, seq)) ? null : Messages.Find(message => message.Conversation == conversation && message.Wire.Seq == seq);

    public IReadOnlyList<(ConversationKey Conversation, long Seq)> FindExpired(Timestamp now, int limit) =>
    [
        .. Messages.Where(message => message.Wire.ExpiresAt is { } end && end.Microseconds <= now.Microseconds).Select(message => (message.Conversation, message.Wire.Seq))
            .Where(message => !Gone.Contains(message)).Take(limit),
    ];

    public IReadOnlyCollection<AccountKey> HiddenFrom(ConversationKey conversation, long seq) =>
        [.. _hidden.Where(hidden => hidden.Conversation == conversation && hidden.Seq == seq).Select(hidden => hidden.Account)];

    public IReadOnlyList<Reaction> Reactions(ConversationKey conversation, long seq) =>
        [.. _reactions.Where(row => row.Conversation == conversation && row.Seq == seq).Select(row => row.Reaction)];

    public long CountPinned(ConversationKey conversation) => Messages.Count(message => message.Conversation == conversation && message.Wire.PinnedAt is not null);

    public bool IsStarred(AccountKey account, ConversationKey conversation, long seq) => _stars.Contains((account, conversation, seq));

    public DraftText? FindDraft(AccountKey account, ConversationKey conversation) => _drafts.GetValueOrDefault((account, conversation));

    private void CommitMessages(LedgerChanges changes)
    {
        Edits.AddRange(changes.Edits);
        Gone.UnionWith(changes.Gone);
        foreach (var (conversation, seconds) in changes.DisappearSeconds) _disappear[conversation] = seconds;
        foreach (var message in changes.Updates.Values)
            Messages[Messages.FindIndex(other => other.Conversation == message.Conversation && other.Wire.Seq == message.Wire.Seq)] = message;
        _hidden.AddRange(changes.Hidden);
        foreach (var ((conversation, seq, account), emoji) in changes.Reactions)
        {
            _reactions.RemoveAll(row => row.Conversation == conversation && row.Seq == seq && row.Reaction.Account == account);
            if (emoji is not null) _reactions.Add((conversation, seq, new Reaction(account, _accounts.Find(known => known.Key == account)!.Id, emoji)));
        }

        foreach (var (star, on) in changes.Stars)
            if (on) _stars.Add(star);
            else _stars.Remove(star);
        foreach (var (key, draft) in changes.Drafts)
            if (draft is null) _drafts.Remove(key);
            else _drafts[key] = draft;
    }
}
