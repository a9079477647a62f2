using Tieline.Doctor.Checks;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>A check that crashes takes no other with it and becomes a finding.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task A_check_that_crashes_is_a_finding_and_the_next_one_still_runs()
    {
        var cancel = TestContext.Current.CancellationToken;
        var file = new CaseFile(new DoctorOptions { Target = Target.Parse("ws://chat.test/ws", null, out _)! });
        var ran = false;
        var ladder = new Ladder(
        [
            new("first", "crash", _ => true, (_, _) => throw new InvalidOperationException("the disk is on fire")),
            new("second", "go on", _ => true, (f, _) => { ran = true; f[Probe.Handshake] = new Answer { Fault = Fault.Refused }; return Task.FromResult("done"); }),
        ]);

        var checks = await ladder.ClimbAsync(file, new Progress<string>(), cancel);
        ran.ShouldBeTrue();
        var outcome = await Examination.JudgedAsync(file, checks, cancel);
        outcome.Verdict.Findings.Select(f => f.Entry.Cause).ShouldBe(["net.tcp_refused", "doctor.check_crashed"]);
        outcome.Verdict.Findings[1].Saw.ShouldBe(["first: InvalidOperationException: the disk is on fire"]);
    }
}
