using Tieline.Server.Configuration;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Live;

public sealed class RequestTests : LivePeople
{
    private protected override TielineOptions Configure(TielineOptions options) => base.Configure(options) with { Requests = Requests.On };

    [Theory]
    [InlineData("socket")]
    [InlineData("post")]
    public async Task A_stranger_s_first_message_is_a_request_that_tells_him_nothing_until_it_is_accepted(string way)
    {
        await using var ada = await Ada.OpenAsync();
        await using var bob = await Bob.ConnectAsync();
        (await bob.ReadUntilAsync("hello")).GetProperty("features").EnumerateArray().Select(feature => feature.GetString()).ShouldContain("requests");
        (await bob.ReadUntilAsync("snapshot")).GetProperty("conversations")[0].GetProperty("request").GetBoolean().ShouldBeTrue();
        (await Bob.GetAsync("/api/chat/unread-count")).Body.GetProperty("unreadCount").GetInt32().ShouldBe(0);
        await DoAsync(Ada, "watch", new { users = new[] { "bob" } });
        await DoAsync(Bob, "read", new { conversation = Chat, seq = 1 });
        await DoAsync(Bob, "typing", new { conversation = Chat });
        (await Ada.GetAsync("/api/chat/presence?users=bob")).Body.GetProperty("presence").GetArrayLength().ShouldBe(0);

        await using var stream = await TestStream.OpenAsync(Bob, $"?since={Server.Store.Epoch}.1");

        if (way == "socket") await bob.SendAsync(new { type = "accept", client_id = "a1", conversation = Chat });
        else (await Bob.PostAsync("/api/chat/v2/accept", new { client_id = "a1", conversation = Chat })).Body.GetProperty("changed").GetInt32().ShouldBe(1);

        // The answer and the event come in either order.
        await bob.ReadUntilAsync(_ => bob.Seen.Any(frame => TypeOf(frame) == "conversation") && (way == "post" || bob.Seen.Any(frame => TypeOf(frame) == "done")));
        System.Text.Json.JsonElement streamed;
        do (_, streamed) = await stream.ReadAsync();
        while (TypeOf(streamed) != "conversation");
        streamed.GetRawText().ShouldBe(bob.Seen.Single(frame => TypeOf(frame) == "conversation").GetRawText());
        bob.Seen.Single(frame => TypeOf(frame) == "conversation").GetProperty("conversation").TryGetProperty("request", out _).ShouldBeFalse();
        if (way == "socket") bob.Seen.Single(frame => TypeOf(frame) == "done").GetProperty("changed").GetInt32().ShouldBe(1);
        (await ada.ReadUntilAsync("receipt")).GetProperty("read_seq").GetInt32().ShouldBe(1);
        ada.Seen.ShouldNotContain(frame => frame.GetProperty("type").GetString() == "typing");
        (await Ada.GetAsync("/api/chat/presence?users=bob")).Body.GetProperty("presence")[0].GetProperty("online").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task To_answer_is_to_accept_and_it_counts_from_then_on()
    {
        await Bob.SendAsync(Ada, "hello yourself");
        await Ada.SendAsync(Bob, "good");

        var conversation = (await Bob.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations")[0];
        conversation.TryGetProperty("request", out _).ShouldBeFalse();
        conversation.GetProperty("unread").GetInt32().ShouldBe(2);
    }

    private static string? TypeOf(System.Text.Json.JsonElement frame) => frame.GetProperty("type").GetString();
}
