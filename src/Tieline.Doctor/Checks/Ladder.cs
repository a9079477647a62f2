using System.Diagnostics;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Checks;

/// <summary>Runs the checks in order of the path; a check whose cause is known already, or that could tell nothing, stays silent.</summary>
internal sealed class Ladder(IReadOnlyList<Check> checks)
{
    // Where one answer takes seconds, twenty in a row would take minutes.
    private static readonly TimeSpan _slow = TimeSpan.FromSeconds(1.5);

    // And where each takes one, the first few go one by one and the others side by side: a run without holds ends within half a minute.
    private static readonly TimeSpan _enough = TimeSpan.FromSeconds(7);

    public static Ladder Of(Prober prober) => new(
        [new InsideChecks(prober).Programs, InsideChecks.Begin, .. new ReachChecks(prober).All, .. new RefusedChecks(prober).All, .. new InsideChecks(prober).All, .. new OpenedChecks(prober).All, new InsideChecks(prober).Logs]);

    public IReadOnlyList<Check> Checks => checks;

    public async Task<IReadOnlyList<CheckResult>> ClimbAsync(CaseFile file, IProgress<string> progress, CancellationToken cancel)
    {
        var results = new List<CheckResult>();
        foreach (var group in Checks.GroupBy(c => c.Group))
        {
            var clock = Stopwatch.StartNew();
            var waiting = new Queue<Check>(group);
            while (waiting.TryDequeue(out var check))
            {
                if (!check.When(file)) continue;
                if (group.Key > 0 && (file.First.Ms > _slow.TotalMilliseconds || clock.Elapsed > _enough))
                {
                    Check[] due = [check, .. waiting.Where(c => c.When(file))];
                    progress.Report($"{due.Length} checks side by side, because answers are slow");
                    results.AddRange(await Task.WhenAll(due.Select(c => RunAsync(c, file, cancel))).ConfigureAwait(false));
                    break;
                }
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
