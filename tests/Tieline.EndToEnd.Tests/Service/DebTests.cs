using System.Diagnostics;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Service;

/// <summary>The Debian package, in a root of its own: dpkg, the scripts and the accounts are real, the system around it is empty and has no systemd running.</summary>
public sealed class DebTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-deb-").FullName;

    private string Root => Path.Combine(_folder, "root");

    private string SettingsFile => Path.Combine(Root, "etc/tieline/tieline.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_installs_serves_upgrades_removes_and_purges()
    {
        _ = Native.Program;
        var (first, second) = (await BuildAsync("0.1.0~test1"), await BuildAsync("0.1.0~test2"));
        MakeRoot();

        await DpkgAsync("--install", first);
        AccountLines().ShouldHaveSingleItem().ShouldEndWith(":/var/lib/tieline:/usr/sbin/nologin");
        ModeOf(Path.Combine(Root, "var/lib/tieline")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ModeOf(SettingsFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.Exists(Path.Combine(Root, "etc/systemd/system/multi-user.target.wants/tieline.service")).ShouldBeTrue("it starts with the machine");
        await ServesAsync();
        await UnitIsGoodAsync();

        // What the operator wrote and what was said stay.
        const string Changed = """{"node":"mine"}""";
        await File.WriteAllTextAsync(SettingsFile, Changed);
        await File.WriteAllTextAsync(Path.Combine(Root, "var/lib/tieline/tieline.db"), "messages");
        await DpkgAsync("--install", second);
        (await QueryAsync()).ShouldBe("0.1.0~test2 installed");
        (await File.ReadAllTextAsync(SettingsFile)).ShouldBe(Changed);
        await DpkgAsync("--remove", "tieline");
        (await QueryAsync()).ShouldBe("0.1.0~test2 config-files");
        File.Exists(Path.Combine(Root, "usr/bin/tieline")).ShouldBeFalse();
        (await File.ReadAllTextAsync(SettingsFile)).ShouldBe(Changed);
        File.Exists(Path.Combine(Root, "var/lib/tieline/tieline.db")).ShouldBeTrue();

        await DpkgAsync("--purge", "tieline");
        Directory.EnumerateFileSystemEntries(Root, "*tieline*", SearchOption.AllDirectories).ShouldBeEmpty();
        AccountLines().ShouldBeEmpty();
    }

    /// <summary>The installed program by its installed link, with its installed settings.</summary>
    private async Task ServesAsync()
    {
        var program = Path.Combine(Root, "usr/bin/tieline");
        var settings = await Command.RunAsync(new ProcessStartInfo(program, ["config"]) { WorkingDirectory = Path.GetDirectoryName(SettingsFile)! });
        settings.ShouldSucceed().Output.ShouldContain("data = /var/lib/tieline");
        await using var server = await TielineServer.StartProgramAsync(program);
        using var http = new HttpClient { BaseAddress = server.Address };
        (await http.GetStringAsync("/api/chat/test")).ShouldContain("ok");
    }

    private async Task UnitIsGoodAsync()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Root, "usr/lib/systemd/system/tieline.service"));
        text.ShouldContain("ExecStart=/usr/bin/tieline serve\n");
        text.ShouldContain("User=tieline\nGroup=tieline\n");
        text.ShouldNotContain("DynamicUser");
        var unit = Path.Combine(_folder, "tieline.service");
        // Program and account are looked for on this machine.
        await File.WriteAllTextAsync(unit, text.Replace("/usr/bin/tieline", TielineServer.Program, StringComparison.Ordinal));
        var verify = await Command.RunAsync("systemd", "systemd-analyze", "verify", unit);
        verify.ShouldSucceed();
        (verify.Output + verify.Errors).ShouldBeEmpty();
        (await Command.RunAsync("systemd", "systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", unit)).ShouldSucceed();
    }

    private async Task<string> BuildAsync(string version)
    {
        var start = new ProcessStartInfo(Repository.File("scripts", "deb"), [version, _folder]);
        start.Environment["TIELINE_DEB_COMPRESSION"] = "none";
        (await Command.RunAsync(start, TimeSpan.FromMinutes(3))).ShouldSucceed();
        return Path.Combine(_folder, $"tieline_{version}_amd64.deb");
    }

    /// <summary>As little of a system as dpkg and useradd ask for.</summary>
    private void MakeRoot()
    {
        Directory.CreateDirectory(Path.Combine(Root, "etc"));
        foreach (var folder in (string[])["updates", "info"]) Directory.CreateDirectory(Path.Combine(Root, "var/lib/dpkg", folder));
        foreach (var (file, text) in ((string, string)[])[("var/lib/dpkg/status", ""), ("var/lib/dpkg/available", ""), ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
            ("etc/group", "root:x:0:\n"), ("etc/shadow", "root:*:19000:0:99999:7:::\n"), ("etc/gshadow", "root:*::\n"), ("etc/login.defs", "SYS_UID_MIN 100\nSYS_UID_MAX 999\nSYS_GID_MIN 100\nSYS_GID_MAX 999\n")])
            File.WriteAllText(Path.Combine(Root, file), text);
    }

    private List<string> AccountLines() => [.. File.ReadLines(Path.Combine(Root, "etc/passwd")).Where(line => line.StartsWith("tieline:", StringComparison.Ordinal))];

    /// <summary>Other packages are not there and not asked for. Their scripts run outside of the root, which holds no shell, and are told of it.</summary>
    private async Task DpkgAsync(params string[] words) => (await RunAsRootAsync("dpkg", "dpkg",
        [$"--root={Root}", "--force-script-chrootless", "--force-depends", $"--log={Path.Combine(_folder, "dpkg.log")}", .. words])).ShouldSucceed();

    private async Task<string> QueryAsync() =>
        (await Command.RunAsync("dpkg", "dpkg-query", $"--admindir={Path.Combine(Root, "var/lib/dpkg")}", "-W", "-f", "${Version} ${db:Status-Status}", "tieline")).ShouldSucceed().Output;

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : File.GetUnixFileMode(path);

    private static Task<Command> RunAsRootAsync(string package, string program, string[] words) =>
        Environment.IsPrivilegedProcess ? Command.RunAsync(package, program, words) : Command.RunAsync("fakeroot", "fakeroot", [Command.Find(package, program), .. words]);
}
