using System.CommandLine;
using Tieline.Doctor.Configuration;
using Tieline.Doctor.Mending;
using Tieline.Protocol.Findings;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline proxy check FILE</c>: what in this file will keep a socket from opening. Nothing is run or changed.</summary>
internal static class ProxyCheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The proxy's main configuration file." };
        var domain = new Option<string?>("--domain") { Description = "The public name; default: every name in the file." };
        var port = new Option<int?>("--port") { Description = "The public port; default: the first that leads to a server." };
        var path = new Option<string>("--path") { Description = "Path of the socket.", DefaultValueFactory = _ => "/api/chat/ws/bob" };
        var command = new Command("check", "Check a proxy's configuration file, offline.") { file, domain, port, path };
        command.SetAction(parsed => Check(parsed.GetValue(file)!, parsed.GetValue(domain), parsed.GetValue(port), parsed.GetValue(path)!));
        return command;
    }

    private static int Check(string path, string? domain, int? port, string socket)
    {
        if (ConfigText.Load(path) is not { } file)
        {
            Console.Error.WriteLine($"{path} cannot be read.");
            return 2;
        }
        if (Lint.Check(file, domain, port, socket) is not { } result)
        {
            Console.Error.WriteLine($"{path} is in no language that is known here: {string.Join(", ", Lint.Readers.Select(r => r.Proxy))}.");
            return 2;
        }
        if (result.Clues.Count == 0)
        {
            Console.Out.WriteLine($"{path} ({result.Proxy}): nothing keeps {socket} from opening.");
            return 0;
        }
        foreach (var clue in result.Clues)
        {
            var entry = FindingCatalogue.OfCause(clue.Cause)!;
            Console.Out.WriteLine($"{entry.Code} {entry.Title}\n  {clue.Saw}\n  {(clue.Remedy.Length > 0 ? clue.Remedy : entry.Fix)}");
            if (clue.Edits.Count > 0) Console.Out.WriteLine(Patch.Of(clue.Edits).Diff);
        }
        return 1;
    }
}
