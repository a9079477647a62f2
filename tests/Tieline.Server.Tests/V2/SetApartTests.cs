using System.Net;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>Pins, stars and drafts as they are asked for and as a new device finds them.</summary>
public sealed class SetApartTests : TwoPeople
{
    [Theory]
    [InlineData("socket")]
    [InlineData("rest")]
    public async Task What_is_pinned_over_either_transport_is_asked_for_by_person_or_conversation(string transport)
    {
        var first = await Ada.SendAsync(Bob, "one");
        var second = await Ada.SendAsync(Bob, "two");
        foreach (var sent in (JsonElement[])[second, first]) await DoAsync(transport, Bob, new { type = "pin", client_id = "p", id = sent.GetProperty("id").GetString(), on = true });

        foreach (var (who, query) in ((Person, string)[])[(Ada, "to=bob"), (Bob, "to=ada"), (Bob, $"conversation={first.GetProperty("conversation").GetString()}")])
            Texts((await who.GetAsync($"/api/chat/pins?{query}")).Body).ShouldBe(["one", "two"]);
        var eve = await Server.AddPersonAsync("eve");
        (await eve.GetAsync($"/api/chat/pins?conversation={first.GetProperty("conversation").GetString()}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await eve.GetAsync("/api/chat/pins?to=ada")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await eve.GetAsync("/api/chat/pins?to=nobody")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await eve.GetAsync("/api/chat/pins")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Stars_come_by_page_and_are_my_own()
    {
        for (var i = 1; i <= 3; i++)
            await DoAsync(i == 2 ? "socket" : "rest", Bob, new { type = "star", client_id = "s", id = (await Ada.SendAsync(Bob, $"{i}")).GetProperty("id").GetString(), on = true });

        var first = (await Bob.GetAsync("/api/chat/starred?limit=2")).Body;
        Texts(first).ShouldBe(["3", "2"]);
        var second = (await Bob.GetAsync($"/api/chat/starred?limit=2&before={Uri.EscapeDataString(first.GetProperty("next").GetString()!)}")).Body;
        Texts(second).ShouldBe(["1"]);
        second.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        Texts((await Ada.GetAsync("/api/chat/starred")).Body).ShouldBeEmpty();
        (await Bob.GetAsync("/api/chat/starred?before=yesterday")).Status.ShouldBe(HttpStatusCode.BadRequest);
        Texts((await Bob.GetAsync("/api/chat/starred?before=9223372036854775807.none.1")).Body).ShouldBe(["3", "2", "1"]);
    }

    [Fact]
    public async Task A_new_device_finds_the_draft_and_no_message_that_was_deleted_for_me()
    {
        var first = await Ada.SendAsync(Bob, "one");
        var second = await Ada.SendAsync(Bob, "two");
        await DoAsync("socket", Bob, new { type = "draft", client_id = "d", to = "ada", message = "half a thought", reply_to = first.GetProperty("id").GetString() });
        await DoAsync("rest", Bob, new { type = "delete", client_id = "x", id = second.GetProperty("id").GetString(), @for = "me" });

        await using var socket = await Bob.ConnectAsync();
        await using var stream = await TestStream.OpenAsync(Bob);
        JsonElement streamed;
        do (_, streamed) = await stream.ReadAsync();
        while (streamed.GetProperty("type").GetString() != "snapshot");
        var polled = (await Bob.GetAsync("/api/chat/sync?wait=0")).Body.GetProperty("frames")[0];
        var listed = (await Bob.GetAsync("/api/chat/conversations")).Body;
        foreach (var list in (JsonElement[])[await socket.ReadUntilAsync("snapshot"), streamed, polled, listed])
        {
            var conversation = list.GetProperty("conversations")[0];
            conversation.GetProperty("draft").ToString().ShouldBe($$"""{"message":"half a thought","reply_to":"{{first.GetProperty("id").GetString()}}"}""");
            conversation.GetProperty("last").GetProperty("message").GetString().ShouldBe("one");
            conversation.GetProperty("head_seq").GetInt64().ShouldBe(2);
        }
    }

    private static async Task DoAsync(string transport, Person who, object frame)
    {
        if (transport == "rest")
        {
            var json = JsonSerializer.SerializeToElement(frame);
            var (status, answer) = await who.PostAsync("/api/chat/v2/" + json.GetProperty("type").GetString(), json);
            status.ShouldBe(HttpStatusCode.OK, answer.ToString());
            return;
        }

        await using var socket = await who.OpenAsync();
        await socket.SendAsync(frame);
        (await socket.ReadUntilAsync("done")).GetProperty("changed").GetInt32().ShouldBe(1);
    }

    private static IEnumerable<string?> Texts(JsonElement page) => page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("message").GetString());
}
