using System.Collections.Concurrent;
using Tieline.Client.Tests.Peers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Conversations;

public sealed class FeedTests
{
    private const string Conversation = "c_u_ada_u_bob";

    [Fact]
    public async Task A_screen_sees_each_step_of_an_own_message_and_no_step_back()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        using var seen = new Screen(client);
        await client.With("u_bob").SendAsync("hello");
        await test.Until(() => seen.States("hello").Contains(MessageState.Sent), "sent");
        test.Chat.Append("u_ada", pos => new ReceiptFrame(pos, Conversation, "u_bob", 1, 0));
        await test.Until(() => seen.States("hello").Contains(MessageState.Delivered), "delivered");
        test.Chat.Append("u_ada", pos => new ReceiptFrame(pos, Conversation, "u_bob", 1, 1));
        await test.Until(() => seen.States("hello").Contains(MessageState.Read), "read");
        test.Chat.Append("u_ada", pos => new ReceiptFrame(pos, Conversation, "u_bob", 1, 0));
        test.Chat.Write("u_bob", "u_ada", "end");
        await test.Until(() => seen.States("end").Count == 1, "the end");
        seen.States("hello").ShouldBe([MessageState.Sending, MessageState.Sent, MessageState.Delivered, MessageState.Read]);
    }

    [Fact]
    public async Task A_receipt_covers_everything_before_it()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        using var seen = new Screen(client);
        for (var i = 1; i <= 3; i++) await client.With("u_bob").SendAsync($"m{i}");
        test.Chat.Append("u_ada", pos => new ReceiptFrame(pos, Conversation, "u_bob", 3, 2));
        await test.Until(() => seen.States("m3").Contains(MessageState.Delivered), "delivered");
        await test.Until(() => seen.States("m1").Contains(MessageState.Read) && seen.States("m2").Contains(MessageState.Read), "read");
        seen.States("m3").ShouldNotContain(MessageState.Read);
    }

    [Fact]
    public async Task A_receipt_moves_messages_that_came_from_history_too()
    {
        await using var test = new ClientFixture();
        for (var i = 1; i <= 3; i++) test.Chat.Write("u_ada", "u_bob", $"m{i}");
        var client = await test.OnlineAsync();
        using var seen = new Screen(client);
        await test.Until(() => seen.States("m3").Count == 1, "history");
        test.Chat.Append("u_ada", pos => new ReceiptFrame(pos, Conversation, "u_bob", 3, 2));
        await test.Until(() => seen.States("m3").Contains(MessageState.Delivered), "delivered");
        seen.States("m1").ShouldBe([MessageState.Sent, MessageState.Read]);
        seen.States("m2").ShouldBe([MessageState.Sent, MessageState.Read]);
    }

    [Fact]
    public async Task A_message_that_was_sent_before_the_first_line_opened_is_moved_by_receipts_too()
    {
        await using var test = new ClientFixture();
        var gate = new TaskCompletionSource();
        test.Server.Gate = gate.Task;
        test.Server["stream"] = Behaviour.Hang;
        var client = test.Open();
        using var seen = new Screen(client);
        var sent = client.With("u_bob").SendAsync("hello");
        await test.Until(() => test.Server.Count("ws") == 1, "the handshake");
        test.Clock.Advance(TimeSpan.FromSeconds(1.5));
        await sent;
        await test.Until(() => seen.States("hello").Contains(MessageState.Sent), "sent");
        gate.SetResult();
        await test.Until(() => client.Status.Transport == Transport.WebSocket && test.Server.OpenSockets == 1, "WebSocket");
        test.Chat.Append("u_ada", pos => new ReceiptFrame(pos, Conversation, "u_bob", 1, 1));
        await test.Until(() => seen.States("hello").Contains(MessageState.Read), "read");
    }

    [Fact]
    public async Task A_screen_sees_a_failure_and_the_retry()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        using var seen = new Screen(client);
        test.Chat.Refuse = _ => ErrorFrame.Of(WireError.Blocked, "blocked");
        var failed = (await Should.ThrowAsync<MessageRefusedException>(client.With("u_bob").SendAsync("hello"))).Refused;
        test.Chat.Refuse = _ => null;
        await client.With("u_bob").RetryAsync(failed);
        await test.Until(() => seen.States("hello").LastOrDefault() == MessageState.Sent, "sent");
        seen.States("hello").ShouldBe([MessageState.Sending, MessageState.Failed, MessageState.Sending, MessageState.Sent]);
    }

    [Fact]
    public async Task Messages_of_others_stay_out_of_this_chat()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        var reading = ChatReading.First(client, 2);
        test.Chat.Write("u_bob", "u_ada", "one");
        test.Chat.Write("u_carol", "u_ada", "not here");
        await client.With("u_carol").SendAsync("nor this");
        test.Chat.Write("u_bob", "u_ada", "two");
        (await reading).ShouldBe(["one", "two"]);
        (await ChatReading.First(client, 2, "u_carol")).ShouldBe(["not here", "nor this"]);
    }

    [Fact]
    public async Task Own_messages_of_another_device_arrive_as_own()
    {
        await using var test = new ClientFixture();
        var (phone, laptop) = (await test.OnlineAsync(), test.Open());
        await phone.With("u_bob").SendAsync("from the phone");
        await foreach (var message in laptop.With("u_bob").Messages())
        {
            message.IsMine.ShouldBeTrue();
            message.Text.ShouldBe("from the phone");
            break;
        }
    }

    [Fact]
    public async Task History_starts_with_the_newest_and_older_ones_are_there_on_request()
    {
        await using var test = new ClientFixture();
        for (var i = 1; i <= 30; i++) test.Chat.Write("u_bob", "u_ada", $"{i}");
        var client = test.Open(options => options with { HistoryLimit = 10 });
        (await ChatReading.First(client, 10)).ShouldBe(Enumerable.Range(21, 10).Select(i => $"{i}"));
        var older = await client.With("u_bob").OlderAsync(21, 15);
        older.Select(message => message.Text).ShouldBe(Enumerable.Range(6, 15).Select(i => $"{i}"));
        client.Conversations().ShouldHaveSingleItem().With!.Id.ShouldBe("u_bob");
    }

    [Fact]
    public async Task Received_and_read_are_told_at_most_once_a_second_and_again_on_a_new_line()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        for (var i = 0; i < 50; i++) test.Chat.Write("u_bob", "u_ada", $"{i}");
        await test.Until(() => client.Ledger.Cursor?.Pos == 50, "all of it taken in");
        await test.MoveUntil(() => test.Server.Received.OfType<RecvFrame>().LastOrDefault()?.Pos == 50, "recv");
        test.Server.Received.OfType<RecvFrame>().Count().ShouldBeLessThan(5);

        await foreach (var message in client.With("u_bob").Messages())
        {
            client.With("u_bob").MarkRead(message);
            if (message.Text == "49") break;
        }

        await test.MoveUntil(() => test.Server.Received.OfType<ReadFrame>().LastOrDefault() == new ReadFrame(Conversation, 50), "read");
        client.Conversations()[0].Unread.ShouldBe(0);
        var before = test.Server.Received.OfType<ReadFrame>().Count();
        before.ShouldBeLessThan(5);
        test.Server.CutAll();
        await test.MoveUntil(() => test.Server.Received.OfType<ReadFrame>().Count() > before, "read again");
    }

    [Fact]
    public async Task Without_a_socket_receipts_go_by_POST()
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Status(404);
        test.Server.Script["v2"] = n => n < 3 ? Behaviour.Status(502) : Behaviour.Works;
        test.Chat.Write("u_bob", "u_ada", "one");
        var client = test.Open();
        client.Connect();
        await test.MoveUntil(() => test.Server.Received.OfType<RecvFrame>().Any(), "recv");
        test.Server.Count("v2").ShouldBe(3);
    }

    [Fact]
    public async Task All_conversations_can_be_followed_by_one_event()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        var seen = new ConcurrentQueue<Message>();
        client.MessageReceived += (_, message) => seen.Enqueue(message);
        test.Chat.Write("u_bob", "u_ada", "one");
        await client.With("u_carol").SendAsync("two");
        test.Chat.Write("u_dave", "u_ada", "three");
        await test.Until(() => seen.Count == 3, "three messages");
        seen.Select(message => (message.Text, message.IsMine)).ShouldBe([("one", false), ("two", true), ("three", false)]);
    }

    [Fact]
    public async Task Reading_ends_when_the_client_is_closed()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Chat.Write("u_bob", "u_ada", "one");
        var begun = new TaskCompletionSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var message in client.With("u_bob").Messages()) begun.TrySetResult();
        });
        await begun.Task;
        await client.DisposeAsync();
        await reading.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Reading_that_is_cancelled_says_so()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var message in client.With("u_bob").Messages(cancel.Token)) message.ShouldNotBeNull();
        });
    }

    /// <summary>Collects every update of the chat with Bob.</summary>
    private sealed class Screen : IDisposable
    {
        private readonly ConcurrentQueue<Message> _seen = new();
        private readonly CancellationTokenSource _life = new();

        public Screen(ChatClient client) => _ = ReadAsync(client);

        public List<MessageState> States(string text) => [.. _seen.Where(message => message.Text == text).Select(message => message.State)];

        public void Dispose() => _life.Cancel();

        private async Task ReadAsync(ChatClient client)
        {
            try
            {
                await foreach (var message in client.With("u_bob").Updates(_life.Token)) _seen.Enqueue(message);
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
