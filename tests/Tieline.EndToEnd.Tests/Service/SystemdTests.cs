using System.Text.RegularExpressions;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Service;

/// <summary>The unit cannot be booted where systemd is not process 1, so everything is judged that can be without: syntax, exposure, and whether what it forbids is needed.</summary>
public sealed partial class SystemdTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-unit-").FullName;

    private static string Unit => Repository.File("deploy", "systemd", "tieline.service");

    [Fact]
    public async Task The_unit_passes_systemd_analyze_verify()
    {
        // The program is looked for on this machine, and stands elsewhere here.
        var unit = Path.Combine(_folder, "tieline.service");
        await File.WriteAllTextAsync(unit, (await File.ReadAllTextAsync(Unit)).Replace("/usr/local/bin/tieline", TielineServer.Program, StringComparison.Ordinal));

        var verify = await Command.RunAsync("systemd", "systemd-analyze", "verify", unit);

        verify.ShouldSucceed();
        (verify.Output + verify.Errors).ShouldBeEmpty();
    }

    [Fact]
    public async Task Its_exposure_is_below_two_of_ten()
    {
        var security = await Command.RunAsync("systemd", "systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", Unit);

        security.ShouldSucceed().Output.ShouldContain("OK");
    }

    [Fact]
    public async Task The_native_binary_needs_no_system_call_and_no_memory_that_the_unit_denies()
    {
        var trace = Path.Combine(_folder, "trace");
        await using (var server = await TielineServer.StartProgramAsync(Command.Find("strace", "strace"), leading: ["-D", "-f", "-o", trace, Native.Program]))
        {
            var entrance = Entrance.Of(server);
            var (ada, bob) = (await entrance.SignUpAsync("ada"), await entrance.SignUpAsync("bob"));
            using var line = await ada.OpenAsync();
            await bob.SendAsync(ada, "hello");
            await line.ReadUntilAsync("message");
            (await server.StopAsync()).ExitCode.ShouldBe(0);
            // The tracer stands beside the server (-D) and writes its last lines after it.
            await Until.TrueAsync("the trace is whole", () => File.ReadLines(trace).Any(line => line.Contains("+++ exited with 0", StringComparison.Ordinal)));
        }

        var calls = File.ReadLines(trace).Select(line => Call().Match(line)).Where(match => match.Success).ToList();
        var used = calls.Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        used.ShouldContain("fdatasync", "the trace shows how a message reaches the disk");
        var sets = await ReadSetsAsync();
        // SQLite calls fchown only as root, and takes a no for an answer.
        used.Except(Members(sets, "@system-service").Except(Members(sets, "@privileged")).Except(Members(sets, "@resources")).Union(Members(sets, "@default"))).Except(["fchown"]).ShouldBeEmpty();
        calls.Select(match => match.Value).Where(call => call.Contains("PROT_WRITE|PROT_EXEC", StringComparison.Ordinal) || (call.Contains("mprotect(", StringComparison.Ordinal) && call.Contains("PROT_EXEC", StringComparison.Ordinal)))
            .ShouldBeEmpty("MemoryDenyWriteExecute refuses these");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GeneratedRegex(@"^\d+ +(?<name>\w+)\(.*")]
    private static partial Regex Call();

    private static async Task<Dictionary<string, List<string>>> ReadSetsAsync()
    {
        var sets = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? members = null;
        foreach (var line in (await Command.RunAsync("systemd", "systemd-analyze", "syscall-filter", "--no-pager")).ShouldSucceed().Output.Split('\n'))
        {
            if (line.StartsWith('@')) sets[line.Trim()] = members = [];
            else if (line.Trim() is { Length: > 0 } name && name[0] != '#') members?.Add(name);
        }

        return sets;
    }

    private static IEnumerable<string> Members(Dictionary<string, List<string>> sets, string name) =>
        sets[name].SelectMany(member => member.StartsWith('@') ? Members(sets, member) : [member]);
}
