using System.Diagnostics;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Checks;

/// <summary>Runs the checks in order of the path; a check whose cause is known already, or that could tell nothing, stays silent.</summary>
internal sealed class Ladder(Prober prober)
{
    // Where one answer takes seconds, twenty in a row would take minutes.
    private static readonly TimeSpan _slow = TimeSpan.FromSeconds(1.5);

    public IReadOnlyList<Check> Checks { get; } =
        [new InsideChecks(prober).Programs, InsideChecks.Begin, .. new ReachChecks(prober).All, .. new RefusedChecks(prober).All, .. new InsideChecks(prober).All, .. new OpenedChecks(prober).All, new InsideChecks(prober).Logs];

    public async Task<IReadOnlyList<CheckResult>> ClimbAsync(CaseFile file, IProgress<string> progress, CancellationToken cancel)
    {
        var results = new List<CheckResult>();
        foreach (var group in Checks.GroupBy(c => c.Group))
        {
            var parallel = file.First.Ms > _slow.TotalMilliseconds && group.Key > 0;
            if (parallel)
            {
                var due = group.Where(c => c.When(file)).ToList();
                if (due.Count > 0) progress.Report($"{due.Count} checks side by side, because answers are slow");
                results.AddRange(await Task.WhenAll(due.Select(c => RunAsync(c, file, cancel))).ConfigureAwait(false));
                continue;
            }
            foreach (var check in group)
            {
                if (!check.When(file)) continue;
                progress.Report(check.What);
                results.Add(await RunAsync(check, file, cancel).ConfigureAwait(false));
            }
        }
        return results;
    }

    private static async Task<CheckResult> RunAsync(Check check, CaseFile file, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            var result = await check.Run(file, cancel).ConfigureAwait(false);
            return new CheckResult(check.Name, result, (int)clock.ElapsedMilliseconds);
        }
#pragma warning disable CA1031 // A check that crashes becomes a finding; it must not take the others with it.
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new CheckResult(check.Name, "crashed: " + e.GetType().Name, (int)clock.ElapsedMilliseconds, e);
        }
    }
}
