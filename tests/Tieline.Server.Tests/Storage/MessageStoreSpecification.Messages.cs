using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

/// <summary>What can be done to a message that is stored.</summary>
public abstract partial class MessageStoreSpecification
{
    public static TheoryData<string, Func<Account, string, Command>, Func<WireMessage, bool>> Changes => new()
    {
        { "edit", (ada, id) => new Edit(ada, id, "hello"), message => message is { Text: "hello", EditedAt: not null } },
        { "delete", (ada, id) => new Delete(ada, id, true), message => message is { Text: "", Deleted: true, Card: null } },
        { "react", (ada, id) => new React(ada, id, "🍽"), message => message.Reactions == """[{"emoji":"\uD83C\uDF7D","count":1,"users":["ada"]}]""" },
        { "pin", (ada, id) => new Pin(ada, id, true), message => message.PinnedAt is not null },
    };

    [Theory]
    [MemberData(nameof(Changes), DisableDiscoveryEnumeration = true)]
    public async Task A_change_outlives_reopening_and_stands_in_history_and_in_every_log(string what, Func<Account, string, Command> change, Func<WireMessage, bool> isSo)
    {
        var ack = (await Store.SubmitAsync(Message(Ada, Bob, "helo") with { Card = "{}" })).ShouldBeOfType<Acknowledged>().Ack;
        (await ChangeAsync(change(Ada, ack.Id))).ShouldBe(1);
        await ReopenAsync();
        (await ChangeAsync(change(Ada, ack.Id))).ShouldBe(0);

        foreach (var (account, peer) in (ValueTuple<Account, Account>[])[(Ada, Bob), (Bob, Ada)])
        {
            var message = (await ReadHistoryAsync(account, peer)).ShouldHaveSingleItem();
            isSo(message).ShouldBeTrue($"{what}: {message}");
            (await ReadLogAsync(account)).ShouldBe([new MessageFrame(1, message), new UpdateFrame(2, message)]);
            Commits.FramesOf(account)[^1].ShouldBe(new UpdateFrame(2, message));
            (await ReadConversationAsync(account, peer)).Last.ShouldBe(message);
        }
    }

    [Fact]
    public async Task Reactions_are_one_a_person_in_the_order_in_which_they_were_set_also_after_reopening()
    {
        var ack = await SendAsync(Ada, Bob);
        await ChangeAsync(new React(Bob, ack.Id, "🍽"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await ChangeAsync(new React(Ada, ack.Id, "👍"));
        await ReopenAsync();
        (await ChangeAsync(new React(Bob, ack.Id, "🍽"))).ShouldBe(0);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ChangeAsync(new React(Bob, ack.Id, "👍"));

        (await ReadHistoryAsync(Ada, Bob)).Single().Reactions.ShouldBe("""[{"emoji":"\uD83D\uDC4D","count":2,"users":["ada","bob"]}]""");
        await ChangeAsync(new React(Ada, ack.Id, null));
        await ChangeAsync(new React(Bob, ack.Id, null));
        (await ReadHistoryAsync(Ada, Bob)).Single().Reactions.ShouldBeNull();
        await ReopenAsync();
        (await ChangeAsync(new React(Bob, ack.Id, null))).ShouldBe(0);
    }

    [Fact]
    public async Task A_message_may_be_changed_in_the_batch_that_stores_it()
    {
        var first = await SendAsync(Ada, Bob);
        var id = MessageIds.Make(first.Conversation, 2);

        var outcomes = await Task.WhenAll(await InOneBatchAsync(Message(Ada, Bob, "two"), new Edit(Ada, id, "too"), new React(Bob, id, "🍽"), new Star(Bob, id, true),
            new Delete(Ada, id, true), new React(Ada, id, "👍")));

        outcomes.Select(ErrorOf).ShouldBe([null, null, null, null, null, WireError.Forbidden]);
        (await ReadHistoryAsync(Bob, Ada))[^1].ShouldSatisfyAllConditions(message => message.Deleted.ShouldBeTrue(), message => message.Text.ShouldBe(""), message => message.Reactions.ShouldBeNull());
    }

    [Fact]
    public async Task What_is_deleted_for_me_is_void_to_me_and_stays_with_the_other()
    {
        var ack = await SendAsync(Ada, Bob, "one");
        await SendAsync(Ada, Bob, "two");
        (await ChangeAsync(new Delete(Bob, ack.Id, false))).ShouldBe(1);
        await ReopenAsync();
        (await ChangeAsync(new Delete(Bob, ack.Id, false))).ShouldBe(0);

        (await ReadHistoryAsync(Bob, Ada)).Select(message => message.Text).ShouldBe(["two"]);
        (await ReadHistoryAsync(Ada, Bob)).Select(message => message.Text).ShouldBe(["one", "two"]);
        (await ReadLogAsync(Bob)).Select(frame => frame.GetType()).ShouldBe([typeof(VoidFrame), typeof(MessageFrame), typeof(HiddenFrame)]);
        ErrorOf(await Store.SubmitAsync(new Star(Bob, ack.Id, true))).ShouldBe(WireError.NotFound);
    }

    [Fact]
    public async Task Stars_and_drafts_are_their_owners_and_outlive_reopening()
    {
        var ack = await SendAsync(Ada, Bob);
        await ChangeAsync(new Star(Ada, ack.Id, true));
        await ChangeAsync(new Draft(Ada, With(Bob), "I beg", ack.Id));
        await ReopenAsync();

        (await ChangeAsync(new Star(Ada, ack.Id, true))).ShouldBe(0);
        (await ChangeAsync(new Draft(Ada, With(Bob), "I beg", ack.Id))).ShouldBe(0);
        (await ReadLogAsync(Ada))[1..].ShouldBe([new StarredFrame(2, ack.Conversation, 1, true), new DraftedFrame(3, ack.Conversation, "I beg", ack.Id)]);
        (await ReadLogAsync(Bob)).Count.ShouldBe(1);

        await ChangeAsync(new Star(Ada, ack.Id, false));
        await ChangeAsync(new Draft(Ada, With(Bob), " ", null));
        (await ReadLogAsync(Ada)).Skip(1).Select(frame => frame switch { StarredFrame star => star.Starred, DraftedFrame draft => draft.Text is not null, _ => true })
            .ShouldAllBe(on => !on);
    }

    [Fact]
    public async Task At_most_twenty_are_pinned_also_after_reopening()
    {
        var acks = new List<AckFrame>();
        for (var i = 0; i < 21; i++) acks.Add(await SendAsync(Ada, Bob));
        foreach (var ack in acks.Take(20)) await ChangeAsync(new Pin(Bob, ack.Id, true));
        await ReopenAsync();

        ErrorOf(await Store.SubmitAsync(new Pin(Ada, acks[20].Id, true))).ShouldBe(WireError.Conflict);
        await ChangeAsync(new Pin(Ada, acks[0].Id, false));
        (await ChangeAsync(new Pin(Ada, acks[20].Id, true))).ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_quotes_and_a_forward_takes_along_what_the_store_has()
    {
        await Store.SubmitAsync(new AddAttachment(new Attachment("a1", Ada.Key, "a.txt", "text/plain", 3, 3)));
        var original = (await Store.SubmitAsync(Message(Ada, Bob, "look") with { Attachments = """[{"id":"a1"}]""" })).ShouldBeOfType<Acknowledged>().Ack;
        await ReopenAsync();

        await Store.SubmitAsync(Message(Bob, Ada, "nice") with { ReplyTo = original.Id });
        await Store.SubmitAsync(Message(Bob, Cy, "") with { ForwardOf = original.Id });
        await ChangeAsync(new Delete(Ada, original.Id, true));
        await ReopenAsync();

        (await ReadHistoryAsync(Ada, Bob))[^1].Quote.ShouldBe($$"""{"id":"{{original.Id}}","from_user":"ada","message":"look"}""");
        var forwarded = (await ReadHistoryAsync(Cy, Bob)).ShouldHaveSingleItem();
        (forwarded.Text, forwarded.Forwarded, forwarded.Attachments).ShouldBe(("look", true, """[{"id":"a1","kind":"file","name":"a.txt","type":"text/plain","size":3}]"""));
        (await Store.FindAttachmentInAsync(forwarded.Conversation, "a1", default)).ShouldNotBeNull();
        (await Store.FindAttachmentInAsync(original.Conversation, "a1", default)).ShouldBeNull();
        (await ReadUnusedAsync()).ShouldBeEmpty();
        await ChangeAsync(new Delete(Bob, forwarded.Id, true));
        (await ReadUnusedAsync()).ShouldBe(["a1"]);
    }

    [Fact]
    public async Task A_file_is_found_by_whom_a_message_shows_it_and_by_nobody_else()
    {
        await Store.SubmitAsync(new AddAttachment(new Attachment("a1", Ada.Key, "a.txt", "text/plain", 3, 3)));
        var ack = (await Store.SubmitAsync(Message(Ada, Bob, "look") with { Attachments = """[{"id":"a1"}]""" })).ShouldBeOfType<Acknowledged>().Ack;
        (await FindsAsync(Ada), await FindsAsync(Bob), await FindsAsync(Cy)).ShouldBe((true, true, false));

        await ChangeAsync(new Delete(Bob, ack.Id, false));
        (await FindsAsync(Ada), await FindsAsync(Bob), await FindsAsync(Cy)).ShouldBe((true, false, false));
        var again = (await Store.SubmitAsync(Message(Ada, Bob, "") with { ForwardOf = ack.Id })).ShouldBeOfType<Acknowledged>().Ack;
        (await FindsAsync(Ada), await FindsAsync(Bob)).ShouldBe((true, true));
        await ChangeAsync(new Delete(Ada, again.Id, true));
        await ChangeAsync(new Delete(Ada, ack.Id, true));
        (await FindsAsync(Ada), await FindsAsync(Bob)).ShouldBe((false, false));

        async Task<bool> FindsAsync(Account who) => await Store.FindVisibleAttachmentAsync(who.Key, "a1", default) is not null;
    }

    [Fact]
    public async Task The_picture_of_a_group_is_kept_until_another_takes_its_place()
    {
        foreach (var id in (string[])["p1", "p2"]) await Store.SubmitAsync(new AddAttachment(new Attachment(id, Ada.Key, "p.png", "image/png", 3, 3, 1, 1)));
        var group = await MakeGroupAsync(Ada, GroupHistory.All, Bob);
        (await Store.FindPictureAsync("p1", default)).ShouldBeNull();

        (await Store.SubmitAsync(new UpdateGroup(Ada, NextId(), group, Avatar: "upload:p1"))).ShouldBeOfType<Acknowledged>();
        await ReopenAsync();
        Time.Advance(TimeSpan.FromDays(2));
        (await ReadGroupAsync(Bob, group)).Group!.Avatar.ShouldBe("/api/chat/files/p1/picture");
        (await Store.FindPictureAsync("p1", default))!.Owner.ShouldBe(Ada.Key);
        (await Store.FindVisibleAttachmentAsync(Bob.Key, "p1", default)).ShouldBeNull();
        (await ReadUnusedAsync()).ShouldBe(["p2"]);

        (await Store.SubmitAsync(new UpdateGroup(Ada, NextId(), group, Avatar: "upload:p2"))).ShouldBeOfType<Acknowledged>();
        (await Store.FindPictureAsync("p1", default)).ShouldBeNull();
        (await ReadUnusedAsync()).ShouldBe(["p1"]);
        (await Store.SubmitAsync(new UpdateGroup(Ada, NextId(), group, Avatar: ""))).ShouldBeOfType<Acknowledged>();
        (await Store.FindPictureAsync("p2", default)).ShouldBeNull();
        (await ReadUnusedAsync()).Order().ShouldBe(["p1", "p2"]);
    }

    [Fact]
    public async Task Who_has_left_a_group_reads_live_and_later_what_became_of_what_he_saw()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob, Cy);
        var (edited, deleted) = (await SayAsync(Ada, group, "one"), await SayAsync(Ada, group, "two"));
        await Store.SubmitAsync(new LeaveGroup(Bob, NextId(), group));
        var after = await SayAsync(Ada, group, "not his");
        await ChangeAsync(new Edit(Ada, edited.Id, "one!"));
        await ChangeAsync(new Delete(Ada, deleted.Id, true));
        await ChangeAsync(new Edit(Ada, after.Id, "not his!"));
        await ReopenAsync();

        var log = await ReadLogAsync(Bob);
        log.Select(frame => ((LoggedFrame)frame).Pos).ShouldBe(To(log.Count));
        log.OfType<UpdateFrame>().Select(frame => (frame.Message.Id, frame.Message.Text)).ShouldBe([(edited.Id, "one!"), (deleted.Id, "")]);
        Commits.FramesOf(Bob).OfType<UpdateFrame>().ShouldBe(log.OfType<UpdateFrame>());
        log.OfType<MessageFrame>().ShouldAllBe(frame => frame.Message.Id != after.Id);
        (await ReadLogAsync(Cy)).OfType<UpdateFrame>().Count().ShouldBe(3);
    }

    [Fact]
    public async Task What_is_sent_and_deleted_in_one_batch_keeps_no_file()
    {
        await Store.SubmitAsync(new AddAttachment(new Attachment("a1", Ada.Key, "a.txt", "text/plain", 3, 3)));
        var conversation = (await SendAsync(Ada, Bob)).Conversation;

        await Task.WhenAll(await InOneBatchAsync(Message(Ada, Bob, "look") with { Attachments = """[{"id":"a1"}]""" }, new Delete(Ada, MessageIds.Make(conversation, 2), true)));

        Time.Advance(TimeSpan.FromDays(2));
        (await ReadUnusedAsync()).ShouldBe(["a1"]);
    }

    private async Task<List<string>> ReadUnusedAsync() => [.. (await Store.ReadUnusedAttachmentsAsync(Time.GetUtcNow(), 10, default)).Select(unused => unused.Id)];
}
