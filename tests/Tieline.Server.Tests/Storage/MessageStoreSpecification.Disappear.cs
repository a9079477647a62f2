using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

/// <summary>Messages whose time has come.</summary>
public abstract partial class MessageStoreSpecification
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task How_long_messages_stay_outlives_reopening_and_stands_in_the_list()
    {
        await SendAsync(Ada, Bob);
        (await ChangeAsync(new Disappear(Ada, With(Bob), 3_600))).ShouldBe(1);
        await ReopenAsync();
        (await ChangeAsync(new Disappear(Bob, With(Ada), 3_600))).ShouldBe(0);

        foreach (var (who, peer) in (ValueTuple<Account, Account>[])[(Ada, Bob), (Bob, Ada)])
        {
            (await ReadConversationAsync(who, peer)).DisappearSeconds.ShouldBe(3_600);
            var log = await ReadLogAsync(who);
            log[1].ShouldBeOfType<ConversationFrame>().Conversation.DisappearSeconds.ShouldBe(3_600);
            log[2].ShouldBeOfType<MessageFrame>().Message.Notice.ShouldBe("""{"kind":"disappear","seconds":3600}""");
        }

        var sent = await SendAsync(Ada, Bob);
        (await ReadHistoryAsync(Bob, Ada))[^1].ExpiresAt.ShouldBe(new Timestamp(sent.CreatedAt.Microseconds + 3_600_000_000));
        await ChangeAsync(new Disappear(Bob, With(Ada), 0));
        (await ReadConversationAsync(Ada, Bob)).DisappearSeconds.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_over_is_void_everywhere_and_its_number_and_its_first_answer_stay(bool inGroup)
    {
        await Store.SubmitAsync(new AddAttachment(new Attachment("a1", Ada.Key, "a.txt", "text/plain", 3, 3)));
        var target = inGroup ? InGroup(await MakeGroupAsync(Ada, GroupHistory.Joined, Bob)) : With(Bob);
        if (!inGroup) await SendAsync(Ada, Bob, "first");
        await ChangeAsync(new Disappear(Ada, target, 3_600));
        var send = new Send(Ada, NextId(), target.Peer, target.Conversation, "pizza", "{}", Attachments: """[{"id":"a1"}]""");
        var gone = (await Store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>().Ack;
        await ChangeAsync(new Disappear(Ada, target, 0));
        var quoting = (await Store.SubmitAsync(new Send(Bob, NextId(), null, gone.Conversation, "yes", ReplyTo: gone.Id))).ShouldBeOfType<Acknowledged>().Ack;
        await ChangeAsync(new Star(Bob, gone.Id, true));
        await ChangeAsync(new Pin(Ada, gone.Id, true));
        await ChangeAsync(new React(Bob, gone.Id, "👍"));
        await ChangeAsync(new Edit(Ada, gone.Id, "pizza!"));
        Time.Advance(_hour - TimeSpan.FromTicks(10));
        (await ChangeAsync(new Sweep())).ShouldBe(0);
        (await FoundAsync("pizza")).ShouldBe(1);
        Time.Advance(TimeSpan.FromTicks(10));

        (await ChangeAsync(new Sweep())).ShouldBe(1);

        Commits.FramesOf(Bob)[^1].ShouldBeOfType<UpdateFrame>().Message.ShouldSatisfyAllConditions(
            message => message.Id.ShouldBe(gone.Id), message => message.Deleted.ShouldBeTrue(), message => message.Text.ShouldBe(""), message => message.ExpiresAt.ShouldNotBeNull());
        for (var time = 0; time < 2; time++)
        {
            (await ChangeAsync(new Sweep())).ShouldBe(0);
            foreach (var who in (Account[])[Ada, Bob])
            {
                var log = await ReadLogAsync(who);
                log.Select(frame => ((LoggedFrame)frame).Pos).ShouldBe(To(log.Count));
                log.OfType<MessageFrame>().ShouldAllBe(frame => frame.Message.Id != gone.Id);
                log.OfType<UpdateFrame>().ShouldBeEmpty();
                log.OfType<StarredFrame>().ShouldBeEmpty();
                var history = (await Store.ReadHistoryAsync(who.Key, new ConversationTarget(null, gone.Conversation), new HistoryRange(100), default))!.Messages;
                history.Select(message => message.Seq).ShouldBe(To(quoting.Seq).Where(seq => seq != gone.Seq));
                history[^1].Quote!.ShouldContain("pizza");
                (await Store.ReadPinnedAsync(who.Key, new ConversationTarget(null, gone.Conversation), default)).ShouldBeEmpty();
                (await Store.ReadStarredAsync(who.Key, null, 10, default)).Messages.ShouldBeEmpty();
            }

            (await FoundAsync("pizza")).ShouldBe(0);
            (await ReadUnusedAsync()).ShouldBe(["a1"]);
            (await Store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>().Ack.ShouldBe(gone with { Duplicate = true });
            await ReopenAsync();
        }

        (await SendAsync(Ada, Cy)).Seq.ShouldBe(1);
        (await Store.SubmitAsync(new Send(Ada, NextId(), null, gone.Conversation, "after"))).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(quoting.Seq + 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task History_and_list_step_over_what_is_gone_wherever_it_lies(int page)
    {
        // kept 1, notice 2, gone 3 to 12, notice 13, kept 14, notice 15, gone 16 to 20.
        await SendAsync(Ada, Bob, "kept");
        await ChangeAsync(new Disappear(Ada, With(Bob), 3_600));
        for (var i = 0; i < 10; i++) await SendAsync(Ada, Bob, "gone");
        await ChangeAsync(new Disappear(Ada, With(Bob), 0));
        await SendAsync(Ada, Bob, "kept");
        await ChangeAsync(new Disappear(Ada, With(Bob), 7_200));
        for (var i = 0; i < 5; i++) await SendAsync(Ada, Bob, "gone");
        Time.Advance(2 * _hour);
        (await ChangeAsync(new Sweep())).ShouldBe(15);
        await ReopenAsync();

        (await ReadConversationAsync(Bob, Ada)).ShouldSatisfyAllConditions(chat => chat.HeadSeq.ShouldBe(20), chat => chat.Last!.Seq.ShouldBe(15));
        var seen = new List<long>();
        long? before = null;
        do
        {
            var history = (await Store.ReadHistoryAsync(Bob.Key, With(Ada), new HistoryRange(page, before), default))!;
            history.Messages.Count.ShouldBeInRange(1, page);
            seen.InsertRange(0, history.Messages.Select(message => message.Seq));
            before = history.More ? history.Messages[0].Seq : null;
        }
        while (before is not null);

        seen.ShouldBe([1, 2, 13, 14, 15]);
        var onward = new List<long>();
        for (long after = 0; ;)
        {
            var history = (await Store.ReadHistoryAsync(Bob.Key, With(Ada), new HistoryRange(page, After: after), default))!;
            onward.AddRange(history.Messages.Select(message => message.Seq));
            if (!history.More) break;
            after = onward[^1];
        }

        onward.ShouldBe([1, 2, 13, 14, 15]);
        foreach (var seq in (long[])[15, 14]) await ChangeAsync(new Delete(Bob, MessageIds.Make((await ReadConversationAsync(Bob, Ada)).Conversation, seq), false));
        (await ReadConversationAsync(Bob, Ada)).Last!.Seq.ShouldBe(13);
        await ChangeAsync(new Clear(Bob, With(Ada)));
        (await ReadHistoryAsync(Bob, Ada)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_goes_out_of_order_is_gone_all_the_same()
    {
        await SendAsync(Ada, Bob, "kept");
        await ChangeAsync(new Disappear(Ada, With(Bob), 7_200));
        await SendAsync(Ada, Bob, "later");
        await ChangeAsync(new Disappear(Ada, With(Bob), 3_600));
        await SendAsync(Ada, Bob, "sooner");
        Time.Advance(_hour);
        (await ChangeAsync(new Sweep())).ShouldBe(1);
        (await ReadHistoryAsync(Bob, Ada)).Where(message => message.Notice is null).Select(message => message.Text).ShouldBe(["kept", "later"]);
        Time.Advance(_hour);
        (await ChangeAsync(new Sweep())).ShouldBe(1);

        (await ReadHistoryAsync(Bob, Ada)).Where(message => message.Notice is null).Select(message => message.Text).ShouldBe(["kept"]);
    }

    private async Task<int> FoundAsync(string word) => (await Store.SearchAsync(Bob.Key, new MessageSearch(Core.Search.SearchTerms.Parse(word), 10), default))!.Messages.Count;
}
