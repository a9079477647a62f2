namespace Tieline.Client.Connections;

/// <summary>When a line was last heard, and whether it owes an answer.</summary>
internal sealed class Pulse(TimeProvider time, int pingSeconds, Timings timings)
{
    private long _heard = time.GetTimestamp();
    private long _missedPos = -1, _missedAt;

    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _heard));

    /// <summary>The server speaks at least this often.</summary>
    public TimeSpan Limit { get; } = TimeSpan.FromSeconds(Math.Clamp(pingSeconds, 5, 300)) + timings.PingGrace;

    public void Heard() => Interlocked.Exchange(ref _heard, time.GetTimestamp());

    /// <summary>True when the hole at this place is new or has not been asked about lately.</summary>
    public bool MissedAt(long pos)
    {
        var now = time.GetTimestamp();
        if (_missedPos == pos && time.GetElapsedTime(_missedAt, now) < timings.GapLimit) return false;
        (_missedPos, _missedAt) = (pos, now);
        return true;
    }
}
