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
        await using var lab = await Lab.StartAsync();
        await using var crowd = await lab.StartCrowdAsync();
        await MoreAsync(crowd);

        await ReplaceAsync(lab, lab.Nodes[0], "new1");
        // What the next version's first node would do at its start, where a node at work may have to go first: a step that adds, on which code of this version still works.
        await Until.TrueAsync("the step is done", () => lab.Database.TryExecuteAsync("""
            BEGIN;
            SET LOCAL lock_timeout = '1s';
            ALTER TABLE message ADD COLUMN later text;
            ALTER TABLE conversation ADD COLUMN later bigint NOT NULL DEFAULT 7;
            CREATE TABLE later(account bigint PRIMARY KEY);
            UPDATE meta SET value = (value::int + 1)::text WHERE name = 'schema';
            COMMIT;
            """), TimeSpan.FromSeconds(60));
        await MoreAsync(crowd);
        await ReplaceAsync(lab, lab.Nodes[1], "new2");
        await MoreAsync(crowd);
        await ReplaceAsync(lab, lab.Nodes[2], "new3");
        // And one of them back again.
        await ReplaceAsync(lab, lab.Nodes[0], "node1");
        await MoreAsync(crowd);

        var verdict = await crowd.FinishAsync(CancellationToken.None);
        output.WriteLine($"{crowd.Sent} sent, {crowd.Acknowledged} acknowledged, {crowd.Duplicates} on a resend: {verdict}");
        verdict.Told.ShouldBeEmpty(lab.LastWords());
        crowd.Acknowledged.ShouldBe(crowd.Sent);
        lab.Nodes.Sum(node => node.Ends).ShouldBe(0, "none ended by itself");
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

    private static async Task MoreAsync(Cli.Verify.Crowd crowd)
    {
        var before = crowd.Acknowledged;
        await Until.TrueAsync($"{Between} more are acknowledged", () => crowd.Acknowledged >= before + Between, TimeSpan.FromSeconds(60));
    }

    /// <summary>SIGTERM, and the same folder, port and database under another version.</summary>
    private static async Task ReplaceAsync(Lab lab, Station node, string version)
    {
        (await node.StopAsync()).ShouldBe(0);
        var command = node.Command.ToArray();
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
