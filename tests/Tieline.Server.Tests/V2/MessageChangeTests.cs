using System.Net;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>What can be done to a message that is stored, as clients see it over all three transports.</summary>
public sealed class MessageChangeTests : TwoPeople
{
    [Theory]
    [InlineData("edit", """{"message":"better"}""", "message", "\"better\"")]
    [InlineData("react", """{"emoji":"👍"}""", "reactions", """[{"emoji":"👍","count":1,"users":["ada"]}]""")]
    [InlineData("delete", """{"for":"all"}""", "deleted", "true")]
    public async Task A_change_over_the_socket_is_told_live_in_the_stream_and_in_the_replay(string command, string fields, string field, string expected)
    {
        var sent = await Ada.SendAsync(Bob, "hello");
        await using var stream = await TestStream.OpenAsync(Bob);
        await using var socket = await Ada.OpenAsync();

        await socket.SendTextAsync($"{{\"type\":\"{command}\",\"client_id\":\"c1\",\"id\":{sent.GetProperty("id").GetRawText()},{fields[1..]}");

        var (done, update) = await BothAsync(socket);
        done.ToString().ShouldBe("""{"type":"done","client_id":"c1","changed":1}""");
        Same(update.GetProperty(field), expected);
        JsonElement frame;
        do (_, frame) = await stream.ReadAsync();
        while (TypeOf(frame) != "update");
        Same(frame.GetProperty(field), expected);
        var replayed = (await Bob.GetAsync("/api/chat/sync?since=" + Server.Store.Epoch + ".0&wait=0")).Body.GetProperty("frames").EnumerateArray().ToList();
        replayed.Select(TypeOf).ShouldBe(["message", "update"]);
        foreach (var told in replayed) Same(told.GetProperty(field), expected);
    }

    [Theory]
    [InlineData("edit", """{"message":"better"}""")]
    [InlineData("react", """{"emoji":"👍"}""")]
    [InlineData("delete", """{"for":"all"}""")]
    [InlineData("delete", """{"for":"me"}""")]
    [InlineData("pin", """{"on":true}""")]
    [InlineData("star", """{"on":true}""")]
    public async Task The_same_again_changes_nothing_and_a_stranger_learns_nothing(string command, string fields)
    {
        var id = (await Ada.SendAsync(Bob, "hello")).GetProperty("id").GetString()!;
        var cy = await Server.AddPersonAsync("cy");

        (await DoAsync(cy, command, id, fields)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await DoAsync(Ada, command, id, fields)).Body.GetProperty("changed").GetInt32().ShouldBe(1);
        var head = await HeadAsync(Ada);
        var (status, again) = await DoAsync(Ada, command, id, fields);
        // Of a message that one has deleted for oneself nothing is there to delete.
        if (status != HttpStatusCode.NotFound) again.GetProperty("changed").GetInt32().ShouldBe(0);
        (await HeadAsync(Ada)).ShouldBe(head);
    }

    [Fact]
    public async Task What_is_another_s_can_neither_be_edited_nor_deleted_for_all()
    {
        var id = (await Ada.SendAsync(Bob, "mine")).GetProperty("id").GetString()!;

        (await DoAsync(Bob, "edit", id, """{"message":"yours"}""")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await DoAsync(Bob, "delete", id, """{"for":"all"}""")).Status.ShouldBe(HttpStatusCode.Forbidden);

        var (_, page) = await Bob.GetAsync("/api/chat/history?conversation=" + id[..id.LastIndexOf('.')]);
        page.GetProperty("messages")[0].GetProperty("message").GetString().ShouldBe("mine");
    }

    [Fact]
    public async Task What_is_deleted_for_me_alone_is_void_to_me_and_stays_with_the_other()
    {
        var id = (await Ada.SendAsync(Bob, "hello")).GetProperty("id").GetString()!;

        await DoAsync(Bob, "delete", id, """{"for":"me"}""");

        (await FramesAsync(Bob)).Select(TypeOf).ShouldBe(["void", "hidden"]);
        (await FramesAsync(Ada)).Select(TypeOf).ShouldBe(["message"]);
    }

    [Fact]
    public async Task A_star_and_a_draft_are_told_to_my_devices_only()
    {
        var sent = await Ada.SendAsync(Bob, "hello");
        await DoAsync(Ada, "star", sent.GetProperty("id").GetString()!, """{"on":true}""");
        await Ada.PostAsync("/api/chat/v2/draft", new { conversation = sent.GetProperty("conversation").GetString(), message = "half a thought" });

        var frames = await FramesAsync(Ada);
        frames.Select(TypeOf).ShouldBe(["message", "starred", "draft"]);
        frames[1].GetProperty("starred").GetBoolean().ShouldBeTrue();
        frames[2].GetProperty("message").GetString().ShouldBe("half a thought");
        (await FramesAsync(Bob)).Select(TypeOf).ShouldBe(["message"]);
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> DoAsync(Person who, string command, string id, string fields)
    {
        var body = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(fields)!;
        body["id"] = JsonSerializer.SerializeToElement(id);
        return who.PostAsync("/api/chat/v2/" + command, body);
    }

    private async Task<List<JsonElement>> FramesAsync(Person who) =>
        [.. (await who.GetAsync("/api/chat/sync?since=" + Server.Store.Epoch + ".0&wait=0")).Body.GetProperty("frames").EnumerateArray()];

    private static async Task<long> HeadAsync(Person who) => (await who.PostAsync("/api/chat/v2/ping", new { })).Body.GetProperty("pos").GetInt64();

    /// <summary>The answer and the event come in either order.</summary>
    private static async Task<(JsonElement Done, JsonElement Update)> BothAsync(TestSocket socket)
    {
        await socket.ReadUntilAsync(_ => socket.Seen.Any(frame => TypeOf(frame) == "done") && socket.Seen.Any(frame => TypeOf(frame) == "update"));
        return (socket.Seen.Single(frame => TypeOf(frame) == "done"), socket.Seen.Single(frame => TypeOf(frame) == "update"));
    }

    private static void Same(JsonElement actual, string expected)
    {
        using var document = JsonDocument.Parse(expected);
        JsonElement.DeepEquals(actual, document.RootElement).ShouldBeTrue($"{actual} is not {expected}");
    }

    private static string? TypeOf(JsonElement frame) => frame.GetProperty("type").GetString();
}
