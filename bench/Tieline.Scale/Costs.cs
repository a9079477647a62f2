namespace Tieline.Scale;

/// <summary>What one thing costs. Measured: docs/nodes.md and docs/performance.md, each with its circumstances. Assumed: what only an operator knows.</summary>
internal sealed record Costs
{
    /// <summary>Measured: microseconds of a node's processor for a message, with PostgreSQL, 16 in flight, three nodes, the two of a pair apart.</summary>
    public double NodeMicroseconds { get; init; } = 78;

    /// <summary>Measured: the same of PostgreSQL's.</summary>
    public double DatabaseMicroseconds { get; init; } = 163;

    /// <summary>Measured with SQLite, 5,000 idle connections: bytes of a node's memory for each.</summary>
    public double ConnectionBytes { get; init; } = 19_800;

    /// <summary>Measured: bytes in PostgreSQL for a message of 100 letters, its log, its send and its search terms.</summary>
    public double MessageBytes { get; init; } = 1_900;

    /// <summary>Assumed: cores of one PostgreSQL primary, and how far they are filled at the peak.</summary>
    public int DatabaseCores { get; init; } = 4;

    public double Fill { get; init; } = 0.5;

    /// <summary>Assumed: terabytes that one primary may hold, so that a copy of it is made in hours, and for how many years messages are kept.</summary>
    public double PrimaryTerabytes { get; init; } = 10;

    public double YearsKept { get; init; } = 1;

    /// <summary>Assumed: what a position of a group's message costs the shard of some of its members, of what a message costs.</summary>
    public double PositionCost { get; init; } = 0.3;

    /// <summary>Assumed: cores and memory of one node.</summary>
    public int NodeCores { get; init; } = 4;

    public double NodeBytes { get; init; } = 16e9;

    /// <summary>Assumed: euros a month for a core with its memory, and for a gigabyte of fast disk.</summary>
    public double CoreEuros { get; init; } = 10;

    public double GigabyteEuros { get; init; } = 0.10;

    /// <summary>Messages a second that one primary takes at that filling.</summary>
    public double PerPrimary => DatabaseCores * Fill * 1e6 / DatabaseMicroseconds;

    public double PerNode => NodeCores * Fill * 1e6 / NodeMicroseconds;

    public double LinesPerNode => NodeBytes * Fill / ConnectionBytes;
}
