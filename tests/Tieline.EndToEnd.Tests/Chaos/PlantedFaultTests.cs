using Tieline.Cli.Verify;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>A database that does not keep what it was given, under the nodes' feet: the history shows it.</summary>
[Collection("laboratory")]
public sealed class PlantedFaultTests(ITestOutputHelper output)
{
    /// <summary>Somewhere in the middle of the newest chat: two messages of one sender.</summary>
    private const string Two = """
        two AS (SELECT conversation, min(seq) AS a, max(seq) AS b FROM (SELECT conversation, seq FROM message WHERE (conversation, sender) =
            (SELECT conversation, sender FROM message WHERE conversation = (SELECT max(key) FROM conversation) AND seq = 1) ORDER BY seq LIMIT 2) first GROUP BY conversation)
        """;

    [Fact]
    public async Task A_dropped_commit_a_doubled_row_and_swapped_numbers_are_found()
    {
        await using var lab = await Lab.StartAsync();

        (await VerdictAsync(lab, $"""
            WITH {Two}, message_gone AS (DELETE FROM message m USING two WHERE m.conversation = two.conversation AND m.seq = two.b),
                sent_gone AS (DELETE FROM sent s USING two WHERE s.conversation = two.conversation AND s.seq = two.b)
            DELETE FROM event e USING two WHERE e.conversation = two.conversation AND e.seq = two.b AND e.kind = 1
            """)).Lost.ShouldBeGreaterThan(0, "a dropped commit");

        (await VerdictAsync(lab, $"""
            WITH {Two}, more AS (UPDATE conversation c SET head_seq = head_seq + 1 FROM two WHERE c.key = two.conversation RETURNING c.key, c.head_seq)
            INSERT INTO message(conversation, seq, sender, client_id, created_at, text)
                SELECT m.conversation, more.head_seq, m.sender, m.client_id, m.created_at + 1, m.text FROM message m JOIN two ON m.conversation = two.conversation AND m.seq = two.b JOIN more ON more.key = m.conversation
            """)).Doubled.ShouldBeGreaterThan(0, "a doubled row");

        (await VerdictAsync(lab, $"""
            WITH {Two} UPDATE message m SET seq = CASE WHEN seq = two.a THEN two.b ELSE two.a END FROM two WHERE m.conversation = two.conversation AND m.seq IN (two.a, two.b)
            """)).OutOfOrder.ShouldBeGreaterThan(0, "swapped numbers");

        (await VerdictAsync(lab, "SELECT 1")).IsGood.ShouldBeTrue("and nothing is found where nothing was planted");
    }

    private async Task<Verdict> VerdictAsync(Lab lab, string planted)
    {
        await using var crowd = await lab.StartCrowdAsync();
        await Until.TrueAsync("two hundred messages are acknowledged", () => crowd.Acknowledged >= 200, TimeSpan.FromSeconds(60));
        await lab.Database.ExecuteAsync(planted);
        var verdict = await crowd.FinishAsync(CancellationToken.None);
        foreach (var line in verdict.Told) output.WriteLine(line);
        output.WriteLine(verdict.ToString());
        return verdict;
    }
}
