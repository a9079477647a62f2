using System.Security.Cryptography;
using System.Text;
using Tieline.Core.Limits;
using Tieline.Server.Sockets;

namespace Tieline.Server.Bus;

/// <summary>
/// Limits that hold on all nodes together. Each node decides by its own bucket and waits for nobody; what was taken is counted on the bus at once after, and the bucket
/// then holds what the shared one holds. So somebody who comes to several nodes at the same moment gets a burst from each, and pays for it after.
/// </summary>
internal sealed class SharedLimits : IDisposable
{
    private const int MaxAtOnce = 2_000;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly IBus _bus;
    private readonly TimeProvider _time;
    private readonly AsyncSignal _wake = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Dictionary<TokenBucket, Func<LimitUse>> _due = [];

    public SharedLimits(IBus bus, TimeProvider time)
    {
        (_bus, _time) = (bus, time);
        if (bus.IsShared) _ = CountAsync();
    }

    /// <param name="name">The same on all nodes.</param>
    public KeyedLimit<TKey> Of<TKey>(string name, double perSecond, int burst) where TKey : notnull
    {
        if (!_bus.IsShared) return new KeyedLimit<TKey>(perSecond, burst, _time);
        return new KeyedLimit<TKey>(perSecond, burst, _time, (key, bucket) =>
        {
            lock (_lock)
            {
                if (_due.Count >= MaxAtOnce || _due.ContainsKey(bucket)) return;
                _due.Add(bucket, UseOf(key, bucket));
            }

            _wake.Set();
        });

        Func<LimitUse> UseOf(TKey key, TokenBucket bucket) => () => new LimitUse(KeyOf(name, key), bucket.TakeUncounted(), perSecond, burst);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _wake.Set();
    }

    /// <summary>Whom a limit holds for is often a person's address: what stands in Redis tells it to nobody.</summary>
    private static string KeyOf<TKey>(string name, TKey key) => $"{name}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key!.ToString()!)).AsSpan(0, 16))}";

    private async Task CountAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await _wake.WaitAsync();
                Dictionary<TokenBucket, Func<LimitUse>> due;
                lock (_lock) (due, _due) = (_due, []);
                var buckets = due.Keys.ToArray();
                var held = await _bus.TakeAsync([.. buckets.Select(bucket => due[bucket]())]);
                for (var i = 0; i < buckets.Length; i++)
                    if (held[i] is { } tokens) buckets[i].Hold(tokens);
                await Task.Delay(_pause, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
