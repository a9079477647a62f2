namespace Tieline.Core.Limits;

/// <summary>Allows <paramref name="perSecond"/> a second, and <paramref name="burst"/> at once after a rest. Thread-safe.</summary>
public sealed class TokenBucket(double perSecond, int burst, TimeProvider time)
{
    /// <summary>A token that rounding has made a hair too small is a whole one.</summary>
    private const double Whole = 1 - 1e-6;

    private readonly Lock _lock = new();
    private double _tokens = burst;
    private long _last = time.GetTimestamp();
    private int _uncounted;

    /// <summary>Takes one token if there is one.</summary>
    /// <returns>Zero when it was taken, else how long until one is there.</returns>
    public TimeSpan TryTake()
    {
        lock (_lock)
        {
            Refill();
            if (_tokens >= Whole)
            {
                _tokens--;
                _uncounted++;
                return TimeSpan.Zero;
            }

            return Until(1 - _tokens);
        }
    }

    /// <summary>Takes one token even if it has yet to come.</summary>
    /// <returns>How long to wait before acting on it.</returns>
    public TimeSpan Reserve()
    {
        lock (_lock)
        {
            Refill();
            _tokens--;
            _uncounted++;
            return _tokens >= Whole - 1 ? TimeSpan.Zero : Until(-_tokens);
        }
    }

    /// <summary>How many were taken since this was last asked.</summary>
    public int TakeUncounted()
    {
        lock (_lock)
        {
            var taken = _uncounted;
            _uncounted = 0;
            return taken;
        }
    }

    /// <summary>What a bucket that several share holds, those taken out of it that <see cref="TakeUncounted"/> has told of; this one holds as much.</summary>
    public void Hold(double tokens)
    {
        lock (_lock)
        {
            _tokens = Math.Min(burst, tokens - _uncounted);
            _last = time.GetTimestamp();
        }
    }

    /// <summary>True when the bucket is as good as new, so that forgetting it changes nothing.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                Refill();
                return _tokens >= burst;
            }
        }
    }

    /// <summary>Rounded up: zero means that it was allowed.</summary>
    private TimeSpan Until(double tokens) => TimeSpan.FromTicks((long)Math.Ceiling(tokens / perSecond * TimeSpan.TicksPerSecond));

    private void Refill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * perSecond));
        _last = now;
    }
}
