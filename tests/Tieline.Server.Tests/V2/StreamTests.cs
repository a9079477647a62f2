using System.Net;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

public sealed class StreamTests : TwoPeople
{
    [Fact]
    public async Task A_stream_says_hello_at_once_then_what_happens_with_the_cursor_as_id()
    {
        await using var stream = await TestStream.OpenAsync(Ada);
        stream.Headers.GetValues("X-Accel-Buffering").Single().ShouldBe("no");
        (stream.Headers.CacheControl!.NoCache, stream.Headers.CacheControl.NoTransform).ShouldBe((true, true));
        (await stream.ReadAsync()).Frame.GetProperty("type").GetString().ShouldBe("hello");
        (await stream.ReadAsync()).Frame.GetProperty("type").GetString().ShouldBe("snapshot");
        (await stream.ReadAsync()).Frame.GetProperty("type").GetString().ShouldBe("synced");

        await Bob.SendAsync(Ada, "hello");

        var (id, frame) = await stream.ReadAsync();
        frame.GetProperty("message").GetString().ShouldBe("hello");
        id.ShouldBe($"{Server.Store.Epoch}.1");
    }

    [Fact]
    public async Task Last_Event_ID_and_since_resume_and_frames_without_a_position_carry_no_id()
    {
        for (var i = 1; i <= 5; i++) await Bob.SendAsync(Ada, $"text {i}");

        await using var byHeader = await TestStream.OpenAsync(Ada, lastEventId: $"{Server.Store.Epoch}.3");
        await using var byQuery = await TestStream.OpenAsync(Ada, $"?since={Server.Store.Epoch}.3");

        foreach (var stream in (TestStream[])[byHeader, byQuery])
        {
            var (id, hello) = await stream.ReadAsync();
            (id, hello.GetProperty("resumed").GetBoolean()).ShouldBe((null, true));
            (await stream.ReadAsync()).Frame.GetProperty("message").GetString().ShouldBe("text 4");
            (await stream.ReadAsync()).Frame.GetProperty("message").GetString().ShouldBe("text 5");
            var synced = await stream.ReadAsync();
            (synced.Id, synced.Frame.GetProperty("pos").GetInt64()).ShouldBe((null, 5));
        }
    }

    [Fact]
    public async Task A_silent_stream_pings_within_15_s()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        await using var stream = await TestStream.OpenAsync(await server.AddPersonAsync("ada"));
        while ((await stream.ReadAsync()).Frame.GetProperty("type").GetString() != "synced") continue;

        time.Advance(TimeSpan.FromSeconds(15));

        (await stream.ReadAsync()).Frame.GetRawText().ShouldBe("""{"type":"ping","pos":0}""");
    }

    [Fact]
    public async Task A_stream_opens_with_a_ticket_for_streams_once()
    {
        var (_, body) = await Ada.PostAsync("/api/chat/ticket?for=stream");
        var query = "?ticket=" + body.GetProperty("ticket").GetString();
        await using (var stream = await TestStream.OpenAsync(Ada, query, authorize: false)) (await stream.ReadAsync()).Frame.GetProperty("user").GetString().ShouldBe("ada");

        (await Server.CallAsync(HttpMethod.Get, "/api/chat/stream" + query)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_poll_answers_at_once_when_there_is_something_and_as_soon_as_there_is()
    {
        var since = $"{Server.Store.Epoch}.0";
        var (_, empty) = await Ada.GetAsync($"/api/chat/sync?since={since}");
        (empty.GetProperty("pos").GetInt64(), empty.GetProperty("frames").GetArrayLength()).ShouldBe((0, 0));

        var waiting = Ada.GetAsync($"/api/chat/sync?since={since}&wait=20");
        await Bob.SendAsync(Ada, "hello");
        var (_, found) = await waiting;

        found.GetProperty("epoch").GetString().ShouldBe(Server.Store.Epoch);
        found.GetProperty("pos").GetInt64().ShouldBe(1);
        found.GetProperty("frames")[0].GetProperty("message").GetString().ShouldBe("hello");
    }

    [Fact]
    public async Task A_poll_that_asks_for_it_begins_as_a_line_does()
    {
        await Bob.SendAsync(Ada, "hello");
        var (_, first) = await Ada.GetAsync("/api/chat/sync?wait=0&hello=1");
        var frames = first.GetProperty("frames").EnumerateArray().ToList();
        frames.Select(frame => frame.GetProperty("type").GetString()).ShouldBe(["hello", "snapshot"]);
        frames[0].GetProperty("user").GetString().ShouldBe("ada");
        frames[0].GetProperty("resumed").GetBoolean().ShouldBeFalse();
        frames[0].GetProperty("features").EnumerateArray().Select(feature => feature.GetString()).ShouldContain("groups");

        var (_, resumed) = await Ada.GetAsync($"/api/chat/sync?since={Server.Store.Epoch}.0&wait=0&hello=1");
        frames = [.. resumed.GetProperty("frames").EnumerateArray()];
        frames.Select(frame => frame.GetProperty("type").GetString()).ShouldBe(["hello", "message"]);
        frames[0].GetProperty("resumed").GetBoolean().ShouldBeTrue();
        frames[0].GetProperty("pos").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_poll_ends_empty_when_its_wait_is_over()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var ada = await server.AddPersonAsync("ada");
        var poll = ada.GetAsync($"/api/chat/sync?since={server.Store.Epoch}.0&wait=25");
        while (!poll.IsCompleted)
        {
            // The poll may not have begun to wait yet.
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(poll, Task.Delay(20));
        }

        (await poll).Body.GetProperty("frames").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Polls_of_any_size_walk_the_whole_log()
    {
        for (var i = 1; i <= 25; i++) await Bob.SendAsync(Ada, $"text {i}");
        var texts = new List<string>();
        var (pos, more) = (0L, true);
        while (more)
        {
            var (_, page) = await Ada.GetAsync($"/api/chat/sync?since={Server.Store.Epoch}.{pos}&limit=7");
            texts.AddRange(page.GetProperty("frames").EnumerateArray().Select(frame => frame.GetProperty("message").GetString()!));
            (pos, more) = (page.GetProperty("pos").GetInt64(), page.GetProperty("more").GetBoolean());
        }

        texts.ShouldBe(Enumerable.Range(1, 25).Select(i => $"text {i}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?since=other.5")]
    public async Task A_poll_that_cannot_resume_begins_with_a_snapshot(string query)
    {
        await Bob.SendAsync(Ada, "hello");
        var (_, page) = await Ada.GetAsync("/api/chat/sync" + query);

        page.GetProperty("pos").GetInt64().ShouldBe(1);
        page.GetProperty("frames")[0].GetProperty("type").GetString().ShouldBe("snapshot");
    }
}
