using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

public sealed class SendTests : TwoPeople
{
    [Fact]
    public async Task A_resend_gets_the_first_answer_again_and_stores_nothing()
    {
        await using var socket = await Ada.OpenAsync();
        await socket.SendAsync(Send("c1", "hello"));
        var first = await socket.ReadUntilAsync("ack");
        await socket.SendAsync(Send("c1", "hello"));
        var second = await socket.ReadUntilAsync("ack");

        second.GetProperty("duplicate").GetBoolean().ShouldBeTrue();
        foreach (var field in (string[])["id", "conversation", "seq", "pos", "created_at"])
            second.GetProperty(field).ToString().ShouldBe(first.GetProperty(field).ToString());
        (await HistoryAsync(first.GetProperty("conversation").GetString()!)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_thousand_sends_in_flight_are_acknowledged_in_order_and_arrive_in_order()
    {
        await using var sender = await Ada.OpenAsync();
        await using var receiver = await Bob.OpenAsync();
        for (var i = 0; i < 1_000; i++) await sender.SendAsync(Send($"c{i}", $"text {i}"));

        for (var i = 0; i < 1_000; i++) (await sender.ReadUntilAsync("ack")).GetProperty("client_id").GetString().ShouldBe($"c{i}");
        for (var i = 0; i < 1_000; i++)
        {
            var message = await receiver.ReadUntilAsync("message");
            message.GetProperty("message").GetString().ShouldBe($"text {i}");
            message.GetProperty("seq").GetInt64().ShouldBe(i + 1);
            message.GetProperty("pos").GetInt64().ShouldBe(i + 1);
        }
    }

    [Theory]
    [InlineData("""{"type":"send","client_id":"c1","to":"ada","message":"to myself"}""", "self")]
    [InlineData("""{"type":"send","client_id":"c1","to":"nobody","message":"hello"}""", "not_found")]
    [InlineData("""{"type":"send","client_id":"c1","conversation":"nothing","message":"hello"}""", "not_found")]
    [InlineData("""{"type":"send","client_id":"c1","to":"bob","message":"  "}""", "invalid")]
    [InlineData("""{"type":"send","client_id":"c1","to":"bob","conversation":"x","message":"hello"}""", "invalid")]
    [InlineData("""{"type":"send","client_id":"c1","message":"hello"}""", "invalid")]
    public async Task A_send_that_can_never_be_stored_is_refused_for_good_and_holds_nothing(string frame, string code)
    {
        await using var socket = await Ada.OpenAsync();
        await socket.SendTextAsync(frame);
        var error = await socket.ReadUntilAsync("error");

        error.GetProperty("code").GetString().ShouldBe(code);
        error.GetProperty("retryable").GetBoolean().ShouldBeFalse();
        error.GetProperty("client_id").GetString().ShouldBe("c1");
        await socket.SendAsync(Send("c2", "the next one"));
        (await socket.ReadUntilAsync("ack")).GetProperty("client_id").GetString().ShouldBe("c2");
    }

    [Fact]
    public async Task A_block_refuses_both_ways_but_a_resend_is_still_answered()
    {
        await using var socket = await Ada.OpenAsync();
        await socket.SendAsync(Send("before", "hello"));
        await socket.ReadUntilAsync("ack");
        await Bob.PostAsync("/api/chat/block/ada");

        await socket.SendAsync(Send("after", "hello?"));
        (await socket.ReadUntilAsync("error")).GetProperty("code").GetString().ShouldBe("blocked");
        await socket.SendAsync(Send("before", "hello"));
        (await socket.ReadUntilAsync("ack")).GetProperty("duplicate").GetBoolean().ShouldBeTrue();

        await using var bobs = await Bob.OpenAsync();
        await bobs.SendAsync(new { type = "send", client_id = "b1", to = "ada", message = "no" });
        (await bobs.ReadUntilAsync("error")).GetProperty("code").GetString().ShouldBe("blocked");
    }

    [Fact]
    public async Task History_asked_after_a_send_holds_that_send()
    {
        await using var socket = await Ada.OpenAsync();
        await socket.SendAsync(Send("c0", "first"));
        var conversation = (await socket.ReadUntilAsync("ack")).GetProperty("conversation").GetString();

        for (var i = 1; i <= 20; i++)
        {
            await socket.SendAsync(Send($"c{i}", $"text {i}"));
            await socket.SendAsync(new { type = "history", conversation, limit = 1 });
            (await socket.ReadUntilAsync("page")).GetProperty("messages")[0].GetProperty("message").GetString().ShouldBe($"text {i}");
        }
    }

    [Fact]
    public async Task A_card_goes_through_both_protocols()
    {
        await using var socket = await Ada.OpenAsync();
        await using var old = await Bob.OpenV1Async(Ada);
        await old.ReadUntilAsync("history");
        await socket.SendTextAsync("""{"type":"send","client_id":"c1","to":"bob","message":"look","card":{ "post_id" : 7, "kind":"dish" }}""");

        (await socket.ReadUntilAsync("message")).GetProperty("card").GetRawText().ShouldBe("""{"post_id":7,"kind":"dish"}""");
        (await old.ReadUntilAsync("message")).GetProperty("post_id").GetInt32().ShouldBe(7);
    }

    [Fact]
    public async Task Over_its_rate_an_account_is_read_more_slowly_and_refused_nothing()
    {
        await using var server = await RunningServer.StartAsync(options => options with { SendsPerSecond = 200, SendsBurst = 10 });
        var (eve, fay) = (await server.AddPersonAsync("eve"), await server.AddPersonAsync("fay"));
        await using var socket = await eve.OpenAsync();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 110; i++) await socket.SendAsync(new { type = "send", client_id = $"c{i}", to = fay.Id, message = "x" });
        for (var i = 0; i < 110; i++) await socket.ReadUntilAsync("ack");

        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(450));
        socket.Seen.ShouldAllBe(frame => frame.GetProperty("type").GetString() != "error");
    }

    private static object Send(string clientId, string text) => new { type = "send", client_id = clientId, to = "bob", message = text };

    private async Task<List<JsonElement>> HistoryAsync(string conversation)
    {
        var (_, page) = await Ada.GetAsync($"/api/chat/history?conversation={conversation}");
        return [.. page.GetProperty("messages").EnumerateArray()];
    }
}
