using Tieline.Groups;

var members = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 1_000;
await using var bench = await GroupBench.OpenAsync(Path.GetFullPath("artifacts/bench/group"), members);
Console.WriteLine($"One message in a group of {members:N0}, whose members have 200 events each in their logs:");
Console.WriteLine();
Console.WriteLine("| | ms per message | rows written | kB written to the log |");
Console.WriteLine("| --- | ---: | ---: | ---: |");
Print("a row of event and of member for every member", bench.RowForEach(30));
Print("one row for the group, 1 in flight", await bench.SendAsync(300, inFlight: 1));
Print("one row for the group, 16 in flight", await bench.SendAsync(960, inFlight: 16));
Console.WriteLine();
Console.WriteLine("| a member who was away | ms |");
Console.WriteLine("| --- | ---: |");
foreach (var (what, took) in await bench.ReadAsync(50)) Console.WriteLine($"| {what} | {took:N2} |");

static void Print(string what, Cost cost) => Console.WriteLine($"| {what} | {cost.Milliseconds:N2} | {cost.Rows:N0} | {cost.Kilobytes:N0} |");
