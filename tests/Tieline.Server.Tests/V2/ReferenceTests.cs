using System.Net;
using System.Text;
using System.Text.Json;
using Tieline.Server.Tests.Attachments;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>Answers with their quote, mentions and forwarded messages, as clients see them over all three transports.</summary>
public sealed class ReferenceTests : TwoPeople
{
    private Person Cy { get; set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Cy = await Server.AddPersonAsync("cy");
    }

    [Theory]
    [InlineData("socket")]
    [InlineData("rest")]
    public async Task An_answer_that_names_somebody_is_told_live_in_the_stream_and_in_the_replay(string transport)
    {
        var first = await Bob.SendAsync(Ada, "soup or pizza?");
        var (conversation, id) = (first.GetProperty("conversation").GetString()!, first.GetProperty("id").GetString()!);
        await using var stream = await TestStream.OpenAsync(Bob);
        await using var socket = await Bob.OpenAsync();

        await SendAsync(transport, Ada, new { type = "send", client_id = "r1", conversation, message = "@Bob soup", reply_to = id, mentions = (string[])["bob"] });

        JsonElement streamed;
        do (_, streamed) = await stream.ReadAsync();
        while (TypeOf(streamed) != "message");
        var replayed = (await FramesAsync(Bob))[^1];
        foreach (var message in (JsonElement[])[await socket.ReadUntilAsync("message"), streamed, replayed])
        {
            message.GetProperty("reply_to").GetString().ShouldBe(id);
            message.GetProperty("quote").ToString().ShouldBe($$"""{"id":"{{id}}","from_user":"bob","message":"soup or pizza?"}""");
            message.GetProperty("mentions").ToString().ShouldBe("""["bob"]""");
        }
    }

    [Theory]
    [InlineData("socket")]
    [InlineData("rest")]
    public async Task A_forwarded_message_with_a_file_opens_in_the_other_chat_when_the_first_is_gone(string transport)
    {
        var file = await Tus.UploadAsync(Ada, Encoding.ASCII.GetBytes("0123456789"), "a.txt");
        var original = await Sent.SendAsync(Ada, Bob, file);
        await using var stream = await TestStream.OpenAsync(Cy);

        await SendAsync(transport, Bob, new { type = "send", client_id = "f1", to = "cy", forward_of = original });
        await Ada.PostAsync("/api/chat/v2/delete", new { id = original, @for = "all" });
        await Server.Chat.Sweeper.SweepAsync(default);

        JsonElement message;
        do (_, message) = await stream.ReadAsync();
        while (TypeOf(message) != "message");
        message.GetProperty("forwarded").GetBoolean().ShouldBeTrue();
        message.TryGetProperty("quote", out _).ShouldBeFalse();
        var url = message.GetProperty("attachments")[0].GetProperty("url").GetString()!;
        (await Answer.ToAsync(Server, "GET", url)).Text.ShouldBe("0123456789");
        (await FramesAsync(Cy))[^1].GetProperty("forwarded").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"message":"x","reply_to":"{id}"}""", "cy", "not_found")]
    [InlineData("""{"message":"x","reply_to":"nothing.1"}""", "bob", "not_found")]
    [InlineData("""{"message":"x","reply_to":"nothing"}""", "bob", "not_found")]
    [InlineData("""{"message":"x","mentions":["cy"]}""", "bob", "invalid")]
    [InlineData("""{"message":"x","mentions":"bob"}""", "bob", "invalid")]
    [InlineData("""{"message":"x","mentions":[1]}""", "bob", "invalid")]
    [InlineData("""{"forward_of":"nothing.1"}""", "bob", "not_found")]
    [InlineData("""{"forward_of":"{hidden}"}""", "bob", "not_found")]
    [InlineData("""{"forward_of":"{id}","message":"and this"}""", "bob", "invalid")]
    [InlineData("""{"forward_of":"{id}","card":{}}""", "bob", "invalid")]
    public async Task What_cannot_be_referred_to_is_refused_the_same_over_socket_and_rest(string fields, string to, string code)
    {
        var id = (await Ada.SendAsync(Bob, "hello")).GetProperty("id").GetString()!;
        var hidden = (await Bob.SendAsync(Cy, "not ada's")).GetProperty("id").GetString()!;
        fields = fields.Replace("{id}", id, StringComparison.Ordinal).Replace("{hidden}", hidden, StringComparison.Ordinal);
        await using var socket = await Ada.OpenAsync();

        await socket.SendTextAsync($$"""{"type":"send","client_id":"c1","to":"{{to}}",{{fields[1..]}}""");
        var error = await socket.ReadUntilAsync("error");
        var answer = await Answer.ToAsync(Ada, "POST", "/api/chat/v2/send", $$"""{"client_id":"c2","to":"{{to}}",{{fields[1..]}}""");

        (error.GetProperty("code").GetString(), error.GetProperty("client_id").GetString()).ShouldBe((code, "c1"));
        (answer.Json.GetProperty("code").GetString(), answer.Json.GetProperty("client_id").GetString()).ShouldBe((code, "c2"));
        (await Ada.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_forward_that_is_sent_again_is_stored_once_and_v1_reads_its_text()
    {
        var id = (await Ada.SendAsync(Bob, "pass it on")).GetProperty("id").GetString()!;
        await using var old = await Cy.OpenV1Async(Bob);
        await old.ReadUntilAsync("history");
        var body = new { client_id = "f1", to = "cy", forward_of = id };

        (await Bob.PostAsync("/api/chat/messages", body)).Body.GetProperty("duplicate").GetBoolean().ShouldBeFalse();
        (await Bob.PostAsync("/api/chat/messages", body)).Body.GetProperty("duplicate").GetBoolean().ShouldBeTrue();
        (await Bob.PostAsync("/api/chat/messages", new { client_id = "f1", to = "cy", message = "pass it on" })).Status.ShouldBe(HttpStatusCode.Conflict);

        (await old.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe("pass it on");
    }

    private static async Task SendAsync(string transport, Person who, object frame)
    {
        if (transport == "rest")
        {
            var (status, answer) = await who.PostAsync("/api/chat/v2/send", frame);
            status.ShouldBe(HttpStatusCode.OK, answer.ToString());
            return;
        }

        await using var socket = await who.OpenAsync();
        await socket.SendAsync(frame);
        await socket.ReadUntilAsync("ack");
    }

    private async Task<List<JsonElement>> FramesAsync(Person who) =>
        [.. (await who.GetAsync("/api/chat/sync?since=" + Server.Store.Epoch + ".0&wait=0")).Body.GetProperty("frames").EnumerateArray()];

    private static string? TypeOf(JsonElement frame) => frame.GetProperty("type").GetString();
}
