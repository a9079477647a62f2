using System.ComponentModel;

namespace Tieline.Server.Tests.Storage;

/// <summary>The first promise, by the kernel's own witness: what is acknowledged was synced to disk before.</summary>
public sealed class DurabilityTests
{
    private const int Messages = 12;

    [Fact]
    public async Task Nothing_about_a_message_leaves_the_server_before_the_log_that_holds_it_is_synced()
    {
        var calls = await ChatUnderTraceAsync();

        for (var i = 0; i < Messages; i++)
        {
            var stored = calls.LogWrites.Where(call => call.Text.Contains($"text-{i};", StringComparison.Ordinal)).MinBy(call => call.Begun).ShouldNotBeNull($"text-{i} in the log");
            var told = calls.SocketWrites.Where(call => call.Text.Contains($"id-{i}:", StringComparison.Ordinal) || call.Text.Contains($"text-{i};", StringComparison.Ordinal)).MinBy(call => call.Begun)
                .ShouldNotBeNull($"id-{i} over a socket");

            calls.LogSyncs.ShouldContain(sync => stored.Returned < sync.Begun && sync.Returned < told.Begun,
                $"message {i}: written at {stored.Returned}, told at {told.Begun}, syncs {string.Join(' ', calls.LogSyncs.Select(sync => $"{sync.Begun}-{sync.Returned}"))}");
        }

        // All pages of a commit in few writes, where SQLite by itself makes two of each page.
        var first = calls.LogWrites.First(call => call.Text.Contains("text-0;", StringComparison.Ordinal)).Begun;
        calls.LogWrites.Count(call => call.Begun >= first).ShouldBeLessThanOrEqualTo(2 * calls.LogSyncs.Count(sync => sync.Begun >= first));
    }

    private static async Task<SystemCalls> ChatUnderTraceAsync()
    {
        TracedServer server;
        try
        {
            server = await TracedServer.StartAsync();
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException("strace is missing; scripts/setup installs it.");
        }

        await using (server)
        {
            await using var ada = await server.OpenAsync("ada");
            await using var bob = await server.OpenAsync("bob");
            var to = bob.Seen.Find(frame => frame.GetProperty("type").GetString() == "hello").GetProperty("user").GetString();
            for (var i = 0; i < Messages; i += 3)
            {
                // Three in flight, so that batches of several are among them.
                for (var j = i; j < i + 3; j++) await ada.SendAsync(new { type = "send", client_id = $"id-{j}:", to, message = $"text-{j};" });
                for (var j = i; j < i + 3; j++) await ada.ReadUntilAsync("ack");
            }

            return await server.StopAsync();
        }
    }
}
