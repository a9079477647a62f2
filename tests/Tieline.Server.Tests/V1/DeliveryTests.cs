using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Diagnosis;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>The first protocol has no word for "received": the first pong after a message is it.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task A_message_is_delivered_with_the_first_pong_after_it_and_not_before()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        using var bobs = await RawSocket.OpenAsync(server.Address, $"/api/chat/ws/ada?token={bob.Token}");
        await bobs.ReadFrameAsync();
        // A pong that nobody asked for, before there is anything to confirm; the frame behind it shows in the log that both were read.
        await bobs.PongAsync();
        await bobs.SendFrameAsync(1, "{}");
        await HandshakeTests.WaitForAsync(server, 207);

        await ada.SendAsync(bob, "hello");
        (await bobs.ReadFrameAsync()).Text.ShouldContain("hello");
        (await bobs.ReadFrameAsync()).Opcode.ShouldBe(9);
        for (var i = 0; i < 5; i++) time.Advance(TimeSpan.FromSeconds(1));
        (await DeliveredAsync()).ShouldBe(0);

        await bobs.PongAsync();
        (await EventuallyAsync(1)).ShouldBe(1);
        (await ReadAsync()).ShouldBe(0, "delivered is not read");

        async Task<long> DeliveredAsync() => (await server.Store.ReadConversationsAsync(ada.Account.Key, null, 10, default)).Conversations.Single().PeerDeliveredSeq;
        async Task<long> ReadAsync() => (await server.Store.ReadConversationsAsync(ada.Account.Key, null, 10, default)).Conversations.Single().PeerReadSeq;

        async Task<long> EventuallyAsync(long wanted)
        {
            for (var i = 0; i < 500 && await DeliveredAsync() < wanted; i++)
            {
                // The pong travels by itself; the server looks for it once a second of its own time.
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(10);
            }

            return await DeliveredAsync();
        }
    }

    [Fact]
    public async Task The_author_hears_of_it_over_the_second_protocol()
    {
        await using var server = await RunningServer.StartAsync();
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var adas = await ada.OpenAsync();
        await using var bobs = await bob.OpenV1Async(ada);
        await bobs.ReadAsync();

        await ada.SendAsync(bob, "hello");
        await bobs.ReadAsync();
        // The framework's client answers pings while it reads.
        var reading = bobs.ReadAsync();

        var receipt = await adas.ReadUntilAsync("receipt");
        (receipt.GetProperty("user").GetString(), receipt.GetProperty("delivered_seq").GetInt64(), receipt.GetProperty("read_seq").GetInt64()).ShouldBe(("bob", 1, 0));
        var (_, synced) = await ada.GetAsync($"/api/chat/sync?since={server.Store.Epoch}.0&wait=0");
        synced.GetProperty("frames").EnumerateArray().ShouldContain(frame => frame.GetProperty("type").GetString() == "receipt" && frame.GetProperty("user").GetString() == "bob");
        await ada.SendAsync(bob, "and so that the reader ends");
        await reading;
    }

    [Fact]
    public async Task Opening_the_chat_delivers_what_its_history_holds()
    {
        await using var server = await RunningServer.StartAsync();
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await ada.SendAsync(bob, "one");
        await ada.SendAsync(bob, "two");
        await using var adas = await ada.OpenAsync();

        await using var bobs = await bob.OpenV1Async(ada);
        await bobs.ReadAsync();
        var reading = bobs.ReadAsync();

        (await adas.ReadUntilAsync("receipt")).GetProperty("delivered_seq").GetInt64().ShouldBe(2);
        await ada.SendAsync(bob, "end");
        await reading;
    }
}
