using System.Collections.Concurrent;

namespace Tieline.Core.Limits;

/// <summary>A token bucket per key (an account, an address). A rate of 0 means no limit.</summary>
/// <param name="taken">Told, after each token that was taken, of the bucket it was taken from: for who counts it elsewhere too. Must return at once.</param>
public sealed class KeyedLimit<TKey>(double perSecond, int burst, TimeProvider time, Action<TKey, TokenBucket>? taken = null) where TKey : notnull
{
    private const int SweepAbove = 10_000;
    private readonly ConcurrentDictionary<TKey, TokenBucket> _buckets = new();
    private int _untilSweep = SweepAbove;

    /// <returns>Zero when it is allowed now, else how long to wait.</returns>
    public TimeSpan TryTake(TKey key)
    {
        if (perSecond <= 0) return TimeSpan.Zero;
        var bucket = BucketOf(key);
        var wait = bucket.TryTake();
        if (wait == TimeSpan.Zero) taken?.Invoke(key, bucket);
        return wait;
    }

    /// <summary>Allows it in any case.</summary>
    /// <returns>How long to wait before acting on it.</returns>
    public TimeSpan Reserve(TKey key)
    {
        if (perSecond <= 0) return TimeSpan.Zero;
        var bucket = BucketOf(key);
        var wait = bucket.Reserve();
        taken?.Invoke(key, bucket);
        return wait;
    }

    private TokenBucket BucketOf(TKey key)
    {
        if (_buckets.TryGetValue(key, out var bucket)) return bucket;
        if (Interlocked.Decrement(ref _untilSweep) <= 0) Sweep();
        return _buckets.GetOrAdd(key, _ => new TokenBucket(perSecond, burst, time));
    }

    private void Sweep()
    {
        Interlocked.Exchange(ref _untilSweep, SweepAbove);
        foreach (var (key, bucket) in _buckets)
            if (bucket.IsFull) _buckets.TryRemove(key, out _);
    }
}
