using System.CommandLine;
using Tieline.Doctor;
using Tieline.Doctor.Reporting;
using Tieline.Doctor.Targets;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline doctor URL</c>: why does this WebSocket not open?</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var flags = new DoctorFlags();
        var command = new Command("doctor", "Says why a WebSocket does not open or does not live, and mends it.");
        flags.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var options = flags.Read(parsed, out var why);
            if (options is null)
            {
                await Console.Error.WriteLineAsync(why);
                return 2;
            }
            return await RunAsync(options, parsed.GetValue(flags.Json), cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(DoctorOptions options, bool json, CancellationToken cancel)
    {
        var outcome = await new Examination(options).RunAsync(new Progress<string>(_ => { }), cancel);
        if (json) Console.Out.WriteLine(JsonReport.Write(outcome, new Masking(options.Target)));
        return outcome.ExitCode;
    }
}
