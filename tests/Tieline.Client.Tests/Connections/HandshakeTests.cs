using Tieline.Client.Tests.Peers;

namespace Tieline.Client.Tests.Connections;

/// <summary>F1 to F3 and F6: whatever the handshake meets, the first message is stored soon and the line ends up open.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public async Task A_working_WebSocket_carries_everything()
    {
        await using var test = new ClientFixture();
        var client = test.Open();
        var stored = await client.With("u_bob").SendAsync("hello");
        stored.State.ShouldBe(MessageState.Sent);
        stored.Seq.ShouldBe(1);
        client.Status.ShouldBe(new ConnectionStatus(ConnectionState.Online, Transport.WebSocket));
        client.AccountId.ShouldBe("u_ada");
        test.Server.Requests.ShouldHaveSingleItem().ShouldStartWith("GET /api/chat/ws/me?v=2&attempt=");
    }

    public static TheoryData<int> Statuses => [200, 204, 301, 302, 400, 403, 404, 405, 426, 429, 500, 501, 502, 503, 504];

    [Theory, MemberData(nameof(Statuses))]
    public async Task A_refused_handshake_is_replaced_at_once_without_waiting_for_the_head_start(int status)
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Status(status);
        var client = test.Open();
        var before = test.Clock.GetUtcNow();
        await client.With("u_bob").SendAsync("hello");
        await test.Until(() => client.Status.Transport == Transport.Stream, "stream");
        test.Clock.GetUtcNow().ShouldBe(before);
        test.Texts().ShouldBe(["hello"]);
        await test.Until(() => client.Status.Diagnosis is not null, "diagnosis");
        client.Status.Diagnosis!.Status.ShouldBe(status);
    }

    public static TheoryData<string> Breaks => ["reset", "bad accept"];

    [Theory, MemberData(nameof(Breaks))]
    public async Task A_broken_handshake_is_replaced_at_once(string how)
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = how == "reset" ? Behaviour.Reset : Behaviour.BadAccept;
        var client = test.Open();
        await client.With("u_bob").SendAsync("hello");
        await test.Until(() => client.Status.Transport == Transport.Stream, "stream");
        test.Texts().ShouldBe(["hello"]);
    }

    [Theory]
    [InlineData(Way.Hang)]
    [InlineData(Way.Silent)]
    internal async Task A_handshake_that_hangs_costs_its_head_start_and_no_more(Way way)
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = new Behaviour(way);
        var client = test.Open();
        var sent = client.With("u_bob").SendAsync("hello");
        await test.Until(() => test.Server.Count("ws") == 1, "the handshake");
        client.Status.State.ShouldBe(ConnectionState.Connecting);
        test.Clock.Advance(TimeSpan.FromSeconds(1.5));
        await sent;
        await test.Until(() => client.Status.Transport == Transport.Stream, "stream");
        test.Texts().ShouldBe(["hello"]);
    }

    [Theory]
    [InlineData(404, 200, Transport.Poll)]
    [InlineData(200, 200, Transport.Poll)]
    [InlineData(0, 200, Transport.Poll)]
    public async Task A_stream_that_does_not_work_is_replaced_by_long_polls(int stream, int sync, Transport expected)
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Status(404);
        test.Server["stream"] = stream == 0 ? Behaviour.Hang : Behaviour.Status(stream);
        sync.ShouldBe(200);
        var client = test.Open();
        var sent = client.With("u_bob").SendAsync("hello");
        if (stream == 0)
        {
            await test.Until(() => test.Server.Count("stream") == 1, "the stream's request");
            test.Clock.Advance(TimeSpan.FromSeconds(3));
        }

        await sent;
        await test.Until(() => client.Status.Transport == expected, "poll");
        test.Chat.Write("u_bob", "u_ada", "hi");
        (await ChatReading.First(client, 2)).ShouldBe(["hello", "hi"]);
    }

    [Fact]
    public async Task When_polls_fail_too_it_goes_on_trying_and_ends_online()
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Status(404);
        test.Server["stream"] = Behaviour.Status(502);
        test.Server.Script["sync"] = n => n < 4 ? Behaviour.Status(502) : Behaviour.Works;
        var client = test.Open();
        client.Connect();
        await test.MoveUntil(() => client.Status.Transport == Transport.Poll, "poll");
    }

    [Fact]
    public async Task Behind_a_fallback_the_WebSocket_is_tried_again_and_takes_over()
    {
        await using var test = new ClientFixture();
        test.Server.Script["ws"] = n => n < 3 ? Behaviour.Status(502) : Behaviour.Works;
        var client = test.Open();
        client.Connect();
        await test.Until(() => client.Status.Transport == Transport.Stream, "stream");
        test.Chat.Write("u_bob", "u_ada", "one");
        var moved = await test.MoveUntil(() => client.Status.Transport == Transport.WebSocket, "WebSocket", step: 2, pings: true);
        moved.TotalSeconds.ShouldBeInRange(30 + 120, 260);
        client.Status.Diagnosis.ShouldBeNull();
        test.Chat.Write("u_bob", "u_ada", "two");
        (await ChatReading.First(client, 2)).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task A_WebSocket_that_comes_late_takes_over_from_the_stream_that_won()
    {
        await using var test = new ClientFixture();
        var gate = new TaskCompletionSource();
        test.Server.Gate = gate.Task;
        var client = test.Open();
        client.Connect();
        await test.Until(() => test.Server.Count("ws") == 1, "the handshake");
        test.Clock.Advance(TimeSpan.FromSeconds(1.5));
        await test.Until(() => client.Status.Transport == Transport.Stream, "stream");
        gate.SetResult();
        await test.Until(() => client.Status.Transport == Transport.WebSocket, "WebSocket");
        test.Server.Count("ws").ShouldBe(1);
    }
}
