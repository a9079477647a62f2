using System.Collections.Concurrent;
using Tieline.Doctor.Tests.Harness;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>Real programs, real faults. The whole list runs with `make doctor-score`; here a part that fits a few minutes.</summary>
public sealed class JudgementTests
{
    // One case of each kind of reasoning; slow ones (silence, holds) stay in the score.
    private static readonly string[] _part =
    [
        "nginx-good", "nginx-upgrade-missing", "nginx-map-wrong", "nginx-inheritance", "nginx-regex-wins", "nginx-http10", "nginx-pass-with-path",
        "nginx-key-cleared", "nginx-password", "nginx-wrong-port", "nginx-to-tls", "nginx-stale", "nginx-tls-good", "nginx-tls-no-intermediate",
        "apache-good", "apache-order", "apache-rewrite-firefox", "apache-module", "haproxy-good", "haproxy-path-cut", "haproxy-no-backend",
        "caddy-good", "caddy-exact-path", "caddy-snippet-upgrade-deleted", "lighttpd-no-upgrade", "varnish-pass", "wire-good", "wire-no-library",
    ];

    public static TheoryData<string> Names => [.. _part];

    [Theory, MemberData(nameof(Names))]
    public async Task The_cause_is_named_when_everything_may_be_looked_at(string name)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(AllCases.Named(name), cancel);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        Score.Of(running.Case, outcome).ShouldBe(Mark.Exact, Said(outcome));
    }

    /// <summary>With TIELINE_DOCTOR_SCORE (all, or the start of names) it runs what that names in all four modes and prints the table.</summary>
    [Fact]
    public async Task The_score_is_printed_when_it_is_asked_for()
    {
        var wanted = Environment.GetEnvironmentVariable("TIELINE_DOCTOR_SCORE");
        var cases = AllCases.List.Where(c => wanted is not null && (wanted == "all" || wanted.Split(',').Any(w => c.Name.StartsWith(w, StringComparison.Ordinal)))).ToList();
        var only = Environment.GetEnvironmentVariable("TIELINE_DOCTOR_SIGHT");
        var table = Environment.GetEnvironmentVariable("TIELINE_DOCTOR_TABLE") ?? Path.Combine(AppContext.BaseDirectory, "doctor-score.txt");
        var marks = new ConcurrentBag<(ProxyCase, Sight, Mark, string)>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, cancel) =>
        {
            foreach (var sight in Enum.GetValues<Sight>().Where(s => only is null || only.Contains($"{s}", StringComparison.OrdinalIgnoreCase)))
            {
                try
                {
                    await using var running = await RunningCase.StartAsync(one, cancel);
                    var outcome = await running.ExamineAsync(sight, cancel);
                    marks.Add((one, sight, Score.Of(one, outcome), Said(outcome)));
                }
                catch (InvalidOperationException e)
                {
                    marks.Add((one, sight, Mark.Wrong, "nothing: " + e.Message));
                }
            }
            lock (marks) File.WriteAllText(table, Score.Table(marks));
        });
        marks.Where(m => m.Item1.Healthy && m.Item3 != Mark.Exact).ShouldBeEmpty("a healthy line must never be called ill");
    }

    internal static string Said(Outcome outcome) =>
        outcome.Verdict.Healthy ? "healthy" : string.Join(" + ", outcome.Verdict.Findings.Select(f => $"{f.Entry.Cause} ({string.Join("; ", f.Saw.Take(2))})")) + (outcome.Verdict.Findings.Count > 0 ? " or " + string.Join(", ", outcome.Verdict.Findings[0].Alternatives) : "nothing");
}
