namespace Tieline.Load;

/// <summary>Memory of connections that only stand there, and all of them coming back at once after missing something.</summary>
internal sealed record IdleFigures(int Connections, double PssPerConnection, double RssPerConnection, double ConnectSeconds, double ReturnSeconds);

internal sealed class IdleLoad(EventLoop loop, ServerProcess server, IReadOnlyList<Person> people, int missed, Faults faults) : ILineEvents
{
    public const int Senders = 50;

    // Below every contender's accept backlog: a longer queue would measure the kernel's one-second retry of a lost SYN.
    private const int HandshakesAtOnce = 400;
    private const int WarmUp = 20; // enough to load the code, too few to leave room for the others
    private const int InFlightPerSender = 8;
    private const double PatienceSeconds = 120;

    private readonly Line[] _lines = [.. people.Select(_ => (Line)null!)];
    private readonly int[] _seen = new int[people.Count];
    private readonly bool[] _ready = new bool[people.Count];
    private readonly int[] _sent = new int[people.Count], _acknowledged = new int[people.Count];
    private int _due, _begun, _back;

    private int Idle => people.Count - Senders;

    public int Acknowledged => _acknowledged.Sum();

    public int Delivered => _seen.Sum();

    public IdleFigures Run(double settleSeconds)
    {
        for (var i = 0; i < people.Count; i++) _lines[i] = server.Contender.Line(people[i], this);

        ConnectAll(Math.Min(WarmUp, Idle));
        CutAll();
        Rest(settleSeconds);
        var before = server.Memory();
        var connect = ConnectAll(Idle);
        Rest(settleSeconds);
        var after = server.Memory();
        CutAll();
        Rest(1);

        WriteToTheAbsent();
        _due = missed;
        var back = ConnectAll(Idle);
        Rest(0.2); // whatever would come twice, comes now
        faults.Check(server);
        CutAll();
        return new IdleFigures(Idle, (after.Pss - before.Pss) / Idle, (after.Rss - before.Rss) / Idle, connect, back);
    }

    /// <summary>Seconds until every one of them stands, with what it missed.</summary>
    private double ConnectAll(int count)
    {
        (_begun, _back) = (0, 0);
        Array.Clear(_ready);
        var start = EventLoop.Now;
        var patience = EventLoop.In(PatienceSeconds);
        while (_back < count && !faults.Any)
        {
            while (_begun < count && _begun - _back < HandshakesAtOnce) loop.Connect(_lines[_begun++], server.Port);
            loop.Turn(EventLoop.In(0.01));
            if (EventLoop.Now > patience) throw new BenchException($"{server.Contender.Name}: {_back} of {count} lines stand after {PatienceSeconds} s.");
        }
        faults.Check(server);
        return (EventLoop.Now - start) / (double)EventLoop.Second;
    }

    private void CutAll()
    {
        foreach (var line in _lines) loop.Cut(line);
    }

    private void Rest(double seconds)
    {
        for (var until = EventLoop.In(seconds); EventLoop.Now < until;) loop.Turn(until);
    }

    /// <summary>Every idle person is written <c>missed</c> letters by one of the senders, who wait for each acknowledgement.</summary>
    private void WriteToTheAbsent()
    {
        for (var sender = Idle; sender < people.Count; sender++) loop.Connect(_lines[sender], server.Port);
        var patience = EventLoop.In(PatienceSeconds);
        while (Acknowledged < Idle * missed && !faults.Any)
        {
            for (var sender = Idle; sender < people.Count; sender++)
                while (_ready[sender] && _sent[sender] - _acknowledged[sender] < InFlightPerSender && NextRecipient(sender) is { } recipient) Write(sender, recipient);
            loop.Turn(EventLoop.In(0.01));
            if (EventLoop.Now > patience) throw new BenchException($"{server.Contender.Name}: {Acknowledged} of {Idle * missed} acknowledged after {PatienceSeconds} s.");
        }
        faults.Check(server);
    }

    /// <summary>A sender's recipients are every <see cref="Senders"/>th idle person, one letter each, then the next round.</summary>
    private int? NextRecipient(int sender)
    {
        var first = sender - Idle;
        var mine = (Idle - first + Senders - 1) / Senders;
        return _sent[sender] < mine * missed ? first + _sent[sender] % mine * Senders : null;
    }

    private void Write(int sender, int recipient)
    {
        var mine = (Idle - (sender - Idle) + Senders - 1) / Senders;
        Span<byte> text = stackalloc byte[Letter.Length];
        new Letter(sender, recipient, _sent[sender] / mine + 1).Write(text);
        _lines[sender].Send(people[recipient], ++_sent[sender], text);
    }

    private void CountBack(int person)
    {
        if (_ready[person] && person < Idle && _seen[person] == _due) _back++;
    }

    void ILineEvents.Ready(Line line)
    {
        if (_ready[line.Person.Number]) return;
        _ready[line.Person.Number] = true;
        CountBack(line.Person.Number);
    }

    void ILineEvents.Acknowledged(Line line, int number)
    {
        if (number == _acknowledged[line.Person.Number] + 1) _acknowledged[line.Person.Number] = number;
        else faults.Add($"person {line.Person.Number}: acknowledgement of {number} out of turn");
    }

    void ILineEvents.Arrived(Line line, Letter letter)
    {
        var person = line.Person.Number;
        if (letter.To != person || letter.Number != _seen[person] + 1)
        {
            faults.Add($"person {person}: {letter} arrived after {_seen[person]}");
            return;
        }
        _seen[person]++;
        CountBack(person);
    }

    void ILineEvents.Broken(Line line, string why) => faults.Add($"person {line.Person.Number}: {why}");
}
