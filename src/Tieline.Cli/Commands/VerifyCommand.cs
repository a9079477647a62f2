using System.CommandLine;
using System.Globalization;
using Tieline.Cli.Verify;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline verify --kill N</c>: proves on this machine and disk that nothing acknowledged is lost when the server is killed.</summary>
internal static class VerifyCommand
{
    private const int MostKills = 1_000;
    private const int MostSeconds = 3_600;
    private const double SecondsPerKill = 1.5;

    public static Command Create()
    {
        var kill = new Option<int>("--kill") { Description = "How often the server is killed (SIGKILL).", DefaultValueFactory = _ => 10 };
        var seconds = new Option<int?>("--seconds") { Description = "How long the load runs, about. Default: 1.5 for each kill." };
        var command = new Command("verify",
            "Kill a server of its own again and again while people chat, and check that nothing acknowledged is lost, doubled or out of order. Listens on 127.0.0.1 only, works in a temporary folder, and leaves nothing behind.")
        {
            kill, seconds,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(kill), parsed.GetValue(seconds), cancel));
        return command;
    }

    private static async Task<int> RunAsync(int kills, int? seconds, CancellationToken cancel)
    {
        if (kills is < 1 or > MostKills) return ExitCodes.CannotRun([$"--kill must be 1 to {MostKills}, not {kills}."]);
        if (seconds is < 1 or > MostSeconds) return ExitCodes.CannotRun([$"--seconds must be 1 to {MostSeconds}, not {seconds}."]);
        try
        {
            var verdict = await new Verification(kills, TimeSpan.FromSeconds(seconds ?? kills * SecondsPerKill), Console.WriteLine).RunAsync(cancel);
            foreach (var fault in verdict.Told) Console.WriteLine("  " + fault);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(verdict.IsGood ? "good" : "BAD")}: {verdict}"));
            return verdict.IsGood ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (LineLostException e)
        {
            Console.Error.WriteLine("tieline: " + e.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
