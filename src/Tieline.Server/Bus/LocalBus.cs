using System.Collections.Concurrent;
using Tieline.Core.Accounts;

namespace Tieline.Server.Bus;

/// <summary>One node by itself: nobody to tell, and values in this process.</summary>
internal sealed class LocalBus(TimeProvider time) : IBus
{
    private const int MaxHeld = 100_000;

    private readonly ConcurrentDictionary<string, (string Value, long Until)> _values = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Key, long Until)> _order = new();

    public BusStatus Status { get; } = new("none", null, time.GetUtcNow(), [], null);

    public bool IsShared => false;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Start(string chat, Action<BusWord> heard)
    {
    }

    public void Tell(BusWord word)
    {
    }

    public ValueTask<bool> KeepAsync(string key, string value, TimeSpan lifetime)
    {
        Sweep();
        var until = Now + (long)lifetime.TotalMilliseconds;
        _values[key] = (value, until);
        _order.Enqueue((key, until));
        return ValueTask.FromResult(true);
    }

    public ValueTask<BusValue> ReadAsync(string key) => ValueTask.FromResult(new BusValue(true, _values.TryGetValue(key, out var held) && held.Until >= Now ? held.Value : null));

    public ValueTask<BusValue> BurnAsync(string key) => ValueTask.FromResult(new BusValue(true, _values.TryRemove(key, out var held) && held.Until >= Now ? held.Value : null));

    public ValueTask<bool> ShowAsync(IReadOnlyList<Sighting> sightings) => ValueTask.FromResult(true);

    public ValueTask<IReadOnlyDictionary<AccountKey, Sighting>?> LookAsync(IReadOnlyCollection<AccountKey> accounts) =>
        ValueTask.FromResult<IReadOnlyDictionary<AccountKey, Sighting>?>(System.Collections.ObjectModel.ReadOnlyDictionary<AccountKey, Sighting>.Empty);

    public ValueTask<IReadOnlyList<double?>> TakeAsync(IReadOnlyList<LimitUse> uses) => ValueTask.FromResult<IReadOnlyList<double?>>(new double?[uses.Count]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Sweep()
    {
        var now = Now;
        while (_order.TryPeek(out var oldest) && (oldest.Until < now || _order.Count >= MaxHeld) && _order.TryDequeue(out oldest))
            if (_values.TryGetValue(oldest.Key, out var held) && held.Until == oldest.Until) _values.TryRemove(oldest.Key, out _);
    }
}
