using System.Globalization;

namespace Tieline.Cli.Verify;

/// <summary>What the checker found: numbers, and the first faults in words.</summary>
internal sealed class Verdict
{
    private const int MaxTold = 20;
    private readonly List<string> _told = [];

    /// <summary>Acknowledged, but not kept, not where the acknowledgement said, or not delivered.</summary>
    public int Lost { get; private set; }

    /// <summary>Kept or delivered more than once.</summary>
    public int Doubled { get; private set; }

    /// <summary>Kept or delivered in another order than that of its sender.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Holes in a conversation's seq or in a person's pos.</summary>
    public int Gaps { get; private set; }

    /// <summary>Everything else that may not be: never acknowledged, never sent, changed on the way.</summary>
    public int Strange { get; private set; }

    public bool IsGood => Lost + Doubled + OutOfOrder + Gaps + Strange == 0;

    /// <summary>The first faults, a sentence each.</summary>
    public IReadOnlyList<string> Told => _told;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"lost {Lost}, doubled {Doubled}, out of order {OutOfOrder}, gaps {Gaps}, strange {Strange}");

    public void AddLost(string what) => Lost += Tell(what);

    public void AddDoubled(string what) => Doubled += Tell(what);

    public void AddOutOfOrder(string what) => OutOfOrder += Tell(what);

    public void AddGap(string what) => Gaps += Tell(what);

    public void AddStrange(string what) => Strange += Tell(what);

    private int Tell(string what)
    {
        if (_told.Count < MaxTold) _told.Add(what);
        return 1;
    }
}
