using System.Diagnostics;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.FirstRun;

/// <summary>What a newcomer does: starts the server as <c>make run</c> does, and follows what it prints, word for word.</summary>
public sealed class FirstRunTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tieline-run-").FullName;
    private readonly List<Talker> _processes = [];

    public FirstRunTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "scripts"));
        File.Copy(Repository.File("scripts", "run"), Path.Combine(_root, "scripts", "run"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "out"), AppContext.BaseDirectory);
    }

    [Fact]
    public async Task The_printed_next_step_lets_two_people_chat_in_two_terminals()
    {
        var server = Start("scripts/run", $"http://127.0.0.1:{Ports.Free()}");
        await server.HearsAsync("--as bob@example.org");
        var commands = server.Heard.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim()).ToList();
        commands.Count.ShouldBe(4);

        foreach (var signUp in commands[..2]) (await Command.RunAsync(Shell(signUp))).ShouldSucceed().Output.ShouldContain("access_token");
        var (ada, bob) = (Start(commands[2]), Start(commands[3]));
        foreach (var person in (Talker[])[ada, bob]) await person.SayAsync("correct horse");
        await ada.HearsAsync("chat with Bob");
        await ada.SayAsync("hello from the first terminal");
        await bob.HearsAsync("Ada: hello from the first terminal");
        await bob.SayAsync("and from the second");
        await ada.HearsAsync("Bob: and from the second");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_plainly()
    {
        await using var other = await TielineServer.StartAsync();

        var run = await Command.RunAsync(Shell("scripts/run", other.Address.GetLeftPart(UriPartial.Authority)));

        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain("the address is in use already");
        run.Output.ShouldNotContain("Next step");
    }

    public void Dispose()
    {
        foreach (var process in _processes) process.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private Talker Start(string command, string? listen = null)
    {
        // exec: what is started is what is ended.
        var process = new Talker(Shell("exec " + command, listen));
        _processes.Add(process);
        return process;
    }

    private ProcessStartInfo Shell(string command, string? listen = null)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _root };
        start.Environment.Remove("TIELINE_TOKEN");
        if (listen is not null) start.Environment["TIELINE_LISTEN"] = listen;
        return start;
    }
}
