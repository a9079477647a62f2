using System.Globalization;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>Everything goes wrong, two things at a time, and nothing that was acknowledged is lost, doubled or reordered.</summary>
[Collection("laboratory")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    /// <summary>Of the short form. <c>make chaos</c> sets more.</summary>
    private const int ShortSeconds = 45;

    private const int Kinds = 15;

    [Fact]
    public async Task Three_nodes_in_a_storm_lose_nothing_double_nothing_and_swap_nothing()
    {
        var seconds = Setting("TIELINE_CHAOS") ?? ShortSeconds;
        var seed = Setting("TIELINE_CHAOS_SEED") ?? Random.Shared.Next(1, 1_000_000);
        Say($"seed {seed}, {seconds} s");
        await using var lab = await Lab.StartAsync();
        await using var crowd = await lab.StartCrowdAsync();
        await Until.TrueAsync("the crowd chats", () => crowd.Acknowledged >= 50, TimeSpan.FromSeconds(60));

        var storm = new Storm(lab, seed, Say);
        await storm.RunAsync(crowd, TimeSpan.FromSeconds(seconds));
        var verdict = await crowd.FinishAsync(CancellationToken.None);

        var table = storm.Table(crowd, verdict);
        Say(table);
        if (!verdict.IsGood) Say(lab.LastWords());
        if (Environment.GetEnvironmentVariable("TIELINE_CHAOS_TABLE") is { Length: > 0 } file) await File.WriteAllTextAsync(file, table);
        verdict.Told.ShouldBeEmpty();
        crowd.Acknowledged.ShouldBe(crowd.Sent);
        (await lab.Database.AskAsync("SELECT count(*) || ' ' || count(DISTINCT (conversation, seq)) || ' ' || (SELECT count(*) FROM sent) FROM message"))
            .ShouldBe($"{crowd.Sent} {crowd.Sent} {crowd.Sent}", "rows of messages, their places, and remembered client_ids");
        lab.FaultsInLogs().ShouldBeEmpty("no node thinks that any of this is a fault of its own");
        storm.Times.Count.ShouldBe(Kinds, "every kind of fault came");
    }

    private static int? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : null;

    private void Say(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("TIELINE_CHAOS") is not null) Console.Error.WriteLine(line);
    }
}
