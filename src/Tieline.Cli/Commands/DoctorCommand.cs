using System.CommandLine;
using Tieline.Doctor;
using Tieline.Doctor.Mending;
using Tieline.Doctor.Reporting;
using Tieline.Doctor.Targets;
using Tieline.Protocol.Findings;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline doctor URL</c>: why does this WebSocket not open? Exit 0 healthy, 1 a finding, 2 it could not run.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var flags = new DoctorFlags();
        var command = new Command("doctor", "Says why a WebSocket does not open or does not live, and mends it.");
        flags.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(flags.Explain) is { } code) return Explain(code);
            if (parsed.GetValue(flags.ListChecks)) return ListChecks();
            if (parsed.GetValue(flags.ClientCatalogue))
            {
                Console.Out.Write(TypeScriptCatalogue.Write());
                return 0;
            }
            var options = flags.Read(parsed, out var why);
            if (options is null)
            {
                await Console.Error.WriteLineAsync(why);
                return 2;
            }
            try
            {
                var watch = parsed.GetValue(flags.Watch) ? new Watch() : null;
                while (true)
                {
                    var exit = await RunAsync(options, flags, parsed, watch, cancel);
                    if (watch is null) return exit;
                    await Task.Delay(TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(flags.Every))), cancel);
                }
            }
            catch (OperationCanceledException)
            {
                return 2;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(DoctorOptions options, DoctorFlags flags, ParseResult parsed, Watch? watch, CancellationToken cancel)
    {
        var json = parsed.GetValue(flags.Json);
        var masking = new Masking(options);
        var terminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
        using var progress = new ProgressLine(!json && !Console.IsErrorRedirected);
        var outcome = await new Examination(options).RunAsync(progress, cancel);
        progress.Clear();
        if (watch is not null && !json && watch.Same(outcome, out var still))
        {
            Console.Out.WriteLine(still);
            return outcome.ExitCode;
        }
        Console.Out.WriteLine(json && !parsed.GetValue(flags.Fix) ? JsonReport.Write(outcome, masking) : json ? "" : new TextReport(masking, terminal).Write(outcome));
        if (parsed.GetValue(flags.DryRun))
        {
            if (!json && !outcome.Verdict.Findings.Any(f => Mender.Remedy(f) is not null)) Console.Out.WriteLine("Nothing here that --fix would change.");
            return outcome.ExitCode;
        }
        if (!parsed.GetValue(flags.Fix) || outcome.Verdict.Healthy) return outcome.ExitCode;
        var report = await new Mender(options).MendAsync(outcome, progress, cancel);
        progress.Clear();
        var shown = json ? Console.Error : Console.Out;
        foreach (var step in report.Steps) await shown.WriteLineAsync(masking.Hide("  " + step));
        var after = report.After ?? outcome;
        if (json) Console.Out.WriteLine(JsonReport.Write(after, masking));
        else Console.Out.WriteLine(report.End == MendEnd.Mended && after.Verdict.Healthy ? "Mended and proven." : "Not mended.");
        return after.ExitCode;
    }

    private static int Explain(string code)
    {
        var entry = FindingCatalogue.OfCode(code) ?? FindingCatalogue.OfCause(code);
        if (entry is null)
        {
            Console.Error.WriteLine($"There is no finding '{code}'. The codes run from {FindingCatalogue.All[0].Code} to {FindingCatalogue.All[^1].Code}; docs/doctor lists them.");
            return 2;
        }
        Console.Out.WriteLine(TextReport.Explain(entry));
        return 0;
    }

    private static int ListChecks()
    {
        foreach (var check in Examination.Checks.DistinctBy(c => c.Name)) Console.Out.WriteLine($"{check.Name,-22} {check.What}");
        return 0;
    }
}

/// <summary>What was seen the last time: while nothing changes a line is enough, and every change is told in full.</summary>
internal sealed class Watch
{
    private string? _last;

    public bool Same(Outcome outcome, out string still)
    {
        var codes = string.Join(", ", outcome.Verdict.Findings.Select(f => f.Entry.Code));
        var same = codes == _last;
        _last = codes;
        still = $"{DateTime.Now:HH:mm:ss} {(outcome.Verdict.Healthy ? $"still healthy, opened in {outcome.File.First.Ms} ms" : "still " + codes)}";
        return same;
    }
}

/// <summary>One line on the terminal that says what is being done; nothing where nobody looks.</summary>
internal sealed class ProgressLine(bool shown) : IProgress<string>, IDisposable
{
    public void Report(string value)
    {
        if (shown) Console.Error.Write($"\r\e[K... {value}");
    }

    public void Clear()
    {
        if (shown) Console.Error.Write("\r\e[K");
    }

    public void Dispose() => Clear();
}
