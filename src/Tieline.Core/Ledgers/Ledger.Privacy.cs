using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

public sealed partial class Ledger
{
    private readonly Dictionary<AccountKey, Standing> _standings = [];

    private Outcome? ApplyToStanding(Command command) => command switch
    {
        ChangePrivacy change => ApplyChangePrivacy(change),
        MarkSeen mark => ApplyMarkSeen(mark),
        AcceptRequest accept => ApplyAccept(accept),
        RaiseFlag flag => ApplyRaiseFlag(flag),
        DecideFlag decide => ApplyDecideFlag(decide),
        _ => null,
    };

    private Standing StandingOf(AccountKey account)
    {
        if (!_standings.TryGetValue(account, out var standing)) _standings.Add(account, standing = facts.FindStanding(account));
        return standing;
    }

    private void SetStanding(AccountKey account, Standing standing) => _standings[account] = Changes.Standings[account] = standing;

    private Changed ApplyChangePrivacy(ChangePrivacy change)
    {
        var before = StandingOf(change.Who.Key);
        var after = new Privacy(change.Receipts ?? before.Privacy.Receipts, change.Online ?? before.Privacy.Online,
            change.LastSeen ?? before.Privacy.LastSeen, change.Typing ?? before.Privacy.Typing);
        if (after == before.Privacy) return new Changed(0);
        SetStanding(change.Who.Key, before with { Privacy = after });
        Append(change.Who.Key, EventKind.Privacy, null, 0, null, new PrivacyEvent(after));
        return new Changed(1);
    }

    private Changed ApplyMarkSeen(MarkSeen mark)
    {
        foreach (var (account, at) in mark.Seen) Changes.Seen[account] = at;
        return new Changed(mark.Seen.Count);
    }

    /// <summary>How far one has read is told to those who tell it themselves.</summary>
    private bool ShowsReads(AccountKey reader, AccountKey to) => StandingOf(reader).Privacy.Receipts && StandingOf(to).Privacy.Receipts;
}
