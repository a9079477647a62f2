using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tieline.Server.Bus;

/// <summary>Who else is heard on the bus. Measured by this node's own steps of time, so that no clock matters.</summary>
internal sealed class OtherNodes
{
    /// <summary>A node says something each second; one that is silent for so long is gone.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (string Name, long HeardAt)> _heard = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => [.. _heard.Values.Select(node => node.Name).Order(StringComparer.Ordinal)];

    public bool IsThere(string instance) => _heard.ContainsKey(instance);

    /// <returns>True when it was not known.</returns>
    public bool Hear(BusLines.Speaker speaker)
    {
        var known = _heard.ContainsKey(speaker.Instance);
        _heard[speaker.Instance] = (speaker.Node, Stopwatch.GetTimestamp());
        return !known;
    }

    /// <returns>True when it was known.</returns>
    public bool Forget(string instance) => _heard.TryRemove(instance, out _);

    /// <summary>Nobody was heard for a while, and that says nothing of them: they have their time from now on.</summary>
    public void Renew()
    {
        foreach (var (instance, node) in _heard) _heard.TryUpdate(instance, (node.Name, Stopwatch.GetTimestamp()), node);
    }

    /// <summary>Forgets those who have long been silent.</summary>
    /// <returns>True when there were any.</returns>
    public bool Sweep()
    {
        var any = false;
        foreach (var (instance, node) in _heard)
            if (Stopwatch.GetElapsedTime(node.HeardAt) >= GoneAfter) any |= _heard.TryRemove(instance, out _);
        return any;
    }
}
