using Tieline.Load;

namespace Tieline.Nodes;

/// <summary>What so many nodes carried. Processor times in microseconds for each message.</summary>
internal sealed record NodesFigures(int Nodes, bool Apart, int InFlight, double PerSecond, double AckMedian, double Ack99, double DeliveryMedian, double Delivery99, double NodeCost, double DatabaseCost, double BusCost,
    double GeneratorCost, double OthersBusy);

/// <summary>Pairs of whom one writes, and the next message comes when one is through.</summary>
internal sealed class NodesLoad : ILineEvents
{
    private const double DrainSeconds = 60;

    private readonly EventLoop _loop = new();
    private readonly Cluster _cluster;
    private readonly Pair[] _pairs;
    private readonly bool _apart;
    private Latencies _acknowledgement = new(), _delivery = new();
    private int _ready, _inFlight, _delivered;
    private long _until;
    private string? _fault;

    /// <param name="apart">True: the two of a pair sit at different nodes.</param>
    public NodesLoad(Cluster cluster, IReadOnlyList<Person> people, bool apart)
    {
        (_cluster, _apart) = (cluster, apart);
        var lines = people.Select(person => new TielineLine(person with { Number = person.Number % people.Count }, this)).ToArray();
        _pairs = [.. lines.Chunk(2).Select(two => new Pair(two[0], two[1]))];
        for (var i = 0; i < lines.Length; i++) _loop.Connect(lines[i], cluster.Ports[((i / 2) + (apart ? i % 2 : 0)) % cluster.Ports.Count]);
        RunUntil(EventLoop.In(DrainSeconds), () => _ready == lines.Length);
        Check(_ready == lines.Length ? null : $"only {_ready} of {lines.Length} lines became ready");
    }

    public NodesFigures Run(int inFlight, double seconds)
    {
        (_acknowledgement, _delivery, _delivered, _inFlight, _until) = (new Latencies(), new Latencies(), 0, inFlight, EventLoop.In(seconds));
        var (before, began) = (Costs(), EventLoop.Now);
        foreach (var pair in _pairs) Refill(pair);
        RunUntil(_until, () => false);
        var (perSecond, after, count) = (_delivered / seconds, Costs(), Math.Max(1, _delivered));
        var busy = (EventLoop.Now - began) / (double)EventLoop.Second;
        RunUntil(EventLoop.In(DrainSeconds), () => _pairs.All(pair => pair.InFlight == 0));
        Check(_pairs.All(pair => pair.InFlight == 0) ? null : "not everything arrived");
        double Cost(Func<(double Nodes, double Database, double Bus, double Own, double Machine), double> of) => (of(after) - of(before)) * 1e6 / count;
        return new NodesFigures(_cluster.Nodes.Count, _apart, inFlight, perSecond, _acknowledgement.Milliseconds(0.5), _acknowledgement.Milliseconds(0.99), _delivery.Milliseconds(0.5), _delivery.Milliseconds(0.99),
            Cost(c => c.Nodes), Cost(c => c.Database), Cost(c => c.Bus), Cost(c => c.Own), (Others(after) - Others(before)) / busy);
    }

    private static double Others((double Nodes, double Database, double Bus, double Own, double Machine) costs) => costs.Machine - costs.Nodes - costs.Database - costs.Bus - costs.Own;

    private (double Nodes, double Database, double Bus, double Own, double Machine) Costs() => (_cluster.Nodes.Sum(node => node.CpuSeconds), _cluster.Database.CpuSeconds, _cluster.Bus.CpuSeconds,
        Environment.CpuUsage.TotalTime.TotalSeconds, File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..4].Sum(ticks => double.Parse(ticks, System.Globalization.CultureInfo.InvariantCulture)) / 100);

    private void Refill(Pair pair)
    {
        for (var now = EventLoop.Now; now < _until && pair.InFlight < _inFlight;) pair.Send(now);
    }

    private void RunUntil(long deadline, Func<bool> done)
    {
        while (EventLoop.Now < deadline && _fault is null && !done()) _loop.Turn(Math.Min(deadline, EventLoop.In(0.01)));
        Check(null);
    }

    private void Check(string? fault)
    {
        if ((_fault ?? fault) is { } found) throw new BenchException($"NOT CORRECT with {_cluster.Nodes.Count} nodes: {found}");
    }

    void ILineEvents.Ready(Line line) => _ready++;

    void ILineEvents.Acknowledged(Line line, int number)
    {
        var pair = _pairs[line.Person.Number / 2];
        if (pair.Acknowledge(number) is { } at) Through(pair, at, _acknowledgement);
        else _fault ??= $"person {line.Person.Number}: acknowledgement of {number}, due was {pair.Acknowledged + 1}";
    }

    void ILineEvents.Arrived(Line line, Letter letter)
    {
        var pair = _pairs[line.Person.Number / 2];
        if (pair.Deliver(letter) is not { } at) _fault ??= $"person {line.Person.Number}: {letter} arrived, due was {pair.Delivered + 1}";
        else
        {
            _delivered++;
            Through(pair, at, _delivery);
        }
    }

    void ILineEvents.Broken(Line line, string why) => _fault ??= $"person {line.Person.Number}: {why}";

    private void Through(Pair pair, long at, Latencies latencies)
    {
        latencies.Add(EventLoop.Now - at);
        Refill(pair);
    }
}
