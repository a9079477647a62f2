using System.Net;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>Everything that people do has one event, the same whether it was asked over the socket or by REST, and whether it is seen on a socket, a stream or a poll.</summary>
public sealed class WaysTests : TwoPeople
{
    private string _chat = "";
    private string _id = "";
    private string _group = "";

    public static TheoryData<string, string, string, string, string> Deeds
    {
        get
        {
            var deeds = new TheoryData<string, string, string, string, string>();
            foreach (var way in (string[])["socket", "post"])
            {
                Add("send", """{"to":"bob","message":"again"}""", "bob", "message");
                Add("send", """{"conversation":"CHAT","message":"so","reply_to":"ID"}""", "bob", "message");
                Add("send", """{"to":"cy","forward_of":"ID"}""", "cy", "message");
                Add("send", """{"to":"bob","message":"see","card":{"type":"post","post_id":"7"}}""", "bob", "message");
                Add("edit", """{"id":"ID","message":"better"}""", "bob", "update");
                Add("delete", """{"id":"ID","for":"all"}""", "bob", "update");
                Add("delete", """{"id":"ID","for":"me"}""", "ada", "hidden");
                Add("react", """{"id":"ID","emoji":"👍"}""", "bob", "update");
                Add("pin", """{"id":"ID","on":true}""", "bob", "update");
                Add("star", """{"id":"ID","on":true}""", "ada", "starred");
                Add("draft", """{"conversation":"CHAT","message":"half a"}""", "ada", "draft");
                Add("disappear", """{"conversation":"CHAT","seconds":3600}""", "bob", "conversation");
                Add("mute", """{"conversation":"CHAT","until":"always"}""", "ada", "relation");
                Add("clear", """{"conversation":"CHAT"}""", "ada", "cleared");
                Add("clear", """{"conversation":"CHAT","seq":1}""", "ada", "cleared");
                Add("privacy", """{"last_seen":false}""", "ada", "privacy");
                Add("group_create", """{"name":"Walkers","members":["bob"]}""", "bob", "message");
                Add("send", """{"conversation":"GROUP","message":"all of you"}""", "bob", "message");
                Add("group_update", """{"conversation":"GROUP","name":"Runners"}""", "bob", "message");
                Add("group_add", """{"conversation":"GROUP","members":["cy"]}""", "cy", "message");
                Add("group_role", """{"conversation":"GROUP","user":"bob","role":"admin"}""", "bob", "message");
                Add("group_remove", """{"conversation":"GROUP","user":"bob"}""", "bob", "conversation");
                Add("group_leave", """{"conversation":"GROUP"}""", "bob", "message");
                Add("mute", """{"conversation":"GROUP","until":"always"}""", "ada", "conversation");
                void Add(string command, string fields, string seenBy, string @event) => deeds.Add(way, command, fields, seenBy, @event);
            }

            return deeds;
        }
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var sent = await Ada.SendAsync(Bob, "hello");
        (_chat, _id) = (sent.GetProperty("conversation").GetString()!, sent.GetProperty("id").GetString()!);
        _group = (await Ada.PostAsync("/api/chat/v2/group_create", new { client_id = "g1", name = "Friends", members = (string[])["bob"] })).Body.GetProperty("conversation").GetString()!;
    }

    [Theory]
    [MemberData(nameof(Deeds))]
    public async Task What_is_done_is_seen_alike_on_the_socket_the_stream_and_the_poll(string way, string command, string fields, string seenBy, string @event)
    {
        var cy = await Server.AddPersonAsync("cy");
        var watcher = seenBy switch { "ada" => Ada, "bob" => Bob, _ => cy };
        var since = await NowAsync(watcher);
        await using var socket = await watcher.OpenAsync(since);
        await using var stream = await TestStream.OpenAsync(watcher, "?since=" + since);

        await DoAsync(way, Ada, command, fields.Replace("CHAT", _chat, StringComparison.Ordinal).Replace("GROUP", _group, StringComparison.Ordinal).Replace("ID", _id, StringComparison.Ordinal));

        var seen = (await socket.ReadUntilAsync(@event)).GetRawText();
        (await StreamedAsync(stream, @event)).ShouldBe(seen);
        var polled = (await PollAsync(watcher, since)).GetProperty("frames").EnumerateArray().Where(frame => TypeOf(frame) == @event).Select(frame => frame.GetRawText());
        polled.ShouldContain(seen);
    }

    [Theory]
    [InlineData("socket")]
    [InlineData("post")]
    public async Task How_far_somebody_has_read_is_seen_alike_by_the_author(string way)
    {
        var since = await NowAsync(Ada);
        await using var socket = await Ada.OpenAsync(since);
        await using var stream = await TestStream.OpenAsync(Ada, "?since=" + since);

        await DoAsync(way, Bob, "read", $$"""{"conversation":"{{_chat}}","seq":1}""");

        var seen = await socket.ReadUntilAsync("receipt");
        (seen.GetProperty("user").GetString(), seen.GetProperty("read_seq").GetInt32()).ShouldBe(("bob", 1));
        (await StreamedAsync(stream, "receipt")).ShouldBe(seen.GetRawText());
        (await PollAsync(Ada, since)).GetProperty("frames")[0].GetRawText().ShouldBe(seen.GetRawText());
    }

    private static string? TypeOf(JsonElement frame) => frame.GetProperty("type").GetString();

    private static async Task<JsonElement> PollAsync(Person person, string since) => (await person.GetAsync($"/api/chat/sync?since={since}&wait=0")).Body;

    private async Task<string> NowAsync(Person person) => $"{Server.Store.Epoch}.{(await PollAsync(person, $"{Server.Store.Epoch}.0")).GetProperty("pos").GetInt64()}";

    private static async Task<string> StreamedAsync(TestStream stream, string type)
    {
        while (true)
        {
            var (_, frame) = await stream.ReadAsync();
            if (TypeOf(frame) == type) return frame.GetRawText();
        }
    }

    private static async Task DoAsync(string way, Person who, string command, string fields)
    {
        if (way == "socket")
        {
            // It goes when its answer has come, or the answer to the ping behind it where none comes.
            await using var socket = await who.OpenAsync();
            await socket.SendTextAsync($"{{\"type\":\"{command}\",\"client_id\":\"w1\",{fields[1..]}");
            await socket.SendAsync(new { type = "ping" });
            await socket.ReadUntilAsync("pong");
            socket.Seen.ShouldNotContain(frame => TypeOf(frame) == "error");
            return;
        }

        var body = JsonDocument.Parse($"{{\"client_id\":\"w1\",{fields[1..]}").RootElement;
        var (status, answer) = await who.PostAsync(command == "send" ? "/api/chat/messages" : "/api/chat/v2/" + command, body);
        status.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.NoContent], answer.ToString());
    }
}
