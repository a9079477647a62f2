using Tieline.Doctor.Checks;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Judging;
using Tieline.Doctor.Probes;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor;

/// <summary>One run of the doctor: climb the ladder, weigh what was seen, name the cause.</summary>
internal sealed class Examination(DoctorOptions options)
{
    /// <summary>All checks, for <c>--list-checks</c>.</summary>
    public static IReadOnlyList<Check> Checks => Ladder.Of(new Prober(new Network(new Dictionary<string, System.Net.IPAddress>(), [], null, null))).Checks;

    public async Task<Outcome> RunAsync(IProgress<string> progress, CancellationToken cancel)
    {
        var network = new Network(options.Resolve, options.Trusted, options.ForwardProxy, options.ForwardLogin);
        var file = new CaseFile(options);
        var checks = await Ladder.Of(new Prober(network)).ClimbAsync(file, progress, cancel).ConfigureAwait(false);
        return await JudgedAsync(file, checks, cancel).ConfigureAwait(false);
    }

    internal static async Task<Outcome> JudgedAsync(CaseFile file, IReadOnlyList<CheckResult> checks, CancellationToken cancel)
    {
        var judge = new Judge(file);
        var suspects = judge.Outside();
        var weighing = new ConfigWeighing(file, suspects);
        await weighing.WeighAsync(cancel).ConfigureAwait(false);
        var verdict = Conclusion.Draw(file, suspects, [.. judge.Notes, .. weighing.NotesOf(judge.FrontName)], checks, weighing.RemediesFor, weighing.Misplaced, judge.FrontName);
        return new Outcome(file, verdict, checks) { Readings = weighing.Readings, FrontName = judge.FrontName };
    }
}

/// <summary>What a run brought.</summary>
internal sealed record Outcome(CaseFile File, Verdict Verdict, IReadOnlyList<CheckResult> Checks)
{
    /// <summary>What the configuration files say, in the order of the path.</summary>
    public IReadOnlyList<Configuration.Reading> Readings { get; init; } = [];

    /// <summary>The program in front, where it gave itself away.</summary>
    public string FrontName { get; init; } = "";

    public int ExitCode => Verdict.Healthy ? 0 : 1;
}
