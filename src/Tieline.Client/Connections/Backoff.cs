namespace Tieline.Client.Connections;

/// <summary>Full jitter: anything up to a limit that doubles. There is no last attempt.</summary>
internal sealed class Backoff(Timings timings, Func<double> random)
{
    private static readonly TimeSpan _floor = TimeSpan.FromMilliseconds(100);

    private int _failures;

    public TimeSpan Next()
    {
        var limit = Math.Min(timings.BackoffMax.TotalSeconds, timings.BackoffFirst.TotalSeconds * Math.Pow(2, Math.Min(_failures++, 16)));
        return _floor + TimeSpan.FromSeconds(limit * random());
    }

    public void Reset() => _failures = 0;
}
