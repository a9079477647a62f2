using System.Globalization;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>Something that goes wrong for a while.</summary>
internal sealed record Fault(string Kind, string What, TimeSpan Lasts, Func<Task> Begin, Func<Task> End);

/// <summary>Everything that can go wrong, shuffled: each kind comes once before any comes again, and so do the links that are cut.</summary>
internal sealed class FaultDeck(Lab lab, Random random)
{
    private readonly Lock _lock = new();
    private readonly Queue<Func<Fault>> _cards = [];
    private readonly Queue<(Station One, Station Other)> _links = [];

    public Fault Draw()
    {
        lock (_lock)
        {
            if (_cards.Count == 0) Shuffle(_cards, Kinds());
            return _cards.Dequeue()();
        }
    }

    private Station Postgres => lab.Database.Station;

    private List<Func<Fault>> Kinds() =>
    [
        () => Kill("kill -9 of a node", Node()),
        () => Kill("kill -9 of PostgreSQL", Postgres),
        () => Kill("kill -9 of Redis", lab.Bus),
        () => Kill("kill -9 of nginx", lab.Proxy),
        () => Pause("pause of a node", Node()),
        () => Pause("pause of PostgreSQL", Postgres),
        () => Pause("pause of Redis", lab.Bus),
        () => Pause("pause of nginx", lab.Proxy),
        () => Cut("partition", both: true),
        () => Cut("partition, one way", both: false),
        Slow,
        Lose,
        () => Step("clock of a node steps an hour", Node()),
        () => Step("clock of PostgreSQL steps an hour", Postgres),
        Fill,
    ];

    private Station Node() => lab.Nodes[random.Next(lab.Nodes.Count)];

    private Fault Kill(string kind, Station victim) => new(kind, victim.Name, Short(), victim.KillAsync, () => Now(victim.Start));

    private Fault Pause(string kind, Station victim) => new(kind, victim.Name, Long(), () => Now(victim.Pause), () => Now(victim.Resume));

    private Fault Cut(string kind, bool both)
    {
        if (_links.Count == 0) Shuffle(_links, Links());
        var (one, other) = _links.Dequeue();
        if (random.Next(2) == 0) (one, other) = (other, one);
        return new Fault(kind, $"{one.Name} {(both ? "and" : "to")} {other.Name}", Long(), () => CutAsync(true), () => CutAsync(false));

        async Task CutAsync(bool cut)
        {
            await lab.CutAsync(one, other, cut);
            if (both) await lab.CutAsync(other, one, cut);
        }
    }

    /// <summary>Every pair.</summary>
    private List<(Station, Station)> Links()
    {
        List<Station> all = [.. lab.Stations];
        return [.. all.SelectMany((one, i) => all.Skip(i + 1).Select(other => (one, other)))];
    }

    private Fault Slow()
    {
        var delay = TimeSpan.FromMilliseconds(random.Next(50, 300));
        return new Fault("slow link", string.Create(CultureInfo.InvariantCulture, $"{lab.Nodes[^1].Name} to postgres, {delay.TotalMilliseconds:0} ms each way"), Long(),
            () => Now(() => lab.Relay.Delay = delay), () => Now(() => lab.Relay.Delay = TimeSpan.Zero));
    }

    private Fault Lose()
    {
        List<Station> all = [.. lab.Stations];
        var victim = all[random.Next(all.Count)];
        return new Fault("5% of packets lost", $"to {victim.Name}", Long(), () => Network.LoseAsync(victim.Space, 0.05, true), () => Network.LoseAsync(victim.Space, 0.05, false));
    }

    private Fault Step(string kind, Station victim)
    {
        var step = TimeSpan.FromHours(random.Next(2) == 0 ? 1 : -1);
        return new Fault(kind, string.Create(CultureInfo.InvariantCulture, $"{victim.Name} {step.TotalHours:+0;-0} h"), Long(), () => Now(() => victim.Step(step)), () => Now(() => victim.Step(TimeSpan.Zero)));
    }

    private Fault Fill() => new("disk of PostgreSQL full", "", Short(), () => Now(() => lab.Database.Fill(true)), () => Now(() => lab.Database.Fill(false)));

    private TimeSpan Short() => TimeSpan.FromMilliseconds(random.Next(200, 3_000));

    /// <summary>Now and then longer than anybody's patience.</summary>
    private TimeSpan Long() => TimeSpan.FromMilliseconds(random.Next(10) == 0 ? random.Next(12_000, 20_000) : random.Next(1_000, 6_000));

    private static Task Now(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private void Shuffle<T>(Queue<T> queue, List<T> all)
    {
        var shuffled = all.ToArray();
        random.Shuffle(shuffled);
        foreach (var one in shuffled) queue.Enqueue(one);
    }
}
