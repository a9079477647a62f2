using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

public abstract partial class MessageStoreSpecification
{
    [Fact]
    public async Task A_log_without_events_has_no_head()
    {
        var page = await Store.ReadLogAsync(Ada.Key, 0, 10, default);

        (page.Events.Count, page.Head, page.Oldest).ShouldBe((0, 0, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task The_pages_of_a_log_together_are_what_was_published(int pageSize)
    {
        var conversation = (await SendAsync(Ada, Bob)).Conversation;
        await SendAsync(Bob, Ada);
        await ChangeAsync(new ChangeRelation(Bob, Cy, RelationChange.Mute));
        await ChangeAsync(new MoveReceipt(Bob, new ConversationTarget(null, conversation), 1, 1));
        await SendAsync(Cy, Bob);

        (await ReadLogAsync(Bob, pageSize)).ShouldBe(Commits.FramesOf(Bob));
        (await ReadLogAsync(Ada, pageSize)).ShouldBe(Commits.FramesOf(Ada));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(long.MaxValue)]
    public async Task After_the_head_there_is_nothing_but_the_head(long after)
    {
        for (var i = 0; i < 3; i++) await SendAsync(Ada, Bob);

        var page = await Store.ReadLogAsync(Ada.Key, after, 10, default);

        (page.Events.Count, page.Head, page.Oldest).ShouldBe((0, 3, 1));
    }

    [Fact]
    public async Task A_page_of_long_messages_ends_early_and_the_next_goes_on()
    {
        for (var i = 0; i < 30; i++) await SendAsync(Ada, Bob, new string('x', 60_000));

        (await Store.ReadLogAsync(Bob.Key, 0, 100, default)).Events.Count.ShouldBeInRange(1, 20);
        (await ReadLogAsync(Bob, 100)).Cast<MessageFrame>().Select(frame => frame.Pos).ShouldBe(To(30));
    }

    [Fact]
    public async Task A_cleared_message_is_void_for_who_cleared_it_and_whole_for_the_other()
    {
        await SendAsync(Ada, Bob);
        await SendAsync(Cy, Bob);
        await SendAsync(Bob, Ada);
        await ChangeAsync(new Clear(Bob, With(Ada)));
        await SendAsync(Ada, Bob);

        (await ReadLogAsync(Bob)).Select(frame => frame.GetType()).ShouldBe(
            [typeof(VoidFrame), typeof(MessageFrame), typeof(VoidFrame), typeof(ClearedFrame), typeof(MessageFrame)]);
        (await ReadLogAsync(Ada)).ShouldAllBe(frame => frame is MessageFrame);
    }

    [Fact]
    public async Task A_replayed_receipt_says_how_far_it_is_now()
    {
        var conversation = (await SendAsync(Ada, Bob)).Conversation;
        await SendAsync(Ada, Bob);
        await ChangeAsync(new MoveReceipt(Bob, With(Ada), 1, 0));
        await ChangeAsync(new MoveReceipt(Bob, With(Ada), 2, 1));

        foreach (var account in (Account[])[Ada, Bob])
            (await ReadLogAsync(account)).ShouldBe(
                [.. Commits.FramesOf(account).Take(2), new ReceiptFrame(3, conversation, "bob", 2, 1), new ReceiptFrame(4, conversation, "bob", 2, 1)]);
    }

    [Fact]
    public async Task A_replayed_receipt_does_not_tell_what_a_block_hides()
    {
        var conversation = (await SendAsync(Ada, Bob)).Conversation;
        await SendAsync(Ada, Bob);
        await ChangeAsync(new MoveReceipt(Bob, With(Ada), 1, 1));
        await ChangeAsync(new ChangeRelation(Bob, Ada, RelationChange.Block));
        await ChangeAsync(new MoveReceipt(Bob, With(Ada), 2, 2));

        (await ReadLogAsync(Ada))[^1].ShouldBe(new ReceiptFrame(3, conversation, "bob", 1, 1));
        (await ReadLogAsync(Bob))[^1].ShouldBe(new ReceiptFrame(5, conversation, "bob", 2, 2));
        (await ReadConversationAsync(Ada, Bob)).PeerReadSeq.ShouldBe(1);
    }

    [Fact]
    public async Task A_replayed_clear_or_relation_says_what_holds_now()
    {
        var conversation = (await SendAsync(Ada, Bob)).Conversation;
        await ChangeAsync(new Clear(Ada, With(Bob)));
        await ChangeAsync(new ChangeRelation(Ada, Bob, RelationChange.Block));
        await ChangeAsync(new ChangeRelation(Ada, Bob, RelationChange.Mute));
        await ChangeAsync(new ChangeRelation(Ada, Bob, RelationChange.Unblock));
        await SendAsync(Bob, Ada);
        await ChangeAsync(new Clear(Ada, With(Bob)));

        (await ReadLogAsync(Ada)).ShouldBe(
        [
            new VoidFrame(1), new ClearedFrame(2, conversation, 2),
            new RelationFrame(3, "bob", false, true), new RelationFrame(4, "bob", false, true), new RelationFrame(5, "bob", false, true),
            new VoidFrame(6), new ClearedFrame(7, conversation, 2),
        ]);
    }

    [Fact]
    public async Task A_log_is_read_of_one_moment_while_others_write()
    {
        using var done = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync(Ada, Bob)));
        });

        for (var i = 0; i < 30; i++)
        {
            var page = await Store.ReadLogAsync(Bob.Key, 0, 10_000, default);
            page.Events.Count.ShouldBe((int)page.Head);
            page.Events.Select(@event => @event.Pos).ShouldBe(To(page.Head));
        }

        await done.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task Pruning_removes_old_events_and_keeps_the_newest_of_each_log_and_every_message()
    {
        for (var i = 0; i < 5; i++) await SendAsync(Ada, Bob);
        await SendAsync(Cy, Ada);
        Time.Advance(TimeSpan.FromDays(100));
        await SendAsync(Ada, Bob);
        await SendAsync(Ada, Bob);

        // Of 8, 7 and 1 events: two are new in the first two logs, and the newest of the third stays.
        (await Store.PruneLogsAsync(Time.GetUtcNow().AddDays(-90), default)).ShouldBe(6 + 5);

        (await Store.ReadLogAsync(Ada.Key, 6, 10, default)).ShouldSatisfyAllConditions(page => page.Oldest.ShouldBe(7), page => page.Head.ShouldBe(8));
        (await Store.ReadLogAsync(Cy.Key, 0, 10, default)).ShouldSatisfyAllConditions(page => page.Oldest.ShouldBe(1), page => page.Head.ShouldBe(1));
        (await ReadHistoryAsync(Bob, Ada)).Count.ShouldBe(7);
        (await SendAsync(Ada, Bob)).ShouldSatisfyAllConditions(ack => ack.Seq.ShouldBe(8), ack => ack.Pos.ShouldBe(9));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(5, true)]
    public async Task A_cursor_into_what_was_pruned_cannot_be_resumed(long pos, bool resumed)
    {
        for (var i = 0; i < 3; i++) await SendAsync(Ada, Bob);
        Time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 2; i++) await SendAsync(Ada, Bob);
        await Store.PruneLogsAsync(Time.GetUtcNow(), default);

        using var reader = FeedReader.Join(Store, new Feeds(), Bob.Key, new Deaf());

        (await reader.ResumeAsync($"{Store.Epoch}.{pos}", 1_000, default)).ShouldBe(resumed);
    }

    [Fact]
    public async Task Pruning_leaves_no_hole_where_the_clock_was_set_back()
    {
        Time.Advance(TimeSpan.FromDays(10));
        await SendAsync(Ada, Bob);
        await Store.DisposeAsync();
        var late = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Time.GetUtcNow().AddDays(-10));
        await using (var store = await OpenAsync(late, Commits))
        {
            (await store.SubmitAsync(Message(Ada, Bob))).ShouldBeOfType<Acknowledged>();
            (await store.SubmitAsync(Message(Ada, Bob))).ShouldBeOfType<Acknowledged>();
        }

        await ReopenAsync();
        await SendAsync(Ada, Bob);
        await Store.PruneLogsAsync(Time.GetUtcNow().AddDays(-5), default);

        (await Store.ReadLogAsync(Bob.Key, 0, 10, default)).Events.Select(@event => @event.Pos).ShouldBe([1, 2, 3, 4]);
    }

    private sealed class Deaf : IFeedListener
    {
        public void Wake()
        {
        }
    }
}
