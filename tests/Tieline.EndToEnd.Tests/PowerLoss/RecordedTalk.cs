using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>A talk at the real server, and what that did to its disk meanwhile: recorded once, for all tests that cut its power.</summary>
public sealed class RecordedTalk : IAsyncLifetime
{
    internal Talk Talk { get; private set; } = null!;

    /// <summary>By the time they began.</summary>
    internal IReadOnlyList<SystemCall> Calls { get; private set; } = [];

    /// <summary>Where the disk was.</summary>
    internal string Root { get; private set; } = "";

    /// <summary>There are two pauses: the server is stopped in order, and killed in the middle.</summary>
    public async ValueTask InitializeAsync()
    {
        await Strace.ShouldWorkAsync();
        await using var server = new RecordedServer();
        Root = server.Root;
        await server.StartAsync();
        Talk = await Talk.BeginAsync(server.Entrance);
        await Talk.GoOnAsync(10);
        await server.StopAsync(kill: false);

        await server.StartAsync();
        var before = Talk.Acknowledged;
        var talking = Talk.GoOnAsync(1_000_000);
        await Until.TrueAsync("there is something to lose", () => Talk.Acknowledged > before + 300, TimeSpan.FromSeconds(60));
        await server.StopAsync(kill: true);
        await talking;

        await server.StartAsync();
        await Talk.GoOnAsync(15);
        Talk.Said.Count(said => !said.IsAcknowledged).ShouldBe(0, "people are answered again after the kill");
        await server.StopAsync(kill: false);
        Calls = server.Record();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
