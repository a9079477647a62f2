using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

/// <summary>Keeps every committed event. It can hold the writer up after a commit, so that what is submitted meanwhile becomes one batch.</summary>
internal sealed class Commits : ICommitListener
{
    private readonly Lock _lock = new();
    private readonly List<LoggedEvent> _events = [];
    private TaskCompletionSource? _entered;
    private ManualResetEventSlim? _gate;

    /// <summary>Thrown after the next commit, as a fault of delivery would be.</summary>
    public Exception? Fault { get; set; }

    public IReadOnlyList<LoggedEvent> Events
    {
        get
        {
            lock (_lock) return [.. _events];
        }
    }

    public IReadOnlyList<ServerFrame> FramesOf(Account account) =>
        [.. Events.Where(logged => logged.Account == account.Key).Select(logged => logged.Event.ToFrame(logged.Pos))];

    /// <summary>From the returned task's end to <see cref="Release"/>, the writer stands still behind its next commit.</summary>
    public Task HoldNextAsync()
    {
        lock (_lock)
        {
            _gate = new ManualResetEventSlim();
            _entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _entered.Task;
        }
    }

    public void Release()
    {
        lock (_lock) _gate?.Set();
    }

    public void Committed(IReadOnlyList<LoggedEvent> events)
    {
        TaskCompletionSource? entered;
        ManualResetEventSlim? gate;
        lock (_lock)
        {
            _events.AddRange(events);
            (entered, _entered) = (_entered, null);
            gate = _gate;
        }

        if (entered is not null)
        {
            entered.SetResult();
            gate!.Wait(TimeSpan.FromSeconds(30));
        }

        if (Fault is { } fault)
        {
            Fault = null;
            throw fault;
        }
    }
}
