using System.Globalization;
using Tieline.Scale;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Seed = 7;
var (costs, habits) = (new Costs(), new Habits());
var sizes = args.Length > 0 ? args.Select(long.Parse).ToArray() : [1_000_000, 100_000_000];
Console.WriteLine($"One primary takes {costs.PerPrimary:N0} rows of messages a second, one node {costs.PerNode:N0} messages and {costs.LinesPerNode:N0} lines.");
Console.WriteLine();
Console.WriteLine("| people | sent a second: day's mean, peak | shards | the fullest: its processors at the peak, its disk | its load to the mean | direct messages with two homes | the hottest account sends a second | nodes | TB kept | burst: behind by at most, caught up after | euros a month | euros for a million online |");
Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
foreach (var people in sizes)
{
    // Shards are added until the fullest one holds, its processors at the peak and its disk: an even spread is not taken for granted.
    var (shards, needed) = (0, 1);
    Population drawn;
    double fullest, mean, held;
    do
    {
        shards = needed;
        drawn = Population.Draw(people, shards, habits, costs, Seed);
        var loads = Enumerable.Range(0, shards).Select(drawn.On).ToList();
        (fullest, mean) = (loads.Max(), loads.Average());
        held = fullest * 86_400 * 365 * costs.YearsKept * costs.MessageBytes / 1e12;
        needed = (int)Math.Ceiling(shards * Math.Max(fullest * habits.Peak / costs.PerPrimary, held / costs.PrimaryTerabytes));
    }
    while (needed > shards);

    var lines = people * habits.Online * habits.Lines;
    var nodes = Math.Ceiling(Math.Max(mean * shards * habits.Peak / costs.PerNode, lines / costs.LinesPerNode)) + 1;
    var terabytes = mean * shards * 86_400 * 365 * costs.YearsKept * costs.MessageBytes / 1e12;
    var (behind, caughtUp) = Burst(fullest * habits.Peak, costs.PerPrimary / costs.Fill);
    // Each shard with a standby that takes over, its disk twice.
    var euros = (((shards * 2 * costs.DatabaseCores) + (nodes * costs.NodeCores)) * costs.CoreEuros) + (terabytes * 1_000 * 2 * costs.GigabyteEuros);
    Console.WriteLine($"| {people:N0} | {drawn.Sent:N0}, {drawn.Sent * habits.Peak:N0} | {shards:N0} | {fullest * habits.Peak / costs.PerPrimary:P1}, {held:N1} TB | {fullest / mean:N3} | {drawn.Crossing:P0} | {drawn.Hottest:N1} | {nodes:N0} | {terabytes:N0} | {behind:N0} s, {caughtUp:N0} s | {euros:N0} | {euros / (people * habits.Online) * 1e6:N0} |");
}

// Second by second on the fullest shard, whose processors may be full for once: what waits at the nodes is acknowledged later, and nothing of it is lost.
(double Behind, double CaughtUp) Burst(double peak, double most)
{
    var (waiting, second, behind) = (0.0, 0, 0.0);
    do
    {
        var comes = second < habits.BurstLasts.TotalSeconds ? peak * habits.Burst : peak;
        waiting = Math.Max(0, waiting + comes - most);
        behind = Math.Max(behind, waiting / most);
        second++;
    }
    while (second < habits.BurstLasts.TotalSeconds || waiting > 0);
    return (behind, Math.Max(0, second - habits.BurstLasts.TotalSeconds));
}
