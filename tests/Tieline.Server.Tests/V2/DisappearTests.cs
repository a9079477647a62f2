using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Attachments;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>Messages that go after an hour, as clients see it over all three transports.</summary>
public sealed class DisappearTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private RunningServer Server { get; set; } = null!;
    private Person Ada { get; set; } = null!;
    private Person Bob { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(options => options with { TokenDays = 3_000 }, time: _time);
        (Ada, Bob) = (await Server.AddPersonAsync("ada"), await Server.AddPersonAsync("bob"));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Theory]
    [InlineData("socket")]
    [InlineData("rest")]
    public async Task Set_over_either_transport_it_is_told_on_all_three_and_a_new_device_finds_it(string transport)
    {
        var conversation = (await Ada.SendAsync(Bob, "before")).GetProperty("conversation").GetString();
        await using var stream = await TestStream.OpenAsync(Bob);
        await using var socket = await Bob.OpenAsync();

        (await SetAsync(transport, Ada, new { type = "disappear", client_id = "d1", to = "bob", seconds = 3_600 })).ToString().ShouldBe("""{"type":"done","client_id":"d1","changed":1}""");
        (await SetAsync(transport, Bob, new { type = "disappear", client_id = "d2", conversation, seconds = 3_600 })).GetProperty("changed").GetInt32().ShouldBe(0);
        var sent = await Ada.SendAsync(Bob, "after");

        JsonElement streamed;
        do (_, streamed) = await stream.ReadAsync();
        while (TypeOf(streamed) != "conversation");
        foreach (var told in (JsonElement[])[await socket.ReadUntilAsync("conversation"), streamed, (await FramesAsync(Bob))[1]])
            told.GetProperty("conversation").GetProperty("disappear_s").GetInt32().ShouldBe(3_600);
        foreach (var message in (JsonElement[])[await socket.ReadUntilAsync(frame => frame.TryGetProperty("expires_at", out _)), (await FramesAsync(Bob))[^1]])
        {
            message.GetProperty("id").GetString().ShouldBe(sent.GetProperty("id").GetString());
            message.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(sent.GetProperty("created_at").GetDateTimeOffset().AddHours(1));
        }

        (await FramesAsync(Bob))[2].GetProperty("system").ToString().ShouldBe("""{"kind":"disappear","seconds":3600}""");
        (await Ada.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations")[0].GetProperty("disappear_s").GetInt32().ShouldBe(3_600);
        (await Bob.GetAsync("/api/chat/conversation/ada")).Body.EnumerateArray().Select(message => message.GetProperty("message").GetString())
            .ShouldBe(["before", "How long messages stay here was changed", "after"]);
        (await Ada.PostAsync("/api/chat/v2/disappear", new { to = "bob", seconds = 60 })).Body.GetProperty("code").GetString().ShouldBe("invalid");
        var eve = await Server.AddPersonAsync("eve");
        (await eve.PostAsync("/api/chat/v2/disappear", new { conversation, seconds = 0 })).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task When_the_time_has_come_lines_are_told_and_nothing_is_left_of_it_anywhere()
    {
        await Ada.SendAsync(Bob, "kept");
        await SetAsync("rest", Ada, new { to = "bob", type = "disappear", seconds = 3_600 });
        var gone = await Ada.SendAsync(Bob, "xyzzyplugh");
        var id = gone.GetProperty("id").GetString()!;
        await SetAsync("rest", Ada, new { to = "bob", type = "disappear", seconds = 0 });
        await Bob.PostAsync("/api/chat/messages", new { client_id = "q1", to = "ada", message = "what is it?", reply_to = id });
        (await Bob.GetAsync("/api/chat/search?q=xyzzyplugh")).Body.GetProperty("messages").GetArrayLength().ShouldBe(1);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(10));
        await using var socket = await Bob.OpenAsync($"{Server.Store.Epoch}.0");
        await using var stream = await TestStream.OpenAsync(Bob);

        // The server's own round does it.
        _time.Advance(TimeSpan.FromSeconds(10));

        var told = await socket.ReadUntilAsync("update");
        JsonElement streamed;
        do (_, streamed) = await stream.ReadAsync();
        while (TypeOf(streamed) != "update");
        foreach (var update in (JsonElement[])[told, streamed])
        {
            (update.GetProperty("id").GetString(), update.GetProperty("message").GetString(), update.GetProperty("deleted").GetBoolean()).ShouldBe((id, "", true));
            update.GetProperty("expires_at").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(_time.GetUtcNow());
        }

        var replayed = await FramesAsync(Bob);
        replayed.Count(frame => TypeOf(frame) == "void").ShouldBe(2);
        replayed.Where(frame => TypeOf(frame) == "message" && frame.GetProperty("id").GetString() == id).ShouldBeEmpty();
        (await Bob.GetAsync("/api/chat/search?q=xyzzyplugh")).Body.GetProperty("messages").GetArrayLength().ShouldBe(0);
        (await Bob.GetAsync("/api/chat/conversation/ada")).Body.ToString().ShouldNotContain("xyzzyplugh");
        (await Ada.GetAsync($"/api/chat/history?conversation={gone.GetProperty("conversation").GetString()}")).Body.GetProperty("messages").EnumerateArray()
            .Select(message => message.GetProperty("seq").GetInt64()).ShouldBe([1, 2, 4, 5]);
        replayed.Last(frame => TypeOf(frame) == "message").GetProperty("quote").GetProperty("message").GetString().ShouldBe("xyzzyplugh");
    }

    [Theory]
    [InlineData("disappear")]
    [InlineData("delete")]
    public async Task Its_file_and_thumbnail_leave_the_disk(string how)
    {
        await Ada.SendAsync(Bob, "hi");
        await SetAsync("rest", Ada, new { to = "bob", type = "disappear", seconds = 3_600 });
        var file = await Tus.UploadAsync(Ada, Pictures.Jpeg(), "photo.jpg");
        var id = await Sent.SendAsync(Ada, Bob, file);
        var url = (await Sent.NewestAsync(Bob)).GetProperty("url").GetString()!;
        FilesOf(file).ShouldNotBeEmpty();

        if (how == "disappear")
        {
            _time.Advance(TimeSpan.FromHours(1));
            await Server.Chat.Disappearing.SweepAsync(default);
        }
        else await Ada.PostAsync("/api/chat/v2/delete", new { id, @for = "all" });
        await Server.Chat.Sweeper.SweepAsync(default);

        FilesOf(file).ShouldBeEmpty();
        (await Answer.ToAsync(Server, "GET", url)).Status.ShouldBeOneOf(403, 404);
        (await Bob.GetAsync($"/api/chat/attachments/{file}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private List<string> FilesOf(string id) => [.. Directory.EnumerateFiles(Path.Combine(Server.Folder, "files"), "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file).Contains(id, StringComparison.Ordinal))];

    private static async Task<JsonElement> SetAsync(string transport, Person who, object frame)
    {
        if (transport == "rest")
        {
            var (status, answer) = await who.PostAsync("/api/chat/v2/disappear", frame);
            status.ShouldBe(HttpStatusCode.OK, answer.ToString());
            return answer;
        }

        await using var socket = await who.OpenAsync();
        await socket.SendAsync(frame);
        return await socket.ReadUntilAsync("done");
    }

    private async Task<List<JsonElement>> FramesAsync(Person who) =>
        [.. (await who.GetAsync("/api/chat/sync?since=" + Server.Store.Epoch + ".0&wait=0")).Body.GetProperty("frames").EnumerateArray()];

    private static string? TypeOf(JsonElement frame) => frame.GetProperty("type").GetString();
}
