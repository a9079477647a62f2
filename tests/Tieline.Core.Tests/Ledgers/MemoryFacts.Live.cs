using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Tests.Ledgers;

internal sealed partial class MemoryFacts
{
    private readonly Dictionary<AccountKey, Standing> _standings = [];

    public Dictionary<AccountKey, Timestamp> Seen { get; } = [];
    public SortedDictionary<long, StoredFlag> Flags { get; } = [];

    public Standing FindStanding(AccountKey account) => _standings.GetValueOrDefault(account, Standing.Good);

    public bool ShareGroup(AccountKey one, AccountKey other) => _conversations.Exists(row => row.Kind == ConversationKind.Group && IsIn(row.Key, one) && IsIn(row.Key, other));

    public long LastFlag() => Flags.Keys.DefaultIfEmpty().Max();

    public StoredFlag? FindFlag(long id) => Flags.GetValueOrDefault(id);

    public bool HasOpenFlag(AccountKey reporter, AccountKey user, ConversationKey? conversation, long seq) =>
        Flags.Values.Any(flag => flag.Decision is null && flag.Reporter == reporter && flag.User == user && flag.Conversation == conversation && flag.Seq == seq);

    private bool IsIn(ConversationKey conversation, AccountKey account) => _members.TryGetValue((conversation, account), out var member) && member.LeftSeq is null;

    private void CommitLive(LedgerChanges changes)
    {
        foreach (var (account, standing) in changes.Standings) _standings[account] = standing;
        foreach (var (account, at) in changes.Seen) Seen[account] = at;
        foreach (var (id, flag) in changes.Flags) Flags[id] = flag;
    }
}
