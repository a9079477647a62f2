using System.CommandLine;
using System.Globalization;
using Tieline.Cli.Verify;

namespace Tieline.Cli.Commands;

/// <summary>
/// <c>tieline verify --kill N</c>: proves on this machine and disk that nothing acknowledged is lost when the server is killed. <c>--nodes</c>: the same
/// people and the same checks at nodes that somebody else runs, and breaks.
/// </summary>
internal static class VerifyCommand
{
    private const int MostKills = 1_000;
    private const int MostSeconds = 3_600;
    private const int NodesSeconds = 60;
    private const double SecondsPerKill = 1.5;

    public static Command Create()
    {
        var kill = new Option<int>("--kill") { Description = "How often the server is killed (SIGKILL).", DefaultValueFactory = _ => 10 };
        var nodes = new Option<string?>("--nodes")
        {
            Description = "Start nothing and kill nothing: use these nodes, http:// addresses separated by commas, while you break what you like. Four accounts named ...@verify.example stay behind.",
        };
        var seconds = new Option<int?>("--seconds") { Description = "How long the load runs, about. Default: 1.5 for each kill; with --nodes 60." };
        var command = new Command("verify",
            "Kill a server of its own again and again while people chat, and check that nothing acknowledged is lost, doubled or out of order. Listens on 127.0.0.1 only, works in a temporary folder, and leaves nothing behind.")
        {
            kill, nodes, seconds,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(kill), parsed.GetValue(nodes), parsed.GetValue(seconds), cancel));
        return command;
    }

    private static async Task<int> RunAsync(int kills, string? nodes, int? seconds, CancellationToken cancel)
    {
        if (kills is < 1 or > MostKills) return ExitCodes.CannotRun([$"--kill must be 1 to {MostKills}, not {kills}."]);
        if (seconds is < 1 or > MostSeconds) return ExitCodes.CannotRun([$"--seconds must be 1 to {MostSeconds}, not {seconds}."]);
        var addresses = new List<Uri>();
        foreach (var node in nodes?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            if (!Uri.TryCreate(node, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                return ExitCodes.CannotRun([$"--nodes must be addresses such as http://10.0.0.11:8000,http://10.0.0.12:8000; {node} is none."]);
            addresses.Add(address);
        }

        try
        {
            var verdict = nodes is null
                ? await new Verification(kills, TimeSpan.FromSeconds(seconds ?? kills * SecondsPerKill), Console.WriteLine).RunAsync(cancel)
                : await new NodesVerification(addresses, TimeSpan.FromSeconds(seconds ?? NodesSeconds), Console.WriteLine).RunAsync(cancel);
            foreach (var fault in verdict.Told) Console.WriteLine("  " + fault);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(verdict.IsGood ? "good" : "BAD")}: {verdict}"));
            return verdict.IsGood ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (Exception e) when (e is LineLostException or HttpRequestException)
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
