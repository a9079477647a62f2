namespace Tieline.Load;

/// <summary>What one load showed. Times in milliseconds, measured from the instant the message was due.</summary>
internal sealed record LoadFigures(
    double PerSecond, bool Holds, Latencies Acknowledgement, Latencies Delivery, double CpuMicrosecondsPerMessage,
    double GeneratorBusy, double OthersBusy);

/// <summary>Pairs that write, closed loop (the next when one is through) or open loop (at a fixed rate).</summary>
internal sealed class PairLoad : ILineEvents
{
    private const double DrainSeconds = 60;

    private readonly EventLoop _loop;
    private readonly ServerProcess _server;
    private readonly Faults _faults;
    private readonly Pair[] _pairs;
    private Latencies _acknowledgement = new(), _delivery = new();
    private int _ready, _inFlightPerPair, _delivered, _inFlight;
    private long _until;

    public PairLoad(EventLoop loop, ServerProcess server, IReadOnlyList<Person> people, Faults faults)
    {
        (_loop, _server, _faults) = (loop, server, faults);
        var lines = people.Select(person => server.Contender.Line(person, this)).ToArray();
        _pairs = [.. lines.Chunk(2).Select(two => new Pair(two[0], two[1]))];
        foreach (var line in lines) loop.Connect(line, server.Port);
        RunUntil(EventLoop.In(DrainSeconds), () => _ready == lines.Length);
        faults.Check(server);
        if (_ready < lines.Length) throw new BenchException($"{server.Contender.Name}: only {_ready} of {lines.Length} lines became ready.");
    }

    public int Acknowledged => _pairs.Sum(pair => pair.Acknowledged);

    public int Delivered => _pairs.Sum(pair => pair.Delivered);

    public LoadFigures Closed(int inFlightPerPair, double seconds)
    {
        var watch = Begin(inFlightPerPair, seconds);
        foreach (var pair in _pairs) Refill(pair);
        RunUntil(_until, () => false);
        var perSecond = _delivered / seconds;
        Drain();
        return watch.End(perSecond, holds: true, _acknowledgement, _delivery);
    }

    public LoadFigures Open(int rate, double seconds)
    {
        var watch = Begin(inFlightPerPair: 0, seconds);
        var start = EventLoop.Now;
        var holds = true;
        for (var i = 0; i < rate * seconds && holds && !_faults.Any; i++)
        {
            var due = start + EventLoop.Second * i / rate;
            while (EventLoop.Now < due) _loop.Turn(due);
            _inFlight++;
            _pairs[i % _pairs.Length].Send(due);
            holds = _inFlight < rate; // a second's worth waiting: the server has fallen behind for good
            _loop.Turn(EventLoop.Now);
        }
        var perSecond = _delivered * (double)EventLoop.Second / (EventLoop.Now - start);
        Drain();
        return watch.End(perSecond, holds, _acknowledgement, _delivery);
    }

    private LoadWatch Begin(int inFlightPerPair, double seconds)
    {
        (_acknowledgement, _delivery, _delivered) = (new Latencies(), new Latencies(), 0);
        (_inFlightPerPair, _until) = (inFlightPerPair, EventLoop.In(seconds));
        return new LoadWatch(_server, () => Delivered);
    }

    private void Refill(Pair pair)
    {
        var now = EventLoop.Now;
        while (now < _until && pair.InFlight < _inFlightPerPair) pair.Send(now);
    }

    private void Drain()
    {
        RunUntil(EventLoop.In(DrainSeconds), () => _pairs.All(pair => pair.InFlight == 0));
        _inFlight = 0;
        foreach (var pair in _pairs)
            if (pair.InFlight > 0 && !_faults.Any) _faults.Add($"sent {pair.Sent}, acknowledged {pair.Acknowledged}, delivered {pair.Delivered} after {DrainSeconds} s");
        _faults.Check(_server);
    }

    private void RunUntil(long deadline, Func<bool> done)
    {
        while (EventLoop.Now < deadline && !_faults.Any && !done()) _loop.Turn(Math.Min(deadline, EventLoop.In(0.01)));
    }

    void ILineEvents.Ready(Line line) => _ready++;

    void ILineEvents.Acknowledged(Line line, int number)
    {
        var pair = _pairs[line.Person.Number / 2];
        if (pair.Acknowledge(number) is { } at) Through(pair, at, _acknowledgement, other: pair.Delivered >= number);
        else _faults.Add($"person {line.Person.Number}: acknowledgement of {number}, due was {pair.Acknowledged + 1}");
    }

    void ILineEvents.Arrived(Line line, Letter letter)
    {
        var pair = _pairs[line.Person.Number / 2];
        if (pair.Deliver(letter) is { } at)
        {
            _delivered++;
            Through(pair, at, _delivery, other: pair.Acknowledged >= letter.Number);
        }
        else _faults.Add($"person {line.Person.Number}: {letter} arrived, due was {pair.Delivered + 1}");
    }

    private void Through(Pair pair, long at, Latencies latencies, bool other)
    {
        latencies.Add(EventLoop.Now - at);
        if (other) _inFlight--;
        Refill(pair);
    }

    void ILineEvents.Broken(Line line, string why) => _faults.Add($"person {line.Person.Number}: {why}");
}
