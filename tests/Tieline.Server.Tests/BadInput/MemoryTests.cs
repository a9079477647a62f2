using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.BadInput;

/// <summary>The heap is the whole process's: what is measured here must not be some other test's.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Fact]
    public async Task A_client_that_never_reads_costs_the_others_nothing_and_is_given_up()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(options => options with { SendsPerSecond = 0 }, time: time);
        var (eve, fay) = (await server.AddPersonAsync("eve"), await server.AddPersonAsync("fay"));
        await using var deaf = await RawSocket.ConnectAsync(server.Address, "/api/chat/ws/me?v=2&token=" + fay.Token);
        await using var socket = await eve.OpenAsync();
        var text = new string('x', 30_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < 3_200; i++)
        {
            await socket.SendAsync(new { type = "send", client_id = $"c{i}", to = "fay", message = text });
            await socket.ReadUntilAsync("ack");
            socket.Seen.Clear();
        }

        // 96 MB were meant for the deaf one; what is held for it is bounded. The search's index holds a part of it too while it works behind.
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(48_000_000);
        for (var i = 0; i < 62; i++) time.Advance(TimeSpan.FromSeconds(1));
        await WaitUntilAsync(() => server.Log.All.Any(line => line.Id == 205 && line.Text.Contains("fay", StringComparison.Ordinal)));
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
            // Polling a condition; nothing else tells when a line is gone.
            await Task.Delay(10);
        }
    }
}
