using Tieline.Cli.Verify;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Kill;

public sealed class StopTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_server_told_to_stop_under_load_sends_everybody_away_and_loses_nothing()
    {
        await using var server = await TielineServer.StartAsync("--sends-per-s", "0");
        var entrance = Entrance.Of(server);
        var (ada, bob) = (await entrance.SignUpAsync("ada"), await entrance.SignUpAsync("bob"));
        await using var crowd = await Crowd.StartAsync(server.Address, null, CancellationToken.None);
        using var v2 = await ada.OpenAsync();
        using var v1 = await ada.OpenV1Async(bob);
        await v2.ReadUntilAsync("synced");
        await v1.ReadUntilAsync("history");
        await Until.TrueAsync("five hundred messages are acknowledged", () => crowd.Acknowledged >= 500);

        var (ends, stop) = ((v2.ReadToEndAsync(), v1.ReadToEndAsync()), server.StopAsync());

        var (exitCode, took) = await stop;
        exitCode.ShouldBe(0);
        took.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        var (types, code, _) = await ends.Item1;
        types.ShouldBe(["goaway"]);
        code.ShouldBe(1012);
        (await ends.Item2).Code.ShouldBe(1012);

        await server.StartAgainAsync();
        var verdict = await crowd.FinishAsync(CancellationToken.None);
        output.WriteLine($"stopped in {took.TotalSeconds:0.00} s; {crowd.Acknowledged} acknowledged, {crowd.Duplicates} on a resend: {verdict}");
        verdict.Told.ShouldBeEmpty();
    }
}
