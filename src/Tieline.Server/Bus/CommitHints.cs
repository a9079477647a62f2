using System.Runtime.InteropServices;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;

namespace Tieline.Server.Bus;

/// <summary>Tells the other nodes how far each log has come by a batch. Called by the store's writer alone.</summary>
internal sealed class CommitHints(IBus bus) : ICommitListener
{
    private Dictionary<AccountKey, long> _heads = [];

    public void Committed(IReadOnlyList<LoggedEvent> events)
    {
        Append(events);
        Wake();
    }

    public void Append(IReadOnlyList<LoggedEvent> events)
    {
        foreach (var logged in events)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(_heads, logged.Account, out _);
            head = Math.Max(head, logged.Pos);
        }
    }

    public void Wake()
    {
        if (_heads.Count == 0) return;
        bus.Tell(new HintsWord(_heads));
        _heads = [];
    }
}
