using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Proxies;

/// <summary>Silence and change: an idle line longer than nginx waits, and a reload in mid-conversation.</summary>
public sealed class NginxPatienceTests(ITestOutputHelper output)
{
    private const int ReadTimeoutSeconds = 3;

    [Fact]
    public async Task The_pings_keep_an_idle_line_open_for_longer_than_nginx_waits()
    {
        await using var server = await TielineServer.StartAsync("--ping-s", "1");
        await using var nginx = await Nginx.StartAsync(server, ShortPatience);
        var (ada, bob) = (await nginx.Entrance.SignUpAsync("ada"), await nginx.Entrance.SignUpAsync("bob"));
        using var v2 = await ada.OpenAsync();
        using var v1 = await ada.OpenV1Async(bob);
        await v1.ReadUntilAsync("history");
        var reading = v1.ReadUntilAsync("message");

        // Silence is what is tested here, and pings are the measure of it: one a second.
        for (var i = 0; i < 3 * ReadTimeoutSeconds; i++)
        {
            await v2.ReadUntilAsync("ping");
            await v2.SendAsync(new { type = "pong" });
        }

        await bob.SendAsync(ada, "still there?");
        (await v2.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe("still there?");
        (await reading).GetProperty("message").GetString().ShouldBe("still there?");
    }

    [Fact]
    public async Task Without_pings_nginx_would_have_cut_it()
    {
        await using var server = await TielineServer.StartAsync("--ping-s", "300");
        await using var nginx = await Nginx.StartAsync(server, ShortPatience);
        var (ada, bob) = (await nginx.Entrance.SignUpAsync("ada"), await nginx.Entrance.SignUpAsync("bob"));
        using var v2 = await ada.OpenAsync();
        using var v1 = await ada.OpenV1Async(bob);
        await v2.ReadUntilAsync("synced");
        var began = TimeProvider.System.GetTimestamp();

        (await v2.ReadToEndAsync()).Code.ShouldBe(1006);
        (await v1.ReadToEndAsync()).Code.ShouldBe(1006);

        var took = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine($"cut after {took.TotalSeconds:0.0} s");
        took.ShouldBeInRange(TimeSpan.FromSeconds(ReadTimeoutSeconds - 1), TimeSpan.FromSeconds(ReadTimeoutSeconds + 10));
    }

    [Fact]
    public async Task Reloads_of_nginx_in_mid_conversation_lose_nothing_and_double_nothing()
    {
        await using var server = await TielineServer.StartAsync("--sends-per-s", "0", "--resume-events", "1000000");
        await using var nginx = await Nginx.StartAsync(server);
        using var observer = await (await nginx.Entrance.SignUpAsync("eva")).OpenAsync();
        await observer.ReadUntilAsync("synced");
        await using var crowd = await Cli.Verify.Crowd.StartAsync(nginx.Entrance.Address, nginx.Entrance.Handler, CancellationToken.None);

        for (var reload = 0; reload < 3; reload++)
        {
            var before = crowd.Acknowledged;
            await Until.TrueAsync("two hundred messages are acknowledged", () => crowd.Acknowledged >= before + 200);
            await nginx.ReloadAsync();
        }

        (await observer.ReadToEndAsync()).Code.ShouldBe(1006, "the reload did cut the lines");
        var verdict = await crowd.FinishAsync(CancellationToken.None);
        output.WriteLine($"{crowd.Acknowledged} acknowledged, {crowd.Duplicates} of them on a resend: {verdict}");
        verdict.Told.ShouldBeEmpty();
    }

    private static string ShortPatience(string conf)
    {
        conf.ShouldContain("proxy_read_timeout 75s;");
        return conf.Replace("proxy_read_timeout 75s;", $"proxy_read_timeout {ReadTimeoutSeconds}s;", StringComparison.Ordinal);
    }
}
