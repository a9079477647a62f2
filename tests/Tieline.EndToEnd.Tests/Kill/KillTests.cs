using Tieline.Cli.Verify;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Kill;

public sealed class KillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Fifty_kills_under_load_lose_nothing_double_nothing_and_swap_nothing()
    {
        var verify = await Command.RunAsync(new(TielineServer.Program, ["verify", "--kill", "50", "--seconds", "70"]), TimeSpan.FromMinutes(5));

        output.WriteLine(verify.Output);
        verify.ShouldSucceed().Output.ShouldContain("good: lost 0, doubled 0, out of order 0, gaps 0, strange 0");
    }

    [Fact]
    public async Task A_store_that_forgets_what_it_acknowledged_is_found_out()
    {
        await using var server = await TielineServer.StartAsync("--sends-per-s", "0", "--resume-events", "1000000");
        await using var crowd = await Crowd.StartAsync(server.Address, null, CancellationToken.None);
        await Until.TrueAsync("a hundred messages are acknowledged", () => crowd.Acknowledged >= 100);

        // As if the disk had lied: the data of a moment ago comes back.
        await server.StopAsync();
        var (data, copy) = (Path.Combine(server.Folder, "data"), Path.Combine(server.Folder, "copy"));
        CopyFolder(data, copy);
        await server.StartAgainAsync();
        var before = crowd.Acknowledged;
        await Until.TrueAsync("a hundred more are acknowledged", () => crowd.Acknowledged >= before + 100);
        await server.StopAsync();
        Directory.Delete(data, recursive: true);
        CopyFolder(copy, data);
        await server.StartAgainAsync();

        (await crowd.FinishAsync(CancellationToken.None)).Lost.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_operator_checks_his_own_node_while_he_breaks_it()
    {
        await using var server = await TielineServer.StartAsync("--sends-per-s", "0");
        var verifying = Command.RunAsync(new(TielineServer.Program, ["verify", "--nodes", server.Address.AbsoluteUri, "--seconds", "6"]), TimeSpan.FromMinutes(3));
        await Until.TrueAsync("people have come", () => server.Log.Contains("Connected:", StringComparison.Ordinal));

        server.Process.Kill();
        await server.Process.WaitForExitAsync();
        await server.StartAgainAsync();

        var verify = await verifying;
        output.WriteLine(verify.Output);
        verify.ShouldSucceed().Output.ShouldContain("good: lost 0, doubled 0, out of order 0, gaps 0, strange 0");
    }

    [Fact]
    public async Task Nodes_that_are_no_addresses_are_refused_with_the_word_that_is_wrong()
    {
        var verify = await Command.RunAsync(new(TielineServer.Program, ["verify", "--nodes", "http://127.0.0.1:1,node2"]));
        verify.ExitCode.ShouldBe(2);
        verify.Errors.ShouldContain("node2 is none");
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
