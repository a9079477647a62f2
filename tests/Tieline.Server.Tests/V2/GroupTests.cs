using System.Net;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>Groups as clients see them, over all three transports.</summary>
public sealed class GroupTests : TwoPeople
{
    private Person Cy { get; set; } = null!;
    private int _ids;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Cy = await Server.AddPersonAsync("cy");
    }

    [Fact]
    public async Task Made_over_the_socket_it_is_told_over_stream_and_poll()
    {
        await using var stream = await TestStream.OpenAsync(Bob);
        await using var socket = await Ada.OpenAsync();

        await socket.SendAsync(new { type = "group_create", client_id = "g1", name = "Friends", members = (string[])["bob", "cy"] });

        var ack = await socket.ReadUntilAsync("ack");
        var id = ack.GetProperty("conversation").GetString();
        JsonElement frame;
        do (_, frame) = await stream.ReadAsync();
        while (TypeOf(frame) != "conversation");
        var conversation = frame.GetProperty("conversation");
        conversation.GetProperty("name").GetString().ShouldBe("Friends");
        conversation.GetProperty("role").GetString().ShouldBe("member");
        conversation.GetProperty("members").GetInt32().ShouldBe(3);
        (_, frame) = await stream.ReadAsync();
        frame.GetProperty("system").GetProperty("kind").GetString().ShouldBe("created");
        frame.GetProperty("to_user").ValueKind.ShouldBe(JsonValueKind.Null);

        var polled = (await Cy.GetAsync("/api/chat/sync?since=" + Server.Store.Epoch + ".0&wait=0")).Body.GetProperty("frames").EnumerateArray().ToList();
        polled.Select(TypeOf).ShouldBe(["conversation", "message"]);
        polled[1].GetProperty("conversation").GetString().ShouldBe(id);
        // It may have come before the acknowledgement.
        var own = socket.Seen.Any(seen => TypeOf(seen) == "message") ? socket.Seen.First(seen => TypeOf(seen) == "message") : await socket.ReadUntilAsync("message");
        own.GetProperty("pos").GetInt64().ShouldBe(ack.GetProperty("pos").GetInt64());
    }

    [Fact]
    public async Task Every_command_works_over_rest()
    {
        var id = await MakeAsync("bob");

        (await DoAsync(Ada, "group_update", new { client_id = Next(), conversation = id, name = "Better", announcements = true })).GetProperty("type").GetString().ShouldBe("ack");
        (await DoAsync(Ada, "group_update", new { client_id = "same", conversation = id, name = "Better" })).ToString().ShouldBe("""{"type":"done","client_id":"same","changed":0}""");
        await DoAsync(Ada, "group_add", new { client_id = Next(), conversation = id, members = (string[])["cy"] });
        await DoAsync(Ada, "group_role", new { client_id = Next(), conversation = id, user = "bob", role = "admin" });
        await DoAsync(Bob, "group_remove", new { client_id = Next(), conversation = id, user = "cy" });
        var link = await DoAsync(Bob, "group_link", new { conversation = id, expires_in_s = 60 });
        link.GetProperty("type").GetString().ShouldBe("link");
        await DoAsync(Cy, "group_join", new { client_id = Next(), code = link.GetProperty("code").GetString() });
        (await DoAsync(Bob, "group_link", new { conversation = id, revoke = true })).GetProperty("changed").GetInt32().ShouldBe(1);
        await DoAsync(Ada, "group_leave", new { client_id = Next(), conversation = id });

        var members = (await Cy.GetAsync($"/api/chat/members?conversation={id}")).Body;
        members.GetProperty("members").EnumerateArray().Select(member => $"{member.GetProperty("user").GetProperty("id").GetString()} {member.GetProperty("role").GetString()}")
            .ShouldBe(["bob owner", "cy member"]);
        members.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        var page = (await Cy.GetAsync($"/api/chat/history?conversation={id}")).Body.GetProperty("messages");
        page.EnumerateArray().Select(message => message.GetProperty("system").GetProperty("kind").GetString()).ShouldBe(["joined", "left"]);
    }

    [Fact]
    public async Task Sent_again_it_is_answered_the_same_and_made_once()
    {
        var first = await DoAsync(Ada, "group_create", new { client_id = "g1", name = "Friends", members = (string[])["bob"] });
        await using var socket = await Ada.OpenAsync();
        await socket.SendAsync(new { type = "group_create", client_id = "g1", name = "Friends", members = (string[])["bob"] });
        var again = await socket.ReadUntilAsync("ack");

        again.GetProperty("conversation").GetString().ShouldBe(first.GetProperty("conversation").GetString());
        again.GetProperty("duplicate").GetBoolean().ShouldBeTrue();
        (await Bob.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_stranger_gets_nothing_on_any_route()
    {
        var id = await MakeAsync("bob");
        await DoAsync(Ada, "group_add", new { client_id = Next(), conversation = id, members = (string[])["cy"] });
        await DoAsync(Ada, "group_remove", new { client_id = Next(), conversation = id, user = "cy" });
        var eve = await Server.AddPersonAsync("eve");

        foreach (var person in (Person[])[eve, Cy])
        {
            foreach (var (command, body) in (IEnumerable<(string, object)>)
            [
                ("group_update", new { client_id = Next(), conversation = id, name = "Mine" }),
                ("group_add", new { client_id = Next(), conversation = id, members = (string[])["eve"] }),
                ("group_remove", new { client_id = Next(), conversation = id, user = "bob" }),
                ("group_role", new { client_id = Next(), conversation = id, user = "eve", role = "owner" }),
                ("group_leave", new { client_id = Next(), conversation = id }),
                ("group_link", new { conversation = id }),
                ("group_join", new { client_id = Next(), code = id }),
                ("mute", new { conversation = id, until = "always" }),
                ("send", new { client_id = Next(), conversation = id, message = "let me in" }),
            ]) (await person.PostAsync("/api/chat/v2/" + command, body)).Status.ShouldBe(HttpStatusCode.NotFound, $"{person.Id} {command}");
            (await person.GetAsync($"/api/chat/members?conversation={id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        }

        (await eve.GetAsync($"/api/chat/history?conversation={id}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_one_who_is_removed_learns_it_at_once_and_hears_nothing_more()
    {
        var id = await MakeAsync("bob");
        await using var socket = await Bob.OpenAsync();

        await DoAsync(Ada, "group_remove", new { client_id = Next(), conversation = id, user = "bob" });

        (await socket.ReadUntilAsync("message")).GetProperty("system").GetProperty("kind").GetString().ShouldBe("removed");
        (await socket.ReadUntilAsync("conversation")).GetProperty("conversation").GetProperty("left").GetBoolean().ShouldBeTrue();
        await DoAsync(Ada, "send", new { client_id = Next(), conversation = id, message = "without bob" });
        await Ada.SendAsync(Bob, "to bob");
        (await socket.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe("to bob");
        (await Bob.GetAsync($"/api/chat/history?conversation={id}")).Body.GetProperty("messages").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_mute_has_an_end_that_all_devices_and_both_protocols_know()
    {
        await Ada.SendAsync(Bob, "hi");
        await using var socket = await Bob.OpenAsync();
        var until = Server.Chat.Now.ToDateTimeOffset().AddHours(8).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);

        (await DoAsync(Bob, "mute", new { to = "ada", until, client_id = "m1" })).GetProperty("changed").GetInt32().ShouldBe(1);
        (await socket.ReadUntilAsync("relation")).GetProperty("muted_until").GetString().ShouldBe(until);
        (await socket.ReadUntilAsync("conversation")).GetProperty("conversation").GetProperty("muted_until").GetString().ShouldBe(until);
        (await Bob.GetAsync("/api/chat/is-muted/ada")).Body.GetProperty("is_muted").GetBoolean().ShouldBeTrue();
        await DoAsync(Bob, "mute", new { to = "ada", until = "always" });
        (await ListedAsync(Bob)).GetProperty("muted_until").GetString().ShouldBe("9999-12-31T23:59:59.999999Z");
        await DoAsync(Bob, "mute", new { to = "ada", until = (string?)null });
        (await ListedAsync(Bob)).TryGetProperty("muted_until", out _).ShouldBeFalse();
        (await Bob.GetAsync("/api/chat/is-muted/ada")).Body.GetProperty("is_muted").GetBoolean().ShouldBeFalse();
        (await Bob.PostAsync("/api/chat/v2/mute", new { to = "ada", until = "tomorrow" })).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_first_protocol_knows_no_groups_and_goes_on_as_if_there_were_none()
    {
        await Ada.SendAsync(Bob, "direct");
        await using var socket = await Bob.OpenV1Async(Ada);
        await socket.ReadAsync();
        var id = await MakeAsync("bob");
        await DoAsync(Ada, "send", new { client_id = Next(), conversation = id, message = "group" });
        await Ada.SendAsync(Bob, "direct again");

        (await socket.ReadAsync()).GetProperty("message").GetString().ShouldBe("direct again");
        (await Bob.GetAsync("/api/chat/list")).Body.GetArrayLength().ShouldBe(1);
        (await Bob.GetAsync("/api/chat/unread-count")).Body.GetProperty("unreadCount").GetInt32().ShouldBe(2);
        (await Bob.GetAsync("/api/chat/unread-per-user")).Body.ToString().ShouldBe("""{"ada":2}""");
        (await Bob.GetAsync("/api/chat/conversation/ada")).Body.GetArrayLength().ShouldBe(2);
    }

    [Theory]
    [InlineData("group_create", """{"client_id":"x","name":"A","members":"bob"}""")]
    [InlineData("group_create", """{"client_id":"x","name":" ","members":[]}""")]
    [InlineData("group_create", """{"name":"A","members":[]}""")]
    [InlineData("group_create", """{"client_id":"x","name":"A","members":[],"history":"some"}""")]
    [InlineData("group_role", """{"client_id":"x","conversation":"c","user":"bob","role":"king"}""")]
    [InlineData("group_link", """{"conversation":"c","expires_in_s":0}""")]
    [InlineData("group_link", """{"conversation":"c","expires_in_s":99999999999}""")]
    [InlineData("mute", """{"until":"always"}""")]
    public async Task What_makes_no_sense_is_refused(string command, string body) =>
        (await Ada.PostAsync("/api/chat/v2/" + command, body)).Body.GetProperty("code").GetString().ShouldBe("invalid");

    private async Task<string> MakeAsync(params string[] members) =>
        (await DoAsync(Ada, "group_create", new { client_id = Next(), name = "Friends", members })).GetProperty("conversation").GetString()!;

    private static async Task<JsonElement> DoAsync(Person who, string command, object body)
    {
        var (status, answer) = await who.PostAsync("/api/chat/v2/" + command, body);
        status.ShouldBe(HttpStatusCode.OK, $"{command}: {answer}");
        return answer;
    }

    private static async Task<JsonElement> ListedAsync(Person who) => (await who.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations")[0];

    private string Next() => $"n{++_ids}";

    private static string TypeOf(JsonElement frame) => frame.GetProperty("type").GetString()!;
}
