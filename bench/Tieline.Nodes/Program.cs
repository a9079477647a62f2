using System.Globalization;
using Tieline.Load;
using Tieline.Nodes;

const int Pairs = 100;
const double WarmUp = 4, Seconds = 8;
var program = Path.GetFullPath(args.Length > 0 ? args[0] : "out/native/tieline");
try
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Pairs} pairs; {Environment.ProcessorCount} cores for the generator, PostgreSQL, Redis and all nodes together."));
    Console.WriteLine();
    Console.WriteLine("| nodes | the two of a pair | in flight a pair | delivered a second | acknowledged, ms: median, 99% | delivered, ms: median, 99% | µs a message: nodes | PostgreSQL | Redis | generator | cores that others used |");
    Console.WriteLine("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (var nodes = 1; nodes <= 3; nodes++)
    {
        using var cluster = await Cluster.StartAsync(program, Path.GetFullPath("artifacts/bench/nodes"), nodes);
        var people = await cluster.PeopleAsync(Pairs * 4);
        foreach (var apart in nodes == 1 ? (bool[])[false] : [false, true])
        {
            var load = new NodesLoad(cluster, [.. people.Skip(apart ? Pairs * 2 : 0).Take(Pairs * 2)], apart);
            load.Run(4, WarmUp);
            foreach (var inFlight in (int[])[1, 16])
            {
                var f = load.Run(inFlight, Seconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {f.Nodes} | {(f.Apart ? "apart" : "together")} | {f.InFlight} | {f.PerSecond:N0} | {f.AckMedian:N0}, {f.Ack99:N0} | {f.DeliveryMedian:N0}, {f.Delivery99:N0} | {f.NodeCost:N0} | {f.DatabaseCost:N0} | {f.BusCost:N0} | {f.GeneratorCost:N0} | {f.OthersBusy:N2} |"));
            }
        }
    }

    return 0;
}
catch (BenchException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}
