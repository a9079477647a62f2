using System.Globalization;
using Tieline.Growth;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var sizes = args.Length > 0 ? args.Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray() : [10_000, 1_000_000];
var stores = new List<GrownStore>();
try
{
    var index = new List<(long Behind, double PerSecond, double Microseconds)>();
    foreach (var size in sizes)
    {
        var store = await GrownStore.FillAsync(Path.GetFullPath($"artifacts/bench/growth-{size}"), size);
        stores.Add(store);
        Console.Error.WriteLine($"{size:N0} messages stored in {store.FillSeconds:N0} s");
        index.Add(await IndexLag.CatchUpAsync(store));
    }

    Console.WriteLine($"| ms, median (99 of 100); of the processor | {string.Join(" | ", stores.Select(store => $"{store.Messages:N0} messages"))} | ratio | came |");
    Console.WriteLine($"| --- |{string.Concat(stores.Select(_ => " ---: |"))} ---: | --- |");
    foreach (var (what, read) in Reads.All)
    {
        var results = new List<(double Median, double Worst, double Processor, int Came)>();
        foreach (var store in stores) results.Add(await Reads.MeasureAsync(store, read));
        Console.WriteLine($"| {what} | {string.Join(" | ", results.Select(result => $"{result.Median:N2} ({result.Worst:N2}); {result.Processor:N2}"))} | {results[^1].Median / results[0].Median:N1}; {results[^1].Processor / results[0].Processor:N1} | {string.Join(", ", results.Select(result => result.Came))} |");
    }

    Console.WriteLine();
    Console.WriteLine($"| the search index | {string.Join(" | ", stores.Select(store => $"{store.Messages:N0} messages"))} |");
    Console.WriteLine($"| --- |{string.Concat(stores.Select(_ => " ---: |"))}");
    Print("messages behind when the store was filled as fast as it takes them", index.Select(one => $"{one.Behind:N0}"));
    Print("messages a second it takes then", index.Select(one => $"{one.PerSecond:N0}"));
    Print("processor us for each", index.Select(one => $"{one.Microseconds:N0}"));
    Print("MB of the store / of the index", stores.Select(store => $"{store.Megabytes().Store:N0} / {store.Megabytes().Index:N0}"));
    foreach (var rate in (int[])[0, 100, 1_000])
    {
        var (asked, unasked) = (new List<string>(), new List<string>());
        foreach (var store in stores)
        {
            var (median, worst, missed) = await IndexLag.AskAtOnceAsync(store, rate, TimeSpan.FromSeconds(5));
            asked.Add($"{median:N1} ({worst:N0}){(missed > 0 ? $", {missed} asked again" : "")}");
            if (rate > 0) unasked.Add($"{await IndexLag.UnaskedAsync(store, rate, TimeSpan.FromSeconds(5)):N0}");
        }

        Print($"ms from stored to found by who asks at once, {rate:N0} stored a second: median (worst)", asked);
        if (rate > 0) Print($"messages behind while nobody asks, {rate:N0} stored a second: worst", unasked);
    }
}
finally
{
    foreach (var store in stores) await store.DisposeAsync();
}

static void Print(string what, IEnumerable<string> figures) => Console.WriteLine($"| {what} | {string.Join(" | ", figures)} |");
