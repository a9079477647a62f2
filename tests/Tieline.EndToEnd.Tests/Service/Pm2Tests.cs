using System.Diagnostics;
using System.Text.Json;
using Tieline.Cli.Verify;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Service;

/// <summary>deploy/pm2/ecosystem.config.js under a real PM2, with a daemon of its own.</summary>
public sealed class Pm2Tests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string _tools = Repository.File("tests", "Tieline.EndToEnd.Tests", "pm2");

    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-pm2-").FullName;
    private readonly int _port = Ports.Free();

    private string Config => Path.Combine(_folder, "ecosystem.config.js");

    public async ValueTask InitializeAsync()
    {
        await Npm.InstallAsync(_tools);
        var config = await File.ReadAllTextAsync(Repository.File("deploy", "pm2", "ecosystem.config.js"));
        await File.WriteAllTextAsync(Config, config.Replace("/usr/local/bin/tieline", TielineServer.Program, StringComparison.Ordinal)
            .Replace("http://127.0.0.1:8000", $"http://127.0.0.1:{_port} --sends-per-s 0", StringComparison.Ordinal)
            .Replace("/var/lib/tieline", Path.Combine(_folder, "data"), StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Pm2Async("kill");
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_starts_restarts_and_stops_and_no_message_is_lost_or_doubled()
    {
        await SucceedAsync("start", Config);
        var server = new Uri($"http://127.0.0.1:{_port}");
        await using var crowd = await Crowd.StartAsync(server, null, CancellationToken.None);
        using var handler = new SocketsHttpHandler();
        var ada = await new Entrance(server, handler).SignUpAsync("ada");
        await Until.TrueAsync("two hundred messages are acknowledged", () => crowd.Acknowledged >= 200);

        using (var line = await ada.OpenAsync())
        {
            await line.ReadUntilAsync("synced");
            var end = line.ReadToEndAsync();
            await SucceedAsync("restart", "tieline");
            (await end).Code.ShouldBe(1012, "PM2 asked and waited, and did not kill");
        }

        (await AppAsync()).GetProperty("pm2_env").GetProperty("restart_time").GetInt32().ShouldBe(1);
        var before = crowd.Acknowledged;
        await Until.TrueAsync("two hundred more are acknowledged", () => crowd.Acknowledged >= before + 200);

        await SucceedAsync("stop", "tieline");
        var app = (await AppAsync()).GetProperty("pm2_env");
        app.GetProperty("status").GetString().ShouldBe("stopped");
        app.GetProperty("exit_code").GetInt32().ShouldBe(0);

        await SucceedAsync("start", "tieline");
        var verdict = await crowd.FinishAsync(CancellationToken.None);
        output.WriteLine($"{crowd.Acknowledged} acknowledged, {crowd.Duplicates} on a resend: {verdict}");
        verdict.Told.ShouldBeEmpty();
    }

    private async Task SucceedAsync(params string[] words) => (await Pm2Async(words)).ShouldSucceed();

    private async Task<JsonElement> AppAsync()
    {
        var list = (await Pm2Async("jlist")).ShouldSucceed().Output;
        return JsonDocument.Parse(list[list.IndexOf('[', StringComparison.Ordinal)..]).RootElement[0];
    }

    private Task<Command> Pm2Async(params string[] words)
    {
        var start = new ProcessStartInfo(Command.Find("nodejs", "node"), [Path.Combine(_tools, "node_modules", "pm2", "bin", "pm2"), .. words]) { WorkingDirectory = _folder };
        start.Environment["PM2_HOME"] = Path.Combine(_folder, "pm2");
        start.Environment["PM2_DISABLE_VERSION_CHECK"] = "true";
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIELINE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        return Command.RunAsync(start);
    }
}
