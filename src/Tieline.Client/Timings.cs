namespace Tieline.Client;

/// <summary>Every waiting time of the client. protocol/README.md has those that the server counts on.</summary>
internal sealed record Timings
{
    /// <summary>How long a WebSocket may take before the other ways are tried beside it.</summary>
    public TimeSpan HeadStart { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>A handshake without a first frame is given up after this.</summary>
    public TimeSpan WebSocketLimit { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The same in the background, while another line works.</summary>
    public TimeSpan UpgradeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Counted from the request: a proxy that buffers sends headers late too.</summary>
    public TimeSpan StreamFirstFrame { get; init; } = TimeSpan.FromSeconds(3);
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(10);
    public int PollSeconds { get; init; } = 20;

    /// <summary>A poll may take its own time and this.</summary>
    public TimeSpan PollGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After a poll that waited and brought nothing.</summary>
    public TimeSpan EmptyPoll { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Silence is measured against the server's ping_s and this.</summary>
    public TimeSpan PingGrace { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan PongLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After waking up somebody is waiting in front of the screen.</summary>
    public TimeSpan PongLimitAwake { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>No acknowledgement of anything for this long: the oldest send goes by POST as well.</summary>
    public TimeSpan AckLimit { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>A line that lived this long was a good one: the next attempt starts without back-off.</summary>
    public TimeSpan Stable { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>So many WebSockets in a row that died young, and the other ways get their turn at once.</summary>
    public int Flaps { get; init; } = 3;
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromSeconds(0.5);
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>After a good line ended: spreads the clients of a restarted server.</summary>
    public TimeSpan RestartSpread { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When to try a WebSocket again behind a working fallback; the last one repeats.</summary>
    public IReadOnlyList<TimeSpan> Upgrades { get; init; } = [TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)];

    /// <summary>A hole that is not healed by then costs the line.</summary>
    public TimeSpan GapLimit { get; init; } = TimeSpan.FromSeconds(2);
    public TimeSpan ReceiptInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The outbox's store may take this long before a message is sent without it.</summary>
    public TimeSpan StoreLimit { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Two wake-ups closer than this are one.</summary>
    public TimeSpan WakeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>One step of the probes.</summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same failure is explained once in this time.</summary>
    public TimeSpan DiagnosisLife { get; init; } = TimeSpan.FromMinutes(10);
}
