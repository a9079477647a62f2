using Tieline.Doctor.Judging;
using Tieline.Doctor.Probes;
using Tieline.Doctor.Targets;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Mending;

/// <summary>How a mend ended.</summary>
internal enum MendEnd { Nothing, NotMine, Mended, RolledBack }

/// <summary>What was done, step by step, for the reader.</summary>
internal sealed record MendReport(MendEnd End, IReadOnlyList<string> Steps, Outcome? After);

/// <summary>
/// Backup, edit, syntax test, reload, proof; and the way back when one of them fails. It touches only what a finding of
/// confidence "certain" names.
/// </summary>
internal sealed class Mender(DoctorOptions options)
{
    private const int Rounds = 3;
    private readonly List<string> _steps = [];

    public async Task<MendReport> MendAsync(Outcome outcome, IProgress<string> progress, CancellationToken cancel)
    {
        var any = false;
        for (var round = 0; round < Rounds && !outcome.Verdict.Healthy; round++)
        {
            var finding = outcome.Verdict.Findings.FirstOrDefault(f => Remedy(f) is not null);
            if (finding is null) return new(any ? MendEnd.Mended : MendEnd.NotMine, [.. _steps, "What is left needs a person; nothing more was changed."], outcome);
            progress.Report("mend " + finding.Entry.Code);
            var after = await ApplyAsync(outcome, finding, Remedy(finding)!, progress, cancel).ConfigureAwait(false);
            if (after is null) return new(MendEnd.RolledBack, _steps, null);
            any = true;
            outcome = after;
        }
        return new(any ? MendEnd.Mended : MendEnd.Nothing, _steps, outcome);
    }

    public static Remedy? Remedy(Finding finding) =>
        finding.Fixes.FirstOrDefault(f => f.Confidence == FixConfidence.Certain && Mendable.Allows(finding.Entry.Cause) && (f.Edits.Count > 0 || f.Command.Length > 0));

    private async Task<Outcome?> ApplyAsync(Outcome outcome, Finding finding, Remedy remedy, IProgress<string> progress, CancellationToken cancel)
    {
        var patch = Patch.Of(remedy.Edits);
        var reading = outcome.Readings.FirstOrDefault(r => patch.Files.Any(f => Path.GetFullPath(f.Path) == Path.GetFullPath(r.MainFile))) ?? (outcome.Readings.Count > 0 ? outcome.Readings[0] : null);
        if (reading is null || ProxyProgram.Find(reading.Proxy, reading.MainFile) is not { } program)
        {
            _steps.Add("No running proxy reads these files, so nothing could be proven; nothing was changed.");
            return null;
        }
        var backup = new Backup(patch.Files.Select(f => f.Path));
        _steps.AddRange(backup.Copies.Select(c => $"Backup: {c.Copy}"));
        try
        {
            foreach (var (path, _, after) in patch.Files)
            {
                Backup.Write(path, after);
                _steps.Add($"Edited: {path}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await BackAsync(backup, null, $"The file could not be written: {e.Message}", cancel).ConfigureAwait(false);
        }
        var (exit, output) = await ProxyProgram.RunAsync(program.SyntaxTest, cancel).ConfigureAwait(false);
        if (exit != 0) return await BackAsync(backup, null, $"The proxy's own test refuses the new file: {Answer.Clip(Answer.OneLine(output), 300)}", cancel).ConfigureAwait(false);
        _steps.Add($"Tested: {program.SyntaxTest.Program} {string.Join(' ', program.SyntaxTest.Arguments)}");
        var (reloaded, how) = await program.ReloadAsync(cancel).ConfigureAwait(false);
        if (!reloaded) return await BackAsync(backup, program, $"The reload failed: {Answer.Clip(Answer.OneLine(how), 300)}", cancel).ConfigureAwait(false);
        _steps.Add($"Reloaded: {how}");
        var proof = await ProveAsync(outcome, finding, progress, cancel).ConfigureAwait(false);
        if (proof is null) return await BackAsync(backup, program, "The proof failed: the fault is still there.", cancel).ConfigureAwait(false);
        _steps.Add($"Proven: {proof.File.First.Status} and {proof.File.Line?.Words() ?? "an answer"}");
        return proof;
    }

    /// <summary>A new examination no longer has the finding. Old workers may still answer for a moment.</summary>
    private async Task<Outcome?> ProveAsync(Outcome before, Finding finding, IProgress<string> progress, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500 + (attempt * 500)), cancel).ConfigureAwait(false);
            var again = await new Examination(options).RunAsync(progress, cancel).ConfigureAwait(false);
            if (again.Verdict.Healthy) return again;
            // Two faults were named and one is gone: a step forward. A fault that was not named before proves nothing.
            var left = before.Verdict.Findings.Select(f => f.Entry.Cause).Where(c => c != finding.Entry.Cause).ToList();
            if (again.Verdict.Findings.Count > 0 && again.Verdict.Findings.All(f => left.Contains(f.Entry.Cause))) return again;
        }
        return null;
    }

    private async Task<Outcome?> BackAsync(Backup backup, ProxyProgram? running, string why, CancellationToken cancel)
    {
        _steps.Add(why);
        backup.Restore();
        _steps.Add("Rolled back: every file is as it was.");
        if (running is null) return null;
        var now = ProxyProgram.Find(running.Proxy, running.MainFile) ?? running;
        var (reloaded, how) = await now.ReloadAsync(cancel).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(1), cancel).ConfigureAwait(false); // workers of the failed try finish
        _steps.Add(reloaded ? $"Reloaded the old configuration: {how}" : $"The old configuration could not be reloaded: {how}");
        return null;
    }
}
