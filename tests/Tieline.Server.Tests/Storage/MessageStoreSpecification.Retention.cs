using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

/// <summary>Messages that are kept for a time and then dropped. The clock goes on by more than a quarter, so that a store that drops whole quarters drops the same.</summary>
public abstract partial class MessageStoreSpecification
{
    [Fact]
    public async Task What_is_too_old_is_dropped_and_numbers_go_on()
    {
        for (var i = 0; i < 3; i++) await SendAsync(Ada, Bob, "old pizza");
        await SendAsync(Cy, Bob, "old pizza too");
        Time.Advance(TimeSpan.FromDays(100));
        for (var i = 0; i < 2; i++) await SendAsync(Ada, Bob, "new pizza");

        (await DropAsync(5)).ShouldBe(4);
        (await DropAsync(5)).ShouldBe(0);

        for (var time = 0; time < 2; time++)
        {
            var history = (await Store.ReadHistoryAsync(Bob.Key, With(Ada), new HistoryRange(2), default))!;
            history.Messages.Select(message => message.Seq).ShouldBe([4, 5]);
            history.More.ShouldBeFalse();
            (await Store.ReadHistoryAsync(Bob.Key, With(Ada), new HistoryRange(10, Before: 4), default))!.ShouldSatisfyAllConditions(
                page => page.Messages.ShouldBeEmpty(), page => page.More.ShouldBeFalse());
            (await Store.ReadHistoryAsync(Bob.Key, With(Ada), new HistoryRange(10, After: 1), default))!.Messages.Count.ShouldBe(2);
            (await ReadHistoryAsync(Bob, Cy)).ShouldBeEmpty();
            (await ReadConversationAsync(Bob, Cy)).ShouldSatisfyAllConditions(chat => chat.Last.ShouldBeNull(), chat => chat.HeadSeq.ShouldBe(1));
            (await ReadConversationAsync(Bob, Ada)).ShouldSatisfyAllConditions(chat => chat.Last!.Seq.ShouldBe(5), chat => chat.HeadSeq.ShouldBe(5));
            (await FoundAsync("pizza")).ShouldBe(2);
            var log = await ReadLogAsync(Bob);
            log.Select(frame => frame.GetType()).ShouldBe([.. Enumerable.Repeat(typeof(VoidFrame), 4), typeof(MessageFrame), typeof(MessageFrame)]);
            log.Select(frame => ((LoggedFrame)frame).Pos).ShouldBe(To(6));
            await ReopenAsync();
        }

        (await SendAsync(Bob, Cy)).ShouldSatisfyAllConditions(ack => ack.Seq.ShouldBe(2), ack => ack.Pos.ShouldBe(7));
        (await SendAsync(Ada, Bob)).Seq.ShouldBe(6);
        (await ReadConversationAsync(Cy, Bob)).Last!.Seq.ShouldBe(2);
        // What was kept of the chat for its number goes with the next round.
        (await DropAsync(5)).ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_that_belonged_to_a_dropped_message_goes_with_it_and_what_names_it_is_not_found(bool inGroup)
    {
        await Store.SubmitAsync(new AddAttachment(new Attachment("a1", Ada.Key, "a.txt", "text/plain", 3, 3)));
        await Store.SubmitAsync(new AddAttachment(new Attachment("a2", Ada.Key, "b.txt", "text/plain", 3, 3)));
        var target = inGroup ? InGroup(await MakeGroupAsync(Ada, GroupHistory.Joined, Bob)) : With(Bob);
        var send = new Send(Ada, NextId(), target.Peer, target.Conversation, "old", "{}", Attachments: """[{"id":"a1"},{"id":"a2"}]""");
        var old = (await Store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>().Ack;
        await ChangeAsync(new Star(Bob, old.Id, true));
        await ChangeAsync(new Pin(Ada, old.Id, true));
        await ChangeAsync(new React(Bob, old.Id, "👍"));
        await ChangeAsync(new Edit(Ada, old.Id, "old!"));
        await ChangeAsync(new RaiseFlag(Bob, old.Id, null, FlagReason.Spam, ""));
        Time.Advance(TimeSpan.FromDays(100));
        var forwarded = (await Store.SubmitAsync(new Send(Bob, NextId(), Cy, null, "", ForwardOf: old.Id))).ShouldBeOfType<Acknowledged>().Ack;
        var quoting = (await Store.SubmitAsync(new Send(Bob, NextId(), null, old.Conversation, "yes", ReplyTo: old.Id))).ShouldBeOfType<Acknowledged>().Ack;
        var chat = new ConversationTarget(null, old.Conversation);

        (await DropAsync(5)).ShouldBe(inGroup ? 2 : 1);

        foreach (var who in (Account[])[Ada, Bob])
        {
            var kept = (await Store.ReadHistoryAsync(who.Key, chat, new HistoryRange(100), default))!.Messages.ShouldHaveSingleItem();
            kept.Seq.ShouldBe(quoting.Seq);
            kept.Quote!.ShouldContain("old");
            (await Store.ReadPinnedAsync(who.Key, chat, default)).ShouldBeEmpty();
            (await Store.ReadStarredAsync(who.Key, null, 10, default)).Messages.ShouldBeEmpty();
            var log = await ReadLogAsync(who);
            log.Select(frame => ((LoggedFrame)frame).Pos).ShouldBe(To(log.Count));
            log.OfType<UpdateFrame>().ShouldBeEmpty();
            log.OfType<StarredFrame>().ShouldBeEmpty();
        }

        foreach (var command in (Command[])[new Edit(Ada, old.Id, "x"), new React(Bob, old.Id, "👍"), new Pin(Ada, old.Id, true), new Star(Bob, old.Id, true), new Delete(Ada, old.Id, true)])
            ErrorOf(await Store.SubmitAsync(command)).ShouldBe(WireError.NotFound, command.GetType().Name);
        ErrorOf(await Store.SubmitAsync(new Send(Bob, NextId(), Cy, null, "", ForwardOf: old.Id))).ShouldBe(WireError.NotFound);
        (await ChangeAsync(new DecideFlag((await Store.ReadFlagsAsync(true, 0, 10, default))[0].Id, FlagAction.DeleteMessage))).ShouldBe(1);
        (await ChangeAsync(new MoveReceipt(Bob, chat, old.Seq, old.Seq))).ShouldBeInRange(0, 2);
        // What was forwarded holds its files; with it they go.
        (await ReadUnusedAsync()).ShouldBeEmpty();
        (await Store.FindVisibleAttachmentAsync(Ada.Key, "a1", default)).ShouldBeNull();
        (await Store.FindVisibleAttachmentAsync(Cy.Key, "a1", default))!.Value.Conversation.ShouldBe(forwarded.Conversation);
        // The client id is free: the promise is for the life of the message.
        (await Store.SubmitAsync(send with { Attachments = null, Text = "again" })).ShouldBeOfType<Acknowledged>().Ack
            .ShouldSatisfyAllConditions(ack => ack.Duplicate.ShouldBeFalse(), ack => ack.Seq.ShouldBe(quoting.Seq + 1));

        Time.Advance(TimeSpan.FromDays(200));
        (await DropAsync(5)).ShouldBe(3);

        (await ReadUnusedAsync()).ShouldBe(["a1", "a2"], ignoreOrder: true);
        (await Store.SubmitAsync(new Send(Ada, NextId(), null, old.Conversation, "after"))).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(quoting.Seq + 2);
        (await Store.ReadHistoryAsync(Bob.Key, chat, new HistoryRange(100), default))!.Messages.ShouldHaveSingleItem().Seq.ShouldBe(quoting.Seq + 2);
    }

    [Fact]
    public async Task Who_was_away_while_messages_were_dropped_resumes_over_them_and_who_left_the_group_keeps_its_place()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.All, Bob, Cy);
        await Store.SubmitAsync(new Send(Ada, NextId(), null, group, "old"));
        await Store.SubmitAsync(new LeaveGroup(Cy, NextId(), group));
        var left = await ReadGroupOfAsync(Cy, group);
        for (var i = 0; i < 1_200; i++) _ = Store.SubmitAsync(Message(Ada, Bob));
        await SendAsync(Ada, Bob);
        Time.Advance(TimeSpan.FromDays(100));
        await SendAsync(Ada, Bob, "new");

        (await DropAsync(5)).ShouldBeGreaterThan(1_201);

        using var reader = FeedReader.Join(Store, new Feeds(), Bob.Key, new Deaf());
        (await reader.ResumeAsync($"{Store.Epoch}.1", 10_000, default)).ShouldBeTrue();
        (await ReadLogAsync(Bob, 1_000)).OfType<MessageFrame>().ShouldHaveSingleItem().Message.Text.ShouldBe("new");
        (await ReadGroupOfAsync(Cy, group)).ShouldSatisfyAllConditions(chat => chat.HeadSeq.ShouldBe(left.HeadSeq), chat => chat.Last.ShouldBeNull(), chat => chat.Left.ShouldBeTrue());
        (await ReadGroupOfAsync(Bob, group)).Last.ShouldBeNull();
    }

    private async Task<WireConversation> ReadGroupOfAsync(Account account, string id) =>
        (await Store.ReadConversationsAsync(account.Key, null, 100, default)).Conversations.Single(conversation => conversation.Conversation == id);

    private async Task<long> DropAsync(int days) => await Store.DropMessagesAsync(Time.GetUtcNow().AddDays(-days), default);
}
