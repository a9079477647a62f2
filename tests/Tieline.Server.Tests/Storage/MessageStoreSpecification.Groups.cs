using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

public abstract partial class MessageStoreSpecification
{
    [Fact]
    public async Task A_group_outlives_reopening_with_its_members_and_what_they_have_read()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob, Cy);
        await SayAsync(Bob, group, "hello");
        await ChangeAsync(new MoveReceipt(Cy, InGroup(group), 0, 1));
        await Store.SubmitAsync(new ChangeRole(Ada, NextId(), group, Cy, GroupRole.Admin));
        await ReopenAsync();

        var seen = await ReadGroupAsync(Cy, group);
        seen.Group.ShouldBe(new WireGroup("Friends", "cat.png", "admin", 3, false, "joined"));
        (seen.Kind, seen.User, seen.HeadSeq, seen.Unread, seen.ReadSeq).ShouldBe(("group", null, 3, 2, 1));
        seen.Last!.Notice.ShouldBe("""{"kind":"role","user":"cy","role":"admin"}""");
        (await ReadGroupAsync(Bob, group)).Unread.ShouldBe(2);
        (await SayAsync(Cy, group, "after")).Seq.ShouldBe(4);
        (await ReadGroupAsync(Cy, group)).Unread.ShouldBe(2);
        (await ChangeAsync(new MoveReceipt(Cy, InGroup(group), 0, 4))).ShouldBe(2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task A_log_has_direct_chats_and_groups_in_one_order_without_gaps(int pageSize)
    {
        var one = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob, Cy);
        await SendAsync(Ada, Bob, "direct 1");
        var other = await MakeGroupAsync(Bob, GroupHistory.Joined, Ada);
        for (var i = 0; i < 20; i++)
        {
            await SayAsync(i % 3 == 0 ? Ada : Bob, i % 2 == 0 ? one : other, $"group {i}");
            if (i % 5 == 0) await SendAsync(Cy, Bob, $"direct {i}");
        }

        await ReopenAsync();

        foreach (var person in (Account[])[Ada, Bob, Cy])
        {
            var log = await ReadLogAsync(person, pageSize);
            log.Select(frame => ((LoggedFrame)frame).Pos).ShouldBe(To(log.Count));
            log.OfType<MessageFrame>().Select(frame => (frame.Message.Conversation, frame.Message.Seq)).ShouldBeUnique();
            (await Store.ReadLogAsync(person.Key, long.MaxValue, 1, default)).Head.ShouldBe(log.Count);
            for (var after = 0; after <= log.Count; after++)
            {
                var page = await Store.ReadLogAsync(person.Key, after, 2, default);
                page.Events.Select(@event => @event.Pos).ShouldBe(To(log.Count).Skip(after).Take(2), $"after {after}");
            }
        }
    }

    [Fact]
    public async Task Somebody_removed_sees_the_group_up_to_then_and_nothing_after()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob);
        await SayAsync(Ada, group, "one");
        await Store.SubmitAsync(new RemoveFromGroup(Ada, NextId(), group, Bob));
        await SayAsync(Ada, group, "two");
        await ReopenAsync();

        (await GroupHistoryAsync(Bob, group)).ShouldBe([1, 2, 3]);
        (await GroupHistoryAsync(Bob, group, new HistoryRange(10, After: 2))).ShouldBe([3]);
        (await GroupHistoryAsync(Ada, group)).ShouldBe([1, 2, 3, 4]);
        var seen = await ReadGroupAsync(Bob, group);
        (seen.Left, seen.HeadSeq, seen.Last!.Seq, seen.Unread).ShouldBe((true, 3, 3, 3));
        var log = await ReadLogAsync(Bob);
        log.OfType<MessageFrame>().Select(frame => frame.Message.Seq).ShouldBe([1L, 2, 3]);
        log[^1].ShouldBeOfType<ConversationFrame>().Conversation.Left.ShouldBeTrue();
        await ChangeAsync(new Clear(Bob, InGroup(group)));
        (await Store.ReadConversationsAsync(Bob.Key, null, 10, default)).Conversations.ShouldBeEmpty();
        (await Store.ReadMembersAsync(Bob.Key, InGroup(group), null, 10, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Somebody_who_comes_again_has_both_stays_in_the_log()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob);
        await Store.SubmitAsync(new RemoveFromGroup(Ada, NextId(), group, Bob));
        for (var i = 0; i < 5; i++) await SayAsync(Ada, group, "without bob");
        await SendAsync(Ada, Bob, "direct");
        await Store.SubmitAsync(new AddToGroup(Ada, NextId(), group, [Bob]));
        await SayAsync(Bob, group, "back");
        await ReopenAsync();

        // What he saw before counts as hidden now: the group shows joiners nothing of what came before.
        var log = await ReadLogAsync(Bob);
        log.Select(frame => ((LoggedFrame)frame).Pos).ShouldBe(To(log.Count));
        log.OfType<MessageFrame>().Where(frame => frame.Message.Conversation == group).Select(frame => frame.Message.Seq).ShouldBe([8L, 9]);
        (await GroupHistoryAsync(Bob, group)).ShouldBe([8, 9]);
        (await ReadGroupAsync(Bob, group)).Unread.ShouldBe(1);
        var page = await Store.ReadLogAsync(Bob.Key, log.Count - 1, 10, default);
        page.Events.ShouldHaveSingleItem().Pos.ShouldBe(log.Count);
    }

    [Theory]
    [InlineData(GroupHistory.Joined, new long[] { 3, 4 })]
    [InlineData(GroupHistory.All, new long[] { 1, 2, 3, 4 })]
    public async Task Who_comes_later_reads_from_the_joining_or_all_of_it(GroupHistory history, long[] seqs)
    {
        var group = await MakeGroupAsync(Ada, history, Bob);
        await SayAsync(Ada, group, "before");
        await Store.SubmitAsync(new AddToGroup(Ada, NextId(), group, [Cy]));
        await SayAsync(Ada, group, "after");
        await ReopenAsync();

        (await GroupHistoryAsync(Cy, group)).ShouldBe(seqs);
        (await ReadGroupAsync(Cy, group)).Unread.ShouldBe(2);
        (await ReadLogAsync(Cy)).OfType<MessageFrame>().Select(frame => frame.Message.Seq).ShouldBe([3L, 4]);
    }

    [Fact]
    public async Task The_list_has_groups_and_direct_chats_in_the_order_of_their_newest_message()
    {
        var old = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob);
        await SendAsync(Bob, Ada);
        var newer = await MakeGroupAsync(Cy, GroupHistory.Joined, Ada);
        await SendAsync(Cy, Ada);
        await SayAsync(Bob, old, "newest");
        await ReopenAsync();

        var found = new List<string>();
        long? before = null;
        do
        {
            var page = await Store.ReadConversationsAsync(Ada.Key, before, 1, default);
            found.Add(page.Conversations.Single().User?.Id ?? page.Conversations[0].Conversation);
            before = page.Next;
        }
        while (before is not null);

        found.ShouldBe([old, "cy", newer, "bob"]);
        (await Store.ReadUnreadAsync(Ada.Key, default)).Order().ShouldBe([("bob", 1), ("cy", 1)]);
    }

    [Fact]
    public async Task The_members_come_page_by_page_with_what_they_have_read()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob, Cy);
        await ChangeAsync(new MoveReceipt(Cy, InGroup(group), 0, 1));

        var members = new List<(string, string, long)>();
        string? after = null;
        do
        {
            var page = (await Store.ReadMembersAsync(Bob.Key, InGroup(group), after, 2, default))!;
            members.AddRange(page.Members.Select(member => (member.User.Id, member.Role, member.ReadSeq)));
            after = page.Next;
        }
        while (after is not null);

        members.ShouldBe([("ada", "owner", 0), ("bob", "member", 0), ("cy", "member", 1)]);
        (await Store.ReadMembersAsync(Cy.Key, InGroup("nowhere"), null, 2, default)).ShouldBeNull();
        await Store.SubmitAsync(new LeaveGroup(Cy, NextId(), group));
        (await Store.ReadMembersAsync(Cy.Key, InGroup(group), null, 2, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_join_link_outlives_reopening()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined);
        var link = (LinkFrame)((Answered)await Store.SubmitAsync(new LinkGroup(Ada, group, TimeSpan.FromDays(1)))).Frame;
        await ReopenAsync();

        (await Store.SubmitAsync(new JoinGroup(Bob, NextId(), link.Code))).ShouldBeOfType<Acknowledged>().Ack.Conversation.ShouldBe(group);
    }

    [Fact]
    public async Task Pruning_leaves_each_log_whole_from_some_position_on()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob, Cy);
        await SendAsync(Ada, Bob);
        for (var i = 0; i < 4; i++) await SayAsync(Ada, group, "old");
        await Store.SubmitAsync(new RemoveFromGroup(Ada, NextId(), group, Cy));
        Time.Advance(TimeSpan.FromDays(100));
        var cut = Time.GetUtcNow();
        await SayAsync(Ada, group, "new");
        await SendAsync(Ada, Bob);
        await SayAsync(Bob, group, "new");

        await Store.PruneLogsAsync(cut, default);
        await ReopenAsync();

        foreach (var (person, kept) in ((Account, int)[])[(Ada, 3), (Bob, 3), (Cy, 1)])
        {
            var whole = await Store.ReadLogAsync(person.Key, long.MaxValue, 1, default);
            whole.Oldest.ShouldBe(whole.Head - kept + 1, person.Id);
            (await Store.ReadLogAsync(person.Key, whole.Oldest - 1, 10, default)).Events.Select(@event => @event.Pos)
                .ShouldBe(To(whole.Head).Skip((int)whole.Oldest - 1), person.Id);
        }

        (await GroupHistoryAsync(Bob, group)).Count.ShouldBe(8);
        (await SayAsync(Ada, group, "more")).Seq.ShouldBe(9);
    }

    private string NextId() => $"c{Interlocked.Increment(ref _ids)}";

    private static ConversationTarget InGroup(string id) => new(null, id);

    private async Task<string> MakeGroupAsync(Account owner, GroupHistory history, params Account[] members) =>
        (await Store.SubmitAsync(new CreateGroup(owner, NextId(), "Friends", "cat.png", members, history))).ShouldBeOfType<Acknowledged>().Ack.Conversation;

    private async Task<AckFrame> SayAsync(Account who, string group, string text) =>
        (await Store.SubmitAsync(new Send(who, NextId(), null, group, text))).ShouldBeOfType<Acknowledged>().Ack;

    private async Task<WireConversation> ReadGroupAsync(Account who, string group) =>
        (await Store.ReadConversationsAsync(who.Key, null, 100, default)).Conversations.Single(conversation => conversation.Conversation == group);

    private async Task<List<long>> GroupHistoryAsync(Account who, string group, HistoryRange? range = null) =>
        [.. (await Store.ReadHistoryAsync(who.Key, InGroup(group), range ?? new HistoryRange(100), default))!.Messages.Select(message => message.Seq)];
}
