using Tieline.Core.Accounts;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public sealed partial class LedgerChanges
{
    public Dictionary<AccountKey, Standing> Standings { get; } = [];

    /// <summary>When accounts were last there.</summary>
    public Dictionary<AccountKey, Timestamp> Seen { get; } = [];

    /// <summary>New flags and those that were decided, by their numbers.</summary>
    public SortedDictionary<long, StoredFlag> Flags { get; } = [];

    private void ClearLiveChanges()
    {
        Standings.Clear();
        Seen.Clear();
        Flags.Clear();
    }
}
