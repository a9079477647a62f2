using System.Collections.Concurrent;
using Tieline.Doctor.Mending;
using Tieline.Doctor.Targets;
using Tieline.Doctor.Tests.Cases;
using Tieline.Doctor.Tests.Harness;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Mending;

/// <summary>--fix on real proxies: mended and proven, or exactly as it was.</summary>
public sealed class MendTests
{
    private static readonly string[] _quick =
    [
        "nginx-upgrade-missing", "nginx-map-wrong", "nginx-inheritance", "nginx-regex-wins", "apache-order", "haproxy-path-cut", "caddy-exact-path",
    ];

    public static TheoryData<string> Names => [.. Environment.GetEnvironmentVariable("TIELINE_DOCTOR_MEND") == "all" ? AllCases.List.Where(c => c.Mendable).Select(c => c.Name) : _quick];

    public static TheoryData<string> Policies => ["nginx-password", "nginx-deny", "nginx-maintenance", "nginx-connections", "apache-denied", "haproxy-rate"];

    [Theory, MemberData(nameof(Names))]
    public async Task What_is_certain_is_mended_and_proven(string name)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(AllCases.Named(name), cancel);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        outcome.Verdict.Healthy.ShouldBeFalse();
        var report = await new Mender(running.Options(Sight.Everything)).MendAsync(outcome, new Progress<string>(), cancel);
        report.End.ShouldBe(MendEnd.Mended, string.Join("\n", report.Steps) + "\n" + JudgementTests.Said(outcome));
        report.After!.Verdict.Healthy.ShouldBeTrue(JudgementTests.Said(report.After));
        var again = await running.ExamineAsync(Sight.Outside, cancel);
        again.File.Opened.ShouldBeTrue();
    }

    /// <summary>With TIELINE_DOCTOR_FIX (all, or the start of names) every case whose fix is in the proxy's file is mended, and the table printed.</summary>
    [Fact]
    public async Task The_score_of_mends_is_printed_when_it_is_asked_for()
    {
        var wanted = Environment.GetEnvironmentVariable("TIELINE_DOCTOR_FIX");
        var cases = AllCases.List.Where(c => c.Mendable && wanted is not null && (wanted == "all" || wanted.Split(',').Any(w => c.Name.StartsWith(w, StringComparison.Ordinal)))).ToList();
        var table = Environment.GetEnvironmentVariable("TIELINE_DOCTOR_TABLE") ?? Path.Combine(AppContext.BaseDirectory, "doctor-fix-score.txt");
        var marks = new ConcurrentBag<MendMark>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (one, cancel) =>
        {
            marks.Add(await MarkAsync(one, cancel));
            lock (marks) File.WriteAllText(table, MendMark.Table(marks));
        });
        marks.Where(m => m.LeftWorse).ShouldBeEmpty("a file that was not mended must be as it was");
        if (marks.Count >= 10) marks.Count(m => m.End == MendEnd.Mended).ShouldBeGreaterThanOrEqualTo((int)Math.Ceiling(marks.Count * 0.9), MendMark.Table(marks));
    }

    private static async Task<MendMark> MarkAsync(ProxyCase one, CancellationToken cancel)
    {
        await using var running = await RunningCase.StartAsync(one, cancel);
        var before = Snapshot(running);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        var report = await new Mender(running.Options(Sight.Everything)).MendAsync(outcome, new Progress<string>(), cancel);
        var opens = (await running.ExamineAsync(Sight.Outside, cancel)).File.Opened;
        var mended = report.End == MendEnd.Mended && opens && report.After!.Verdict.Healthy;
        var worse = mended ? !opens : Snapshot(running) != before || opens != outcome.File.Opened;
        return new MendMark(one, mended ? MendEnd.Mended : report.End == MendEnd.Mended ? MendEnd.NotMine : report.End, worse, JudgementTests.Said(outcome) + " | " + string.Join(" | ", report.Steps));
    }

    [Theory, MemberData(nameof(Policies))]
    public async Task A_policy_or_a_limit_is_left_alone(string name)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(AllCases.Named(name), cancel);
        var before = Snapshot(running);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        var report = await new Mender(running.Options(Sight.Everything)).MendAsync(outcome, new Progress<string>(), cancel);
        report.End.ShouldBe(MendEnd.NotMine);
        Snapshot(running).ShouldBe(before);
        Directory.EnumerateFiles(running.Folder, "*.bak", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mend_that_the_syntax_test_refuses_is_rolled_back()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(AllCases.Named("nginx-upgrade-missing"), cancel);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        // The file is made unacceptable behind the doctor's back, in a place the mend does not touch.
        await File.AppendAllTextAsync(running.ConfigFiles[0], "\nno_such_directive on;\n", cancel);
        var before = Snapshot(running);
        var report = await new Mender(running.Options(Sight.Everything)).MendAsync(outcome, new Progress<string>(), cancel);
        report.End.ShouldBe(MendEnd.RolledBack);
        report.Steps.ShouldContain(s => s.StartsWith("Rolled back", StringComparison.Ordinal));
        Snapshot(running).ShouldBe(before);
    }

    [Fact]
    public async Task A_mend_whose_reload_fails_is_rolled_back()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(AllCases.Named("nginx-upgrade-missing"), cancel);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        // Without its process file nginx cannot find the process to signal.
        File.Delete(Path.Combine(running.Folder, "nginx.pid"));
        Directory.CreateDirectory(Path.Combine(running.Folder, "nginx.pid", "in-the-way"));
        var before = Snapshot(running);
        var report = await new Mender(running.Options(Sight.Everything)).MendAsync(outcome, new Progress<string>(), cancel);
        report.End.ShouldBe(MendEnd.RolledBack, string.Join("\n", report.Steps));
        Snapshot(running).ShouldBe(before);
        Directory.Delete(Path.Combine(running.Folder, "nginx.pid"), true);
    }

    [Fact]
    public async Task A_mend_that_proves_nothing_is_rolled_back()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var running = await RunningCase.StartAsync(AllCases.Named("nginx-upgrade-missing"), cancel);
        await using var elsewhere = new FakeApp(new AppStyle { NoSockets = true, Dumb = true });
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        var before = Snapshot(running);
        // The proof is sought at a place that the mended proxy does not serve.
        var options = running.Options(Sight.Everything);
        options = options with { Target = options.Target with { Front = new Endpoint("chat.test", elsewhere.Port, false) } };
        var report = await new Mender(options).MendAsync(outcome, new Progress<string>(), cancel);
        report.End.ShouldBe(MendEnd.RolledBack, string.Join("\n", report.Steps));
        Snapshot(running).ShouldBe(before);
        report.Steps.ShouldContain(s => s.StartsWith("Reloaded the old configuration", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_faults_the_one_in_the_proxy_is_mended_and_the_other_still_named()
    {
        var cancel = TestContext.Current.CancellationToken;
        var both = AllCases.Named("nginx-upgrade-missing") with { Name = "nginx-both", App = new AppStyle { NoSockets = true, Dumb = true, Server = "uvicorn" } };
        await using var running = await RunningCase.StartAsync(both, cancel);
        var outcome = await running.ExamineAsync(Sight.Everything, cancel);
        outcome.Verdict.Findings.Select(f => f.Entry.Cause).ShouldBe(["backend.no_ws_library", "proxy.upgrade_headers_missing"], ignoreOrder: true);
        var report = await new Mender(running.Options(Sight.Everything)).MendAsync(outcome, new Progress<string>(), cancel);
        report.End.ShouldBe(MendEnd.Mended, string.Join("\n", report.Steps));
        report.After!.ExitCode.ShouldBe(1);
        report.After.Verdict.Findings.ShouldHaveSingleItem().Entry.Cause.ShouldBe("backend.no_ws_library");
    }

    private static string Snapshot(RunningCase running) => string.Join("\n---\n", running.ConfigFiles.Select(File.ReadAllText));
}
