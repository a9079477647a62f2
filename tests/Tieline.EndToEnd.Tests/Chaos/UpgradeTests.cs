using System.Globalization;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>What an operator does on purpose: a new version node by node, and a database that moves to its replica.</summary>
[Collection("laboratory")]
public sealed class UpgradeTests(ITestOutputHelper output)
{
    private const int Between = 150;

    [Fact]
    public async Task Nodes_are_replaced_one_by_one_while_the_tables_change_and_no_send_fails_in_the_end()
    {
        using var next = await NextBuild.MakeAsync();
        await using var lab = await Lab.StartAsync();
        await using var crowd = await lab.StartCrowdAsync();
        await MoreAsync(crowd);

        var schema = int.Parse(await lab.Database.AskAsync("SELECT value FROM meta WHERE name = 'schema'"), CultureInfo.InvariantCulture);
        // The first of the next version changes the tables at its start, under the feet of the others. Then both versions write.
        await ReplaceAsync(lab, lab.Nodes[0], "new1", next.Program);
        int.Parse(await lab.Database.AskAsync("SELECT value FROM meta WHERE name = 'schema'"), CultureInfo.InvariantCulture).ShouldBe(schema + 1);
        await MoreAsync(crowd);
        var (old, fresh) = (await CountAsync(lab, "later IS NULL"), await CountAsync(lab, "later = 'new'"));
        await Until.TrueAsync("both versions store messages", async () => await CountAsync(lab, "later IS NULL") > old && await CountAsync(lab, "later = 'new'") > fresh, TimeSpan.FromSeconds(60));
        await ReplaceAsync(lab, lab.Nodes[1], "new2", next.Program);
        await MoreAsync(crowd);
        await ReplaceAsync(lab, lab.Nodes[2], "new3", next.Program);
        // And one of them back again.
        await ReplaceAsync(lab, lab.Nodes[0], "node1", TielineServer.Program);
        await MoreAsync(crowd);

        var verdict = await crowd.FinishAsync(CancellationToken.None);
        output.WriteLine($"{crowd.Sent} sent, {crowd.Acknowledged} acknowledged, {crowd.Duplicates} on a resend: {verdict}");
        verdict.Told.ShouldBeEmpty(lab.LastWords());
        crowd.Acknowledged.ShouldBe(crowd.Sent);
        lab.Nodes.Sum(node => node.Ends).ShouldBe(0, "none ended by itself");
        (await lab.Database.AskAsync("SELECT sum(messages) FROM later")).ShouldBe($"{await CountAsync(lab, "later = 'new'")}");
    }

    [Fact]
    public async Task The_database_moves_to_its_synchronous_replica_and_nothing_acknowledged_is_lost()
    {
        await using var lab = await Lab.StartAsync(replica: true);
        await using var crowd = await lab.StartCrowdAsync();
        await MoreAsync(crowd);

        // A replica that stands still for longer than anybody's patience: what waits for it may not be acknowledged, for in a moment it will be all there is.
        lab.Replica!.Station.Pause();
        await Task.Delay(TimeSpan.FromSeconds(20));
        await lab.Database.Station.KillAsync();
        lab.Replica.Station.Resume();
        await lab.Replica.PromoteAsync();
        await MoreAsync(crowd);
        output.WriteLine($"waits for the replica given up: {File.ReadLines(lab.Database.Station.LogFile).Count(line => line.Contains("canceling wait for synchronous replication", StringComparison.Ordinal))}");

        var verdict = await crowd.FinishAsync(CancellationToken.None);
        output.WriteLine($"{crowd.Sent} sent, {crowd.Acknowledged} acknowledged, {crowd.Duplicates} on a resend: {verdict}");
        verdict.Told.ShouldBeEmpty(lab.LastWords());
        crowd.Acknowledged.ShouldBe(crowd.Sent);
    }

    private static async Task<long> CountAsync(Lab lab, string which) => long.Parse(await lab.Database.AskAsync($"SELECT count(*) FROM message WHERE {which}"), CultureInfo.InvariantCulture);

    private static async Task MoreAsync(Cli.Verify.Crowd crowd)
    {
        var before = crowd.Acknowledged;
        await Until.TrueAsync($"{Between} more are acknowledged", () => crowd.Acknowledged >= before + Between, TimeSpan.FromSeconds(60));
    }

    /// <summary>SIGTERM, and the same folder, port and database under another build.</summary>
    private static async Task ReplaceAsync(Lab lab, Station node, string version, string program)
    {
        (await node.StopAsync()).ShouldBe(0);
        var command = node.Command.ToArray();
        command[0] = program;
        command[Array.IndexOf(command, "--node") + 1] = version;
        node.Command = command;
        node.Start();
        await Until.TrueAsync($"{node.Name} is ready as {version}", async () =>
        {
            try
            {
                using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
                using var answer = await http.GetAsync($"http://{node.Address}:8000/readyz");
                return answer.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(60));
    }
}
