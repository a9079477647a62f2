using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>A talk at the real server, and what that did to its disk meanwhile: recorded once, for all tests that cut its power.</summary>
public sealed class RecordedTalk : IAsyncLifetime
{
    /// <summary>Server by server, when it listened.</summary>
    internal List<long> Starts { get; } = [];

    /// <summary>When the second was gone.</summary>
    internal long KilledAt { get; private set; }

    internal Talk Talk { get; private set; } = null!;

    /// <summary>By the time they began.</summary>
    internal IReadOnlyList<SystemCall> Calls { get; private set; } = [];

    /// <summary>Where the disk was.</summary>
    internal string Root { get; private set; } = "";

    /// <summary>
    /// There are two pauses: the server is stopped in order, and killed in the middle, some time after the log had so many pages that they were copied
    /// into the database while people went on, and it began anew.
    /// </summary>
    public async ValueTask InitializeAsync()
    {
        await Strace.ShouldWorkAsync();
        await using var server = new RecordedServer();
        Root = server.Root;
        await server.StartAsync();
        Starts.Add(Said.Now);
        Talk = await Talk.BeginAsync(server.Entrance);
        await Talk.GoOnAsync(10);
        await server.StopAsync(kill: false);

        await server.StartAsync();
        Starts.Add(Said.Now);
        var database = new FileInfo(Path.Combine(Root, "data", "tieline.db"));
        var small = database.Length;
        var talking = Talk.GoOnAsync(1_000_000);
        await Until.TrueAsync("the log is copied into the database", () => new FileInfo(database.FullName).Length > 2 * small, TimeSpan.FromSeconds(120));
        var before = Talk.Acknowledged;
        await Until.TrueAsync("there is something to lose", () => Talk.Acknowledged > before + 100, TimeSpan.FromSeconds(60));
        await server.StopAsync(kill: true);
        KilledAt = Said.Now;
        await talking;

        await server.StartAsync();
        Starts.Add(Said.Now);
        await Talk.GoOnAsync(15);
        Talk.Said.Count(said => !said.IsAcknowledged).ShouldBe(0, "people are answered again after the kill");
        await server.StopAsync(kill: false);
        Calls = server.Calls;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
