using Tieline.Client.Tests.Peers;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Conversations;

/// <summary>F25, F27, F28, F39: what was missed, lost, doubled or garbled on the way is read once and in order.</summary>
public sealed class CatchUpTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(700)]
    public async Task Everything_missed_while_disconnected_arrives_once_and_in_order(int count)
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Chat.Write("u_bob", "u_ada", "before");
        var read = ChatReading.Follow(client);
        await test.Until(() => read.Count == 1, "the first message");
        await test.Server.StopAsync();
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        for (var i = 0; i < count; i++) test.Chat.Write("u_bob", "u_ada", $"{i}");
        test.Server.Start();
        client.Wake();
        await test.MoveUntil(() => client.Status.State == ConnectionState.Online && test.Server.OpenSockets == 1, "online");
        test.Chat.Write("u_bob", "u_ada", "after");
        await test.Until(() => read.Contains("after"), "the last message");
        read.ShouldBe(["before", .. Enumerable.Range(0, count).Select(i => $"{i}"), "after"]);
    }

    [Fact]
    public async Task What_has_left_the_servers_log_is_read_from_history()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Chat.Write("u_bob", "u_ada", "before");
        var read = ChatReading.Follow(client);
        await test.Until(() => read.Count == 1, "the first message");
        await test.Server.StopAsync();
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        for (var i = 0; i < 450; i++) test.Chat.Write("u_bob", "u_ada", $"{i}");
        test.Chat.PrunedTo = 400;
        test.Server.Start();
        client.Wake();
        await test.MoveUntil(() => test.Server.OpenSockets == 1, "online");
        test.Chat.Write("u_bob", "u_ada", "after");
        await test.Until(() => read.Contains("after"), "the last message");
        read.ShouldBe(["before", .. Enumerable.Range(0, 450).Select(i => $"{i}"), "after"]);
    }

    [Fact]
    public async Task A_restored_database_starts_anew_and_shows_nothing_twice()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Chat.Write("u_bob", "u_ada", "one");
        test.Chat.Write("u_bob", "u_ada", "two");
        var read = ChatReading.Follow(client);
        await test.Until(() => read.Count == 2, "the first messages");
        await test.Server.StopAsync();
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        test.Chat.Restore("e2");
        test.Server.Start();
        client.Wake();
        await test.MoveUntil(() => test.Server.OpenSockets == 1, "online");
        test.Chat.Write("u_bob", "u_ada", "three");
        await test.Until(() => read.Contains("three"), "the last message");
        read.ShouldBe(["one", "two", "three"]);
    }

    public static TheoryData<string> Distortions => ["twice", "one left out", "three left out", "swapped", "backwards"];

    [Theory, MemberData(nameof(Distortions))]
    public async Task Events_that_are_lost_doubled_or_swapped_on_a_living_line_are_healed(string how)
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        var held = new List<ServerFrame>();
        test.Server.Distort = frame => frame is not MessageFrame { Pos: var pos } ? [frame] : how switch
        {
            "twice" => [frame, frame],
            "one left out" => pos == 3 ? [] : [frame],
            "three left out" => pos is 2 or 3 or 4 ? [] : [frame],
            "swapped" when pos == 3 => Hold(frame),
            "swapped" when pos == 4 => [frame, .. held],
            "backwards" when pos is 2 or 3 or 4 => Hold(frame),
            "backwards" when pos == 5 => [frame, .. Enumerable.Reverse(held)],
            _ => [frame],
        };
        var reading = ChatReading.First(client, 6);
        for (var i = 1; i <= 6; i++) test.Chat.Write("u_bob", "u_ada", $"{i}");
        (await reading).ShouldBe(["1", "2", "3", "4", "5", "6"]);
        test.Server.Count("ws").ShouldBe(1);
        test.Server.Received.OfType<SyncFrame>().Any().ShouldBe(how != "twice");

        ServerFrame[] Hold(ServerFrame frame)
        {
            held.Add(frame);
            return [];
        }
    }

    [Fact]
    public async Task A_hole_at_the_end_is_seen_by_the_next_ping()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Server.Distort = frame => frame is MessageFrame ? [] : [frame];
        var reading = ChatReading.First(client, 1);
        test.Chat.Write("u_bob", "u_ada", "hidden");
        await test.Server.TellAsync(new ServerPingFrame(1));
        (await reading).ShouldBe(["hidden"]);
        await test.Until(() => test.Server.Received.OfType<SyncFrame>().Any(), "sync");
    }

    [Fact]
    public async Task Frames_of_the_future_and_nonsense_are_ignored_and_their_positions_count()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        var reading = ChatReading.First(client, 2);
        await test.Server.TellRawAsync("nonsense");
        await test.Server.TellRawAsync("[1,2]");
        await test.Server.TellRawAsync("{\"type\":\"message\",\"pos\":0}");
        await test.Server.TellRawAsync("{\"type\":\"weather\",\"user\":\"u_bob\"}");
        test.Chat.Write("u_bob", "u_ada", "one");
        test.Chat.Append("u_ada", pos => new VoidFrame(pos));
        test.Chat.Append("u_ada", pos => new RelationFrame(pos, "u_bob", false, true));
        test.Chat.Write("u_bob", "u_ada", "two");
        (await reading).ShouldBe(["one", "two"]);
        test.Server.Count("ws").ShouldBe(1);
        test.Log.ShouldContain(line => line.Contains("ignored a frame", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handler_that_throws_disturbs_nothing()
    {
        await using var test = new ClientFixture();
        var client = test.Open();
        client.StateChanged += (_, _) => throw new InvalidOperationException("mine");
        client.MessageReceived += (_, _) => throw new InvalidOperationException("mine");
        await client.With("u_bob").SendAsync("hello");
        test.Chat.Write("u_bob", "u_ada", "hi");
        (await ChatReading.First(client, 2)).ShouldBe(["hello", "hi"]);
    }

    [Fact]
    public async Task A_slow_reader_misses_nothing()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Chat.Write("u_bob", "u_ada", "first");
        var texts = new List<string>();
        await foreach (var message in client.With("u_bob").Messages())
        {
            texts.Add(message.Text);
            if (texts.Count == 1001) break;
            if (texts.Count != 1) continue;
            for (var i = 0; i < 1000; i++) test.Chat.Write("u_bob", "u_ada", $"{i}");
            await test.Until(() => client.Ledger.Cursor?.Pos == 1001, "all of it taken in");
        }

        texts.ShouldBe(["first", .. Enumerable.Range(0, 1000).Select(i => $"{i}")]);
    }
}
