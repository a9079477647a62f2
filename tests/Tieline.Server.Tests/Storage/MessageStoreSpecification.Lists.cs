using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

public abstract partial class MessageStoreSpecification
{
    [Fact]
    public async Task The_list_shows_the_newest_conversation_first_with_all_that_is_known_of_it()
    {
        await SendAsync(Ada, Cy);
        var ack = await SendAsync(Bob, Ada, "one");
        await SendAsync(Ada, Bob, "two");
        await SendAsync(Bob, Ada, "three");
        await ChangeAsync(new MoveReceipt(Ada, With(Bob), 2, 1));
        await ChangeAsync(new MoveReceipt(Bob, With(Ada), 3, 2));
        await ChangeAsync(new ChangeRelation(Ada, Bob, RelationChange.Mute));

        var page = await Store.ReadConversationsAsync(Ada.Key, null, 10, default);

        page.Conversations.Select(conversation => conversation.User!.Id).ShouldBe(["bob", "cy"]);
        page.Head.ShouldBe(7);
        page.Next.ShouldBeNull();
        var last = (await ReadHistoryAsync(Ada, Bob))[^1];
        page.Conversations[0].ShouldBe(new WireConversation(ack.Conversation, "direct", Bob.ToWire(), Activity: 4, HeadSeq: 3, Unread: 1, last,
            ReadSeq: 1, DeliveredSeq: 2, PeerReadSeq: 2, PeerDeliveredSeq: 3, Muted: true, Blocked: false)
        { MutedUntil = new Protocol.Timestamp(Mute.Always) });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task The_pages_of_the_list_together_are_the_list(int size)
    {
        var people = new List<Account>();
        for (var i = 0; i < 7; i++) people.Add(await AddAsync($"p{i}"));
        foreach (var person in people) await SendAsync(person, Ada);
        await SendAsync(Ada, people[2]);

        var found = new List<string>();
        long? before = null;
        do
        {
            var page = await Store.ReadConversationsAsync(Ada.Key, before, size, default);
            page.Conversations.Count.ShouldBeInRange(1, size);
            found.AddRange(page.Conversations.Select(conversation => conversation.User!.Id));
            before = page.Next;
        }
        while (before is not null);

        found.ShouldBe(["p2", "p6", "p5", "p4", "p3", "p1", "p0"]);
    }

    [Fact]
    public async Task Nobody_has_an_empty_list_with_the_head_of_the_log()
    {
        await ChangeAsync(new ChangeRelation(Ada, Bob, RelationChange.Block));

        var page = await Store.ReadConversationsAsync(Ada.Key, null, 10, default);

        (page.Conversations.Count, page.Head, page.Next).ShouldBe((0, 1, null));
    }

    [Fact]
    public async Task A_snapshot_is_of_one_moment_while_others_write()
    {
        using var done = new CancellationTokenSource();
        await SendAsync(Bob, Ada);
        var writing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await Task.WhenAll(SendAsync(Bob, Ada), SendAsync(Cy, Ada), SendAsync(Bob, Ada));
        });

        for (var i = 0; i < 50; i++)
        {
            var page = await Store.ReadConversationsAsync(Ada.Key, null, 10, default);

            // Ada's log holds nothing but messages, each unread, and the newest is the newest conversation's.
            page.Conversations[0].Activity.ShouldBe(page.Head);
            page.Conversations.Sum(conversation => conversation.HeadSeq).ShouldBe(page.Head);
            page.Conversations.Sum(conversation => conversation.Unread).ShouldBe(page.Head);
        }

        await done.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_cleared_conversation_leaves_the_list_and_comes_back_with_the_next_message()
    {
        await SendAsync(Bob, Ada);
        await ChangeAsync(new Clear(Ada, With(Bob)));
        await ReopenAsync();

        (await Store.ReadConversationsAsync(Ada.Key, null, 10, default)).Conversations.ShouldBeEmpty();
        (await Store.ReadConversationsAsync(Bob.Key, null, 10, default)).Conversations.ShouldHaveSingleItem();

        await SendAsync(Bob, Ada);
        (await ReadConversationAsync(Ada, Bob)).ShouldSatisfyAllConditions(
            conversation => conversation.Unread.ShouldBe(1), conversation => conversation.HeadSeq.ShouldBe(2));
    }

    [Fact]
    public async Task A_conversation_cleared_up_to_a_message_keeps_its_place_in_the_list_with_what_came_after()
    {
        for (var i = 0; i < 3; i++) await SendAsync(Bob, Ada);
        var seen = (await ReadConversationAsync(Ada, Bob)).Last!;
        await SendAsync(Bob, Ada);
        await ChangeAsync(new Clear(Ada, With(Bob), seen.Seq));
        await ReopenAsync();

        (await ReadConversationAsync(Ada, Bob)).ShouldSatisfyAllConditions(
            conversation => conversation.Unread.ShouldBe(1), conversation => conversation.Last!.Seq.ShouldBe(4));
        (await Store.ReadHistoryAsync(Ada.Key, With(Bob), new HistoryRange(10), default))!.Messages.Select(message => message.Seq).ShouldBe([4L]);
        (await Store.ReadUnreadAsync(Ada.Key, default)).ShouldBe([("bob", 1)]);
    }

    public static TheoryData<HistoryRange, long[], bool> Ranges => new()
    {
        { new HistoryRange(4), [7, 8, 9, 10], true },
        { new HistoryRange(10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false },
        { new HistoryRange(9), [2, 3, 4, 5, 6, 7, 8, 9, 10], true },
        { new HistoryRange(3, Before: 7), [4, 5, 6], true },
        { new HistoryRange(3, Before: 4), [1, 2, 3], false },
        { new HistoryRange(3, Before: 1), [], false },
        { new HistoryRange(3, Before: long.MaxValue), [8, 9, 10], true },
        { new HistoryRange(3, After: 0), [1, 2, 3], true },
        { new HistoryRange(3, After: 7), [8, 9, 10], false },
        { new HistoryRange(3, After: 8), [9, 10], false },
        { new HistoryRange(3, After: 10), [], false },
        { new HistoryRange(9, Before: 9, After: 6), [7, 8], false },
    };

    [Theory]
    [MemberData(nameof(Ranges), DisableDiscoveryEnumeration = true)]
    public async Task History_is_read_in_both_directions_oldest_first(HistoryRange range, long[] seqs, bool more)
    {
        for (var i = 0; i < 10; i++) await SendAsync(i % 3 == 0 ? Ada : Bob, i % 3 == 0 ? Bob : Ada);

        var page = (await Store.ReadHistoryAsync(Bob.Key, With(Ada), range, default))!;

        page.Messages.Select(message => message.Seq).ShouldBe(seqs);
        page.More.ShouldBe(more);
    }

    [Fact]
    public async Task History_does_not_show_what_was_cleared()
    {
        for (var i = 0; i < 3; i++) await SendAsync(Ada, Bob);
        await ChangeAsync(new Clear(Bob, With(Ada)));
        await SendAsync(Ada, Bob);

        (await ReadHistoryAsync(Bob, Ada)).Select(message => message.Seq).ShouldBe([4]);
        (await ReadHistoryAsync(Ada, Bob)).Select(message => message.Seq).ShouldBe([1, 2, 3, 4]);
        var older = (await Store.ReadHistoryAsync(Bob.Key, With(Ada), new HistoryRange(10, Before: 4), default))!;
        (older.Messages.Count, older.More).ShouldBe((0, false));
    }

    [Fact]
    public async Task A_page_of_long_history_ends_early_and_knows_whether_there_is_more()
    {
        for (var i = 0; i < 18; i++) await SendAsync(Ada, Bob, new string('x', 60_000));

        var seqs = new List<long>();
        long? before = null;
        HistoryPage page;
        do
        {
            page = (await Store.ReadHistoryAsync(Bob.Key, With(Ada), new HistoryRange(100, before), default))!;
            page.Messages.Count.ShouldBeInRange(1, 10);
            seqs.InsertRange(0, page.Messages.Select(message => message.Seq));
            before = page.Messages[0].Seq;
        }
        while (page.More);

        seqs.ShouldBe(To(18));
    }

    [Fact]
    public async Task History_can_be_asked_for_by_person_by_id_and_by_key_and_a_stranger_gets_none()
    {
        var conversation = (await SendAsync(Ada, Bob)).Conversation;
        var page = (await Store.ReadHistoryAsync(Ada.Key, With(Bob), new HistoryRange(5), default))!;
        page.Conversation.ShouldBe(conversation);

        foreach (var target in (ConversationTarget[])[With(Bob), new(null, conversation), new(null, null, page.Key)])
            (await Store.ReadHistoryAsync(Ada.Key, target, new HistoryRange(5), default))!.Messages.Count.ShouldBe(1);
        foreach (var target in (ConversationTarget[])[With(Bob), new(null, conversation), new(null, null, page.Key), new(null, "nowhere")])
            (await Store.ReadHistoryAsync(Cy.Key, target, new HistoryRange(5), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Unread_is_counted_by_person_only_where_there_is_any()
    {
        await SendAsync(Bob, Ada);
        await SendAsync(Bob, Ada);
        await SendAsync(Cy, Ada);
        await SendAsync(Ada, Cy);
        await ReopenAsync();

        (await Store.ReadUnreadAsync(Ada.Key, default)).Order().ShouldBe([("bob", 2), ("cy", 1)]);
        (await Store.ReadUnreadAsync(Bob.Key, default)).ShouldBeEmpty();

        (await ChangeAsync(new MoveReceipt(Ada, With(Bob), 0, 1))).ShouldBe(1);
        await ChangeAsync(new Clear(Ada, With(Cy)));
        (await Store.ReadUnreadAsync(Ada.Key, default)).ShouldBe([("bob", 1)]);
        (await ChangeAsync(new MoveReceipt(Ada, With(Bob), 0, long.MaxValue))).ShouldBe(1);
        (await Store.ReadUnreadAsync(Ada.Key, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Receipts_outlive_reopening_and_are_counted_from_the_rows()
    {
        for (var i = 0; i < 6; i++) await SendAsync(i % 2 == 0 ? Bob : Ada, i % 2 == 0 ? Ada : Bob);
        await ChangeAsync(new MarkDelivered(Ada, 3));
        await ReopenAsync();

        (await ReadConversationAsync(Ada, Bob)).ShouldSatisfyAllConditions(
            conversation => conversation.DeliveredSeq.ShouldBe(3), conversation => conversation.ReadSeq.ShouldBe(0), conversation => conversation.Unread.ShouldBe(3));
        (await ChangeAsync(new MoveReceipt(Ada, With(Bob), 0, 4))).ShouldBe(2);
        (await ChangeAsync(new MarkDelivered(Ada, 3))).ShouldBe(0);
        (await ReadConversationAsync(Bob, Ada)).PeerReadSeq.ShouldBe(4);
    }

    [Fact]
    public async Task Relations_are_listed_with_their_moment_and_undone_ones_are_not()
    {
        var blockedAt = Protocol.Timestamp.From(Time.GetUtcNow()).Microseconds;
        await ChangeAsync(new ChangeRelation(Ada, Cy, RelationChange.Block));
        Time.Advance(TimeSpan.FromMinutes(1));
        await ChangeAsync(new ChangeRelation(Ada, Bob, RelationChange.Mute));
        await ReopenAsync();

        (await Store.ReadRelationsAsync(Ada.Key, default)).ShouldBe([(Cy, new Relation(blockedAt, null)), (Bob, new Relation(null, blockedAt + 60_000_000))]);
        (await Store.ReadRelationAsync(Ada.Key, Cy.Key, default)).Blocked.ShouldBeTrue();
        (await Store.ReadRelationAsync(Cy.Key, Ada.Key, default)).ShouldBe(default);

        await ChangeAsync(new ChangeRelation(Ada, Cy, RelationChange.Unblock));
        (await Store.ReadRelationsAsync(Ada.Key, default)).Select(relation => relation.Other).ShouldBe([Bob]);
    }
}
