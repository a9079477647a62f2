using System.Diagnostics;
using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>Nobody waits for ever: without the holds a run ends within half a minute, and says all the while what it does.</summary>
public sealed class PatienceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_takes_its_time_for_every_answer_is_examined_within_half_a_minute(bool opens)
    {
        var cancel = TestContext.Current.CancellationToken;
        var what = new ProxyCase("wire-late", "(wire)", "none") { Configs = [], Box = "late", App = opens ? new AppStyle() : new AppStyle { NoSockets = true, Dumb = true } };
        await using var running = await RunningCase.StartAsync(what, cancel);
        var said = new List<string>();
        var clock = Stopwatch.StartNew();
        var outcome = await new Examination(running.Options(Sight.Direct)).RunAsync(new Direct(said), cancel);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        said.Count.ShouldBeGreaterThan(5);
        outcome.Verdict.Healthy.ShouldBe(opens, JudgementTests.Said(outcome));
    }

    /// <summary>Progress that is told at once: Progress of the framework tells it later, on another thread.</summary>
    private sealed class Direct(List<string> said) : IProgress<string>
    {
        public void Report(string value)
        {
            lock (said) said.Add(value);
        }
    }
}
