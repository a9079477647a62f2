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
    private static readonly TimeSpan _watchEvery = TimeSpan.FromSeconds(30);

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
                do
                {
                    var exit = await RunAsync(options, flags, parsed, cancel);
                    if (!parsed.GetValue(flags.Watch)) return exit;
                    await Task.Delay(_watchEvery, cancel);
                }
                while (true);
            }
            catch (OperationCanceledException)
            {
                return 2;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(DoctorOptions options, DoctorFlags flags, ParseResult parsed, CancellationToken cancel)
    {
        var json = parsed.GetValue(flags.Json);
        var masking = new Masking(options.Target);
        var terminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
        using var progress = new ProgressLine(!json && !Console.IsErrorRedirected);
        var outcome = await new Examination(options).RunAsync(progress, cancel);
        progress.Clear();
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
