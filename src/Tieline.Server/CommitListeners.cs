using Tieline.Core.Ledgers;
using Tieline.Core.Storage;

namespace Tieline.Server;

/// <summary>Tells several of each committed batch, in this order.</summary>
internal sealed class CommitListeners(params ICommitListener[] listeners) : ICommitListener
{
    public void Committed(IReadOnlyList<LoggedEvent> events)
    {
        foreach (var listener in listeners) listener.Committed(events);
    }

    public void Append(IReadOnlyList<LoggedEvent> events)
    {
        foreach (var listener in listeners) listener.Append(events);
    }

    public void Wake()
    {
        foreach (var listener in listeners) listener.Wake();
    }
}
