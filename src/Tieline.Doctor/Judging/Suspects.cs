namespace Tieline.Doctor.Judging;

/// <summary>
/// The causes that may explain what was seen, each with the weight of its evidence. A probe adds to some and takes from
/// others; the heaviest at the end is the finding and those close behind are its alternatives.
/// </summary>
internal sealed class Suspects
{
    /// <summary>Nothing else explains it.</summary>
    public const int Proven = 100;

    /// <summary>The usual explanation.</summary>
    public const int Likely = 60;

    /// <summary>Explains it as well, but is rarer.</summary>
    public const int Plausible = 35;

    /// <summary>Cannot be ruled out.</summary>
    public const int Possible = 15;

    /// <summary>So sure that it is named beside another fault.</summary>
    public const int SecondFault = 150;

    private readonly Dictionary<string, Entry> _all = new(StringComparer.Ordinal);

    private sealed class Entry
    {
        public int Weight { get; set; }
        public List<string> Saw { get; } = [];
    }

    public bool Has(string cause) => _all.TryGetValue(cause, out var e) && e.Weight > 0;

    public int Weight(string cause) => _all.TryGetValue(cause, out var e) ? e.Weight : 0;

    public bool Empty => _all.Values.All(e => e.Weight <= 0);

    /// <summary>The heaviest weight so far.</summary>
    public int Top => _all.Count == 0 ? 0 : _all.Values.Max(e => e.Weight);

    public void Add(string cause, int weight, string? saw = null)
    {
        if (!_all.TryGetValue(cause, out var entry)) _all[cause] = entry = new Entry();
        entry.Weight += weight;
        if (saw is { Length: > 0 } && !entry.Saw.Contains(saw)) entry.Saw.Add(saw);
    }

    public void Add(int weight, params ReadOnlySpan<string> causes)
    {
        foreach (var cause in causes) Add(cause, weight);
    }

    /// <summary>Evidence against, by the start of the cause: it stays listed only if something else speaks for it.</summary>
    public void Against(int weight, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
            foreach (var (cause, entry) in _all)
                if (cause.StartsWith(prefix, StringComparison.Ordinal)) entry.Weight -= weight;
    }

    /// <summary>Moves what is known about one cause to another that says it more exactly.</summary>
    public void Turn(string from, string to, int extra = 0, string? saw = null)
    {
        if (!_all.Remove(from, out var entry)) return;
        Add(to, entry.Weight + extra, saw);
        foreach (var s in entry.Saw) Add(to, 0, s);
    }

    public IReadOnlyList<Suspect> Ranked() =>
        [.. _all.Where(e => e.Value.Weight > 0).OrderByDescending(e => e.Value.Weight).ThenBy(e => e.Key, StringComparer.Ordinal).Select(e => new Suspect(e.Key, e.Value.Weight, e.Value.Saw))];
}

/// <summary>A cause with the weight of what speaks for it.</summary>
internal sealed record Suspect(string Cause, int Weight, IReadOnlyList<string> Saw);
