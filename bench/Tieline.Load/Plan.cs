using System.Globalization;

namespace Tieline.Load;

/// <summary>What one run of the bench does. The defaults are the full run.</summary>
internal sealed record Plan
{
    public IReadOnlyList<Contender> Contenders { get; init; } = Contender.Main;
    public int Rounds { get; init; } = 3;
    public double Seconds { get; init; } = 5;
    public double WarmUpSeconds { get; init; } = 4;
    public double SettleSeconds { get; init; } = 5;
    public int Pairs { get; init; } = 100;
    public int Rate { get; init; } = 1_000;
    public int Idle { get; init; } = 5_000;
    public int Missed { get; init; } = 2;
    public int ServerCore { get; init; }

    public static Plan Quick { get; } = new() { Rounds = 1, Seconds = 2, WarmUpSeconds = 1, SettleSeconds = 1, Idle = 1_000, Missed = 2 };

    public const string Usage = """
        bench/run [options]
          --quick            one round of short loads and 1,000 idle connections: a look, not a result
          --system NAMES     of tieline,signalr,ws,signalr-gated,relay (default: the first three)
          --rounds N         medians of N (3)
          --seconds S        each load (5)
          --pairs N          people who chat, two by two (100)
          --rate N           messages a second of the open loop (1000)
          --idle N           idle connections (5000); 0 leaves that part out
          --missed N         messages each of them misses (2)
          --settle S         rest before memory is read (5)
          --server-core N    core of the servers (0); the script puts the generator on the other
        """;

    public static Plan Parse(string[] words)
    {
        var plan = words.Contains("--quick") ? Quick : new Plan();
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == "--quick") continue;
            var (option, value) = (words[i], i + 1 < words.Length ? words[++i] : throw new BenchException($"{words[i]} needs a value.\n{Usage}"));
            plan = option switch
            {
                "--system" => plan with { Contenders = [.. value.Split(',').Select(Named)] },
                "--rounds" => plan with { Rounds = Number(option, value) },
                "--seconds" => plan with { Seconds = Number(option, value) },
                "--pairs" => plan with { Pairs = Number(option, value) },
                "--rate" => plan with { Rate = Number(option, value) },
                "--idle" => plan with { Idle = Number(option, value, least: 0) },
                "--missed" => plan with { Missed = Number(option, value, least: 0) },
                "--settle" => plan with { SettleSeconds = Number(option, value) },
                "--server-core" => plan with { ServerCore = Number(option, value, least: 0) },
                _ => throw new BenchException($"Unknown option {option}.\n{Usage}"),
            };
        }
        return plan;
    }

    private static Contender Named(string name) =>
        Contender.All.FirstOrDefault(contender => contender.Name == name)
        ?? throw new BenchException($"--system {name}: it is one of {string.Join(", ", Contender.All.Select(c => c.Name))}.");

    private static int Number(string option, string value, int least = 1) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= 100_000
            ? number
            : throw new BenchException($"{option} {value}: a whole number from {least} to 100000.");
}
