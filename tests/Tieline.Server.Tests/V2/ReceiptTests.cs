using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

public sealed class ReceiptTests : TwoPeople
{
    [Fact]
    public async Task Recv_shows_the_author_delivered_and_read_shows_read()
    {
        await using var adas = await Ada.OpenAsync();
        await using var bobs = await Bob.OpenAsync();
        await Ada.SendAsync(Bob, "one");
        var message = await bobs.ReadUntilAsync("message");

        await bobs.SendAsync(new { type = "recv", pos = message.GetProperty("pos").GetInt64() });
        var delivered = await ReceiptOfBobAsync(adas);
        (delivered.GetProperty("delivered_seq").GetInt64(), delivered.GetProperty("read_seq").GetInt64()).ShouldBe((1, 0));

        await bobs.SendAsync(new { type = "read", conversation = message.GetProperty("conversation").GetString(), seq = 1 });
        var read = await ReceiptOfBobAsync(adas);
        (read.GetProperty("delivered_seq").GetInt64(), read.GetProperty("read_seq").GetInt64()).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Many_receipts_in_a_row_become_few_events_and_the_last_one_counts()
    {
        await using var adas = await Ada.OpenAsync();
        await using var bobs = await Bob.OpenAsync();
        for (var i = 1; i <= 50; i++)
        {
            await Ada.SendAsync(Bob, $"text {i}");
            await bobs.SendAsync(new { type = "recv", pos = (await bobs.ReadUntilAsync("message")).GetProperty("pos").GetInt64() });
        }

        await adas.ReadUntilAsync(frame => TypeOf(frame) == "receipt" && frame.GetProperty("delivered_seq").GetInt64() == 50);
        adas.Seen.Count(frame => TypeOf(frame) == "receipt").ShouldBeLessThan(25);
    }

    [Fact]
    public async Task While_a_block_stands_the_other_does_not_learn_what_was_read()
    {
        var ack = await Ada.SendAsync(Bob, "one");
        await Bob.PostAsync("/api/chat/block/ada");
        await using var adas = await Ada.OpenAsync();

        await Bob.PostAsync("/api/chat/v2/read", new { conversation = ack.GetProperty("conversation").GetString(), seq = 1 });

        // Whatever would have come would have come before this answer to a later request.
        await adas.SendAsync(new { type = "sync", since = $"{Server.Store.Epoch}.0" });
        await adas.ReadUntilAsync("synced");
        adas.Seen.ShouldAllBe(frame => TypeOf(frame) != "receipt");
        var (_, list) = await Ada.GetAsync("/api/chat/conversations");
        list.GetProperty("conversations")[0].GetProperty("peer_read_seq").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Reading_a_conversation_that_is_not_mine_is_an_error_and_the_socket_stays()
    {
        var eve = await Server.AddPersonAsync("eve");
        var ack = await Ada.SendAsync(Bob, "one");
        await using var socket = await eve.OpenAsync();

        await socket.SendAsync(new { type = "read", conversation = ack.GetProperty("conversation").GetString(), seq = 1 });
        (await socket.ReadUntilAsync("error")).GetProperty("code").GetString().ShouldBe("not_found");
        await socket.SendAsync(new { type = "ping" });
        await socket.ReadUntilAsync("pong");
    }

    private static string TypeOf(JsonElement frame) => frame.GetProperty("type").GetString()!;

    private static Task<JsonElement> ReceiptOfBobAsync(TestSocket socket) =>
        socket.ReadUntilAsync(frame => TypeOf(frame) == "receipt" && frame.GetProperty("user").GetString() == "bob");
}
