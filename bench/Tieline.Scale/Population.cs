namespace Tieline.Scale;

/// <summary>
/// People with their home shards, drawn one by one, and what each sends by what it makes the shards do. Messages of a direct chat are stored
/// twice, at the homes of both; those of a group once, at the group's home, and a position at each shard where members live.
/// </summary>
internal sealed class Population
{
    private const int PeersDrawn = 3;

    private readonly double[] _load;
    private double _everywhere;

    private Population(int shards) => _load = new double[shards];

    /// <summary>Messages a second, in the mean of the day.</summary>
    public double Sent { get; private set; }

    /// <summary>Of the messages of direct chats: how many have two homes.</summary>
    public double Crossing { get; private set; }

    /// <summary>What the busiest single account brings to its home, a second.</summary>
    public double Hottest { get; private set; }

    public static Population Draw(long people, int shards, Habits habits, Costs costs, int seed)
    {
        var population = new Population(shards);
        var random = new Random(seed);
        // So that the mean is the mean, whatever the spread.
        var mu = Math.Log(habits.Mean) - (habits.Sigma * habits.Sigma / 2);
        double direct = 0;
        for (long person = 0; person < people; person++)
        {
            var hot = random.Next(habits.HotOneIn) == 0;
            var perSecond = (hot ? habits.HotPerDay : Math.Exp(mu + (habits.Sigma * Normal(random)))) / 86_400;
            var home = random.Next(shards);
            population.Sent += perSecond;
            population.Hottest = Math.Max(population.Hottest, perSecond);
            var toPeople = perSecond * (1 - habits.ToGroups);
            population._load[home] += toPeople;
            direct += toPeople;
            for (var peer = 0; peer < PeersDrawn; peer++)
            {
                // The second copy; where both live in the same place there is one.
                var other = random.Next(shards);
                if (other == home) continue;
                population._load[other] += toPeople / PeersDrawn;
                population.Crossing += toPeople / PeersDrawn;
            }

            population.WriteToGroup(perSecond * habits.ToGroups, Size(random, habits.GroupExponent), shards, costs.PositionCost, random);
        }

        population.Crossing /= direct;
        return population;
    }

    /// <summary>One row at the group's home. The shards of its members are told positions, which stand in one row for the group on each.</summary>
    private void WriteToGroup(double perSecond, int size, int shards, double positionCost, Random random)
    {
        _load[random.Next(shards)] += perSecond;
        // Of so many members, expected to live on so many other shards. Spread evenly: which ones they are differs for each group.
        var others = (shards - 1) * (1 - Math.Pow(1 - (1.0 / shards), size - 1));
        _everywhere += perSecond * positionCost * others / shards;
    }

    /// <summary>Messages that a shard stores a second, in the mean of the day, and positions of groups counted as parts of one.</summary>
    public double On(int shard) => _load[shard] + _everywhere;

    private static int Size(Random random, double exponent) =>
        (int)Math.Min(1_000, 3 * Math.Pow(1 - random.NextDouble(), -1 / (exponent - 1)));

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
