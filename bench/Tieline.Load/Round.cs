namespace Tieline.Load;

/// <summary>One contender's turn: a fresh server for the pairs, another for the idle, both stores checked.</summary>
internal sealed record Round(LoadFigures One, LoadFigures Sixteen, LoadFigures Steady, IdleFigures? Idle, int Stored)
{
    public static async Task<Round> RunAsync(Contender contender, Plan plan, string folder)
    {
        var (one, sixteen, steady, stored) = await PairsAsync(contender, plan, folder);
        if (plan.Idle == 0 || !contender.IsDurable) return new Round(one, sixteen, steady, null, stored);
        var (idle, storedMissed) = await IdleAsync(contender, plan, folder);
        return new Round(one, sixteen, steady, idle, stored + storedMissed);
    }

    private static async Task<(LoadFigures One, LoadFigures Sixteen, LoadFigures Steady, int Stored)> PairsAsync(
        Contender contender, Plan plan, string folder)
    {
        using var server = await ServerProcess.StartAsync(contender, folder, plan.ServerCore);
        var people = await contender.PeopleAsync(plan.Pairs * 2, server.Port, server.Secret);
        using var loop = new EventLoop();
        var faults = new Faults();
        var load = new PairLoad(loop, server, people, faults);
        load.Closed(inFlightPerPair: 4, plan.WarmUpSeconds);
        var one = load.Closed(inFlightPerPair: 1, plan.Seconds);
        var sixteen = load.Closed(inFlightPerPair: 16, plan.Seconds);
        var steady = load.Open(plan.Rate, plan.Seconds);
        server.Stop();
        return (one, sixteen, steady, StoreCheck.Run(server, load.Acknowledged, load.Delivered, faults));
    }

    private static async Task<(IdleFigures, int Stored)> IdleAsync(Contender contender, Plan plan, string folder)
    {
        using var server = await ServerProcess.StartAsync(contender, folder, plan.ServerCore);
        var people = await contender.PeopleAsync(plan.Idle + IdleLoad.Senders, server.Port, server.Secret);
        await server.RestartAsync();
        using var loop = new EventLoop();
        var faults = new Faults();
        var load = new IdleLoad(loop, server, people, plan.Missed, faults);
        var figures = load.Run(plan.SettleSeconds);
        server.Stop();
        return (figures, StoreCheck.Run(server, load.Acknowledged, load.Delivered, faults));
    }
}
