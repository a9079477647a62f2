using Tieline.Cli.Verify;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Service;

public sealed class NativeTests(ITestOutputHelper output)
{
    [Fact]
    public void It_is_one_file_with_the_library_for_thumbnails_and_the_app_beside_it()
    {
        // The app is there when it had been exported before.
        var beside = Directory.GetFileSystemEntries(Native.Folder).Select(Path.GetFileName).Where(name => name != "app");
        beside.ShouldBe(["tieline", "libSkiaSharp.so"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_file_alone_serves_people_too()
    {
        var folder = Directory.CreateTempSubdirectory("tieline-alone-");
        try
        {
            var alone = Path.Combine(folder.FullName, "tieline");
            File.Copy(Native.Program, alone);
            await using var server = await TielineServer.StartProgramAsync(alone, ["--sends-per-s", "0"]);
            await using var crowd = await Crowd.StartAsync(server.Address, null, CancellationToken.None);
            await Until.TrueAsync("a hundred messages are acknowledged", () => crowd.Acknowledged >= 100);

            (await crowd.FinishAsync(CancellationToken.None)).Told.ShouldBeEmpty();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_needs_nothing_but_the_C_library_around_it()
    {
        var libraries = await Command.RunAsync("libc-bin", "ldd", Native.Program);

        libraries.ShouldSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' ')[0].Split('/')[^1].Split('.')[0])
            .Except(["linux-vdso", "libc", "libm", "libdl", "libpthread", "librt", "libgcc_s", "libz", "ld-linux-x86-64"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task People_chat_with_it_over_every_transport_and_a_restart_costs_nothing()
    {
        await using var server = await TielineServer.StartProgramAsync(Native.Program, ["--sends-per-s", "0"]);
        await using var crowd = await Crowd.StartAsync(server.Address, null, CancellationToken.None);
        await Until.TrueAsync("three hundred messages are acknowledged", () => crowd.Acknowledged >= 300);

        (await server.StopAsync()).ExitCode.ShouldBe(0);
        await server.StartAgainAsync();

        (await crowd.FinishAsync(CancellationToken.None)).Told.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_survives_being_killed()
    {
        var verify = await Command.RunAsync(new(Native.Program, ["verify", "--kill", "5", "--seconds", "6"]), TimeSpan.FromMinutes(2));

        output.WriteLine(verify.Output);
        verify.ShouldSucceed().Output.ShouldContain("good: lost 0, doubled 0");
    }

    [Fact]
    public async Task Its_commands_answer()
    {
        (await Command.RunAsync(new(Native.Program, ["config", "--reference"]))).ShouldSucceed().Output.ShouldContain("`jwt_secret_file`");
        (await Command.RunAsync(new(Native.Program, ["proxy", "nginx", "--domain", "chat.example.org"]))).ShouldSucceed().Output.ShouldContain("server_name chat.example.org;");
        (await Command.RunAsync(new(Native.Program, ["serve", "--listen", "nonsense"]))).ExitCode.ShouldBe(2);
    }
}
