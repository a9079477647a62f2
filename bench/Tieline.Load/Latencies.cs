using System.Diagnostics;

namespace Tieline.Load;

/// <summary>All measured times of one load, exact: no buckets.</summary>
internal sealed class Latencies
{
    private long[] _ticks = new long[1 << 16];
    private int _count;
    private bool _sorted;

    public void Add(long ticks)
    {
        if (_count == _ticks.Length) Array.Resize(ref _ticks, _count * 2);
        _ticks[_count++] = ticks;
        _sorted = false;
    }

    public double Milliseconds(double quantile)
    {
        if (_count == 0) return double.NaN;
        if (!_sorted) Array.Sort(_ticks, 0, _count);
        _sorted = true;
        return _ticks[Math.Min(_count - 1, (int)(quantile * _count))] * 1000.0 / Stopwatch.Frequency;
    }
}
