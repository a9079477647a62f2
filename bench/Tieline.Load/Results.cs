using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tieline.Load;

/// <summary>All rounds of all contenders; medians, and ratios within this run.</summary>
internal sealed class Results(Plan plan)
{
    private static readonly Figure[] _figures =
    [
        new("durable deliveries/s, 1 in flight per pair", r => r.One.PerSecond, MoreIsBetter: true, "N0"),
        new("durable deliveries/s, 16 in flight", r => r.Sixteen.PerSecond, MoreIsBetter: true, "N0"),
        new("server CPU us per message, 1 in flight", r => r.One.CpuMicrosecondsPerMessage, MoreIsBetter: false, "N1"),
        new("server CPU us per message, 16 in flight", r => r.Sixteen.CpuMicrosecondsPerMessage, MoreIsBetter: false, "N1"),
        new("acknowledgement p50 ms, steady rate", r => r.Steady.Holds ? r.Steady.Acknowledgement.Milliseconds(0.50) : null, MoreIsBetter: false, "N2"),
        new("acknowledgement p99 ms, steady rate", r => r.Steady.Holds ? r.Steady.Acknowledgement.Milliseconds(0.99) : null, MoreIsBetter: false, "N2"),
        new("delivery p50 ms, steady rate", r => r.Steady.Holds ? r.Steady.Delivery.Milliseconds(0.50) : null, MoreIsBetter: false, "N2"),
        new("delivery p99 ms, steady rate", r => r.Steady.Holds ? r.Steady.Delivery.Milliseconds(0.99) : null, MoreIsBetter: false, "N2"),
        new("bytes per idle connection (PSS)", r => r.Idle?.PssPerConnection, MoreIsBetter: false, "N0", OfIdle: true),
        new("bytes per idle connection (RSS)", r => r.Idle?.RssPerConnection, MoreIsBetter: false, "N0", OfIdle: true),
        new("all idle connect, s", r => r.Idle?.ConnectSeconds, MoreIsBetter: false, "N2", OfIdle: true),
        new("all come back with what they missed, s", r => r.Idle?.ReturnSeconds, MoreIsBetter: false, "N2", OfIdle: true),
        new("generator busy, 1 in flight, %", r => r.One.GeneratorBusy * 100, MoreIsBetter: null, "N0"),
        new("generator busy, 16 in flight, %", r => r.Sixteen.GeneratorBusy * 100, MoreIsBetter: null, "N0"),
        new("taken by other processes, % of a core", r => OthersBusy(r) * 100, MoreIsBetter: null, "N0"),
    ];

    // Above these the machine has other work, and the ratios say more about that than about the contenders.
    private const double BusyDiskMilliseconds = 1;
    private const double BusyProcessors = 0.2;

    private readonly Dictionary<Contender, List<Round>> _rounds = [];
    private readonly List<double> _fsync = [];

    /// <summary>A row. A null value: the contender does not get there; a null MoreIsBetter: there is nothing to win.</summary>
    private sealed record Figure(string Name, Func<Round, double?> Of, bool? MoreIsBetter, string Format, bool OfIdle = false);

    /// <summary>What a small synced write cost before a contender's turn.</summary>
    public void AddFsync(double milliseconds) => _fsync.Add(milliseconds);

    public void Add(Contender contender, Round round)
    {
        if (!_rounds.TryGetValue(contender, out var rounds)) _rounds[contender] = rounds = [];
        rounds.Add(round);
    }

    /// <summary>Markdown: a row per figure, a column per contender, and how many times better ours is than each rival.</summary>
    public string Table()
    {
        var ours = plan.Contenders.FirstOrDefault(contender => contender is TielineContender);
        var rivals = ours is null ? [] : plan.Contenders.Where(contender => contender != ours).ToArray();
        var table = new StringBuilder();
        Line($"{plan.Pairs} pairs, {Letter.Length}-byte texts, {plan.Rounds} round(s) of {plan.Seconds} s, steady rate {plan.Rate}/s, " +
             $"{plan.Idle} idle connections that miss {plan.Missed} each; {Environment.ProcessorCount} core(s) for the generator, one for the server; " +
             $"fsync of 4 KiB before the turns: {_fsync.Min():N2} to {_fsync.Max():N2} ms. Medians. Every store was checked: stored = acknowledged = delivered, once, in order.");
        if (_fsync.Max() > BusyDiskMilliseconds || _rounds.Values.Max(rounds => rounds.Max(OthersBusy)) > BusyProcessors)
        {
            Line();
            Line("**The machine was busy with something else: not a result, run again.**");
        }
        Line();
        foreach (var contender in plan.Contenders) Line($"- {contender.Name}: {contender.Describe}");
        Line();
        Row(["figure", .. plan.Contenders.Select(c => c.Name), .. rivals.Select(r => $"better than {r.Name}")]);
        Row(["---", .. plan.Contenders.Select(_ => "---:"), .. rivals.Select(_ => "---:")]);
        foreach (var figure in _figures)
        {
            if (plan.Idle == 0 && figure.OfIdle) continue;
            Row([figure.Name,
                .. plan.Contenders.Select(contender => Median(contender, figure)?.ToString(figure.Format, CultureInfo.InvariantCulture) ?? NotHeld(contender, figure)),
                .. rivals.Select(rival => Ratio(Median(ours!, figure), Median(rival, figure), figure.MoreIsBetter))]);
        }
        return table.ToString();

        void Line(string text = "") => table.Append(text).Append('\n');
        void Row(IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells)} |");
    }

    public string Json() => JsonSerializer.Serialize(
        new
        {
            plan.Rounds,
            plan.Seconds,
            plan.Pairs,
            plan.Rate,
            plan.Idle,
            plan.Missed,
            FsyncMilliseconds = _fsync,
            Contenders = _rounds.ToDictionary(
                entry => entry.Key.Name,
                entry => _figures.ToDictionary(figure => figure.Name, figure => entry.Value.Select(figure.Of))),
        }, _json);

    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };

    private static double OthersBusy(Round round) => Math.Max(round.One.OthersBusy, Math.Max(round.Sixteen.OthersBusy, round.Steady.OthersBusy));

    /// <summary>Null unless the contender got there in every round.</summary>
    private double? Median(Contender contender, Figure figure)
    {
        var values = _rounds[contender].Select(figure.Of).ToArray();
        if (values.Contains(null)) return null;
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[values.Length / 2 - 1] + values[values.Length / 2]) / 2;
    }

    private string NotHeld(Contender contender, Figure figure) => figure.Name.Contains("steady", StringComparison.Ordinal)
        ? $"does not hold ({_rounds[contender].Min(r => r.Steady.PerSecond):N0}/s)"
        : "";

    private static string Ratio(double? ours, double? theirs, bool? moreIsBetter) =>
        moreIsBetter is { } more && ours is > 0 and var mine && theirs is > 0 and var rival
            ? string.Create(CultureInfo.InvariantCulture, $"{(more ? mine / rival : rival / mine):0.0#}x")
            : "";
}
