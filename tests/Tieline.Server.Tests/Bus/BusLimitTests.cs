using Tieline.Server.Configuration;
using Tieline.Server.Tests.Postgres;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Bus;

/// <summary>The rate of a person's sends on all nodes together.</summary>
public sealed class BusLimitTests(PostgresCluster cluster) : TwoNodes(cluster)
{
    private const int Burst = 20;

    [Fact]
    public async Task Who_used_up_a_burst_on_one_node_is_slowed_on_the_other_and_somebody_else_is_not()
    {
        await SendUntilRefusedAsync(Ada);

        // The other node has never seen her: it decides by itself until it has heard of her, which is a moment later.
        (await SendUntilRefusedAsync(Ada with { Server = Two })).ShouldBeLessThan(Burst);

        (await Answer.ToAsync(Bob, "POST", "/api/chat/messages", $$"""{"client_id":"{{Guid.NewGuid()}}","to":"ada","message":"not me"}""")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task While_the_bus_is_away_each_node_counts_by_itself_and_no_send_waits()
    {
        await Redis.StopAsync();
        await AwayAsync(One, Two);

        foreach (var ada in (Person[])[Ada, Ada with { Server = Two }]) (await SendUntilRefusedAsync(ada)).ShouldBeGreaterThanOrEqualTo(Burst - 1);
        await Redis.ContinueAsync();
    }

    private protected override TielineOptions Configure(TielineOptions options) => base.Configure(options) with { SendsPerSecond = 1, SendsBurst = Burst };

    /// <returns>How many passed. Several at a time, or a slow machine would never be refused.</returns>
    private static async Task<int> SendUntilRefusedAsync(Person from)
    {
        var passed = 0;
        while (true)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 7).Select(_ => SendAsync(from)));
            passed += answers.Count(status => status == 200);
            if (answers.Contains(429)) return passed;
        }
    }

    private static async Task<int> SendAsync(Person from)
    {
        var sent = System.Diagnostics.Stopwatch.StartNew();
        var answer = await Answer.ToAsync(from, "POST", "/api/chat/messages", $$"""{"client_id":"{{Guid.NewGuid()}}","to":"bob","message":"hi"}""");
        sent.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2 * Slowness));
        return answer.Status;
    }
}
