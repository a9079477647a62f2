using System.Collections.Concurrent;

namespace Tieline.Server.Sockets;

/// <summary>Something open that must be looked after once a second and told when the server stops: a socket or a stream.</summary>
internal interface ILine
{
    /// <summary>Called about once a second: pings, gives up on the dead, watches the token.</summary>
    void Tick();

    /// <summary>Asks the client to come back elsewhere, then closes.</summary>
    void GoAway();
}

/// <summary>All open lines of this node. One timer serves them all, so that an idle line costs none.</summary>
internal sealed class Lines : IDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ILine, byte> _lines = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;

    public Lines(TimeProvider time) => _timer = time.CreateTimer(_ => Tick(), null, _tick, _tick);

    public int Count => _lines.Count;

    public bool IsDraining { get; private set; }

    public void Add(ILine line)
    {
        _lines[line] = 0;
        // A line that opened while the drain began would not have been told.
        if (IsDraining) line.GoAway();
    }

    public void Remove(ILine line)
    {
        _lines.TryRemove(line, out _);
        if (IsDraining && _lines.IsEmpty) _drained.TrySetResult();
    }

    /// <summary>Tells every line to go, and waits until they have or the time is over.</summary>
    public async Task DrainAsync(TimeSpan within, TimeProvider time)
    {
        IsDraining = true;
        foreach (var line in _lines.Keys) line.GoAway();
        if (_lines.IsEmpty) return;
        try
        {
            await _drained.Task.WaitAsync(within, time);
        }
        catch (TimeoutException)
        {
            // What is still open ends with the process; nothing acknowledged depends on it.
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        foreach (var line in _lines.Keys) line.Tick();
    }
}
