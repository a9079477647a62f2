using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Tests.Storage;

public abstract partial class MessageStoreSpecification
{
    public static TheoryData<string> Texts => ["hello", "", "🍽 Grüße, 你好, \u202Eabc", "line\nbreak \"quoted\" \\ and\ttab", "'; DROP TABLE message; --", new string('x', 60_000)];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task What_was_acknowledged_is_there_after_reopening_just_as_it_was_sent(string text)
    {
        await Store.SubmitAsync(new AddAttachment(new Attachment("a1", Ada.Key, "a.txt", "text/plain", 3, 3)));
        var first = await SendAsync(Bob, Ada, text);
        var send = Message(Ada, Bob, text) with { Card = """{"post_id":7}""", ReplyTo = first.Id, Mentions = """["bob"]""", Attachments = """[{"id":"a1"}]""" };
        var ack = (await Store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>().Ack;

        await ReopenAsync();

        var expected = new WireMessage(ack.Conversation, 2, ack.Id, send.ClientId, "ada", "bob", text, Timestamp.From(Time.GetUtcNow()))
        {
            Card = send.Card,
            ReplyTo = send.ReplyTo,
            Attachments = """[{"id":"a1","kind":"file","name":"a.txt","type":"text/plain","size":3}]""",
            Mentions = send.Mentions,
        };
        foreach (var (account, peer) in (ValueTuple<Account, Account>[])[(Ada, Bob), (Bob, Ada)])
        {
            var kept = (await ReadHistoryAsync(account, peer))[1];
            using (var quote = JsonDocument.Parse(kept.Quote!)) quote.RootElement.GetProperty("message").GetString().ShouldBe(text.Length > 200 ? text[..200] : text);
            kept.ShouldBe(expected with { Quote = kept.Quote });
            (await ReadLogAsync(account))[1].ShouldBe(new MessageFrame(2, kept));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_resend_gets_the_first_answer_for_life(bool afterReopening)
    {
        var first = await SendAsync(Ada, Bob, "once", "c-once");
        await SendAsync(Bob, Ada, "later");
        await ChangeAsync(new Clear(Ada, With(Bob)));
        Time.Advance(TimeSpan.FromDays(400));
        if (afterReopening) await ReopenAsync();

        (await SendAsync(Ada, Bob, "once", "c-once")).ShouldBe(first with { Duplicate = true });
        ErrorOf(await Store.SubmitAsync(Message(Ada, Bob, "twice", "c-once"))).ShouldBe(WireError.Conflict);
        (await ReadHistoryAsync(Bob, Ada)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_first_answer_to_a_send_can_be_looked_up()
    {
        var ack = await SendAsync(Ada, Bob, clientId: "known");

        var sent = (await Store.FindSentAsync(Ada.Key, "known", default))!;

        (sent.Conversation, sent.Seq, sent.Pos, sent.CreatedAt).ShouldBe((ack.Conversation, ack.Seq, ack.Pos, ack.CreatedAt));
        (await Store.FindSentAsync(Bob.Key, "known", default)).ShouldBeNull();
        (await Store.FindSentAsync(Ada.Key, "unknown", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_sends_at_once_seq_and_pos_stay_dense_and_each_sender_in_order()
    {
        const int Each = 60;
        (Account From, Account To)[] talks = [(Ada, Bob), (Bob, Ada), (Ada, Cy), (Cy, Ada), (Bob, Cy), (Cy, Bob)];

        await Task.WhenAll(talks.Select(talk => Task.Run(async () =>
        {
            var pending = new List<Task<Outcome>>();
            for (var i = 0; i < Each; i++)
            {
                pending.Add(Store.SubmitAsync(Message(talk.From, talk.To, $"{i}")));
                if (i % 7 == 0) await pending[^1];
            }

            foreach (var outcome in await Task.WhenAll(pending)) outcome.ShouldBeOfType<Acknowledged>();
        })));

        foreach (var (one, other) in (ValueTuple<Account, Account>[])[(Ada, Bob), (Ada, Cy), (Bob, Cy)])
        {
            var messages = await ReadHistoryAsync(one, other);
            messages.Select(message => message.Seq).ShouldBe(To(2 * Each));
            foreach (var sender in messages.GroupBy(message => message.FromUser))
                sender.Select(message => int.Parse(message.Text)).ShouldBe(Enumerable.Range(0, Each));
        }

        foreach (var account in (Account[])[Ada, Bob, Cy])
        {
            var log = await ReadLogAsync(account, 50);
            log.Cast<MessageFrame>().Select(frame => frame.Pos).ShouldBe(To(4 * Each));
            Commits.FramesOf(account).ShouldBe(log);
        }
    }

    [Fact]
    public async Task Events_are_published_before_the_answer_is_given_and_readable_by_then()
    {
        for (var i = 1; i <= 20; i++)
        {
            var published = 0;
            var submission = new Watched(Message(Ada, Bob), _ => published = Commits.FramesOf(Bob).Count);
            Store.Submit(submission);
            await submission.Outcome;

            published.ShouldBe(i);
            (await Store.ReadLogAsync(Bob.Key, i - 1, 10, default)).Events.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task A_fault_of_delivery_does_not_make_a_stored_message_unstored()
    {
        Commits.Fault = new InvalidOperationException("a line is broken");

        var ack = await SendAsync(Ada, Bob);

        ack.Duplicate.ShouldBeFalse();
        (await SendAsync(Ada, Bob)).Seq.ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_is_decided_in_the_order_submitted()
    {
        var outcomes = await Task.WhenAll(await InOneBatchAsync(
            Message(Ada, Bob, "before"),
            new ChangeRelation(Bob, Ada, RelationChange.Block),
            Message(Ada, Bob, "blocked"),
            new ChangeRelation(Bob, Ada, RelationChange.Unblock),
            Message(Ada, Bob, "after")));

        outcomes.Select(ErrorOf).ShouldBe([null, null, WireError.Blocked, null, null]);
        (await ReadHistoryAsync(Bob, Ada)).Select(message => message.Text).ShouldBe(["before", "after"]);
    }

    private static readonly Account _ghost = new(new AccountKey(999), "ghost", null, "Ghost", null, null, null);

    public static TheoryData<string, Command[]> Poisons => new()
    {
        { "a command without a rule", [new Nonsense()] },
        { "a message without a text", [new Send(_ghost, "c-ghost", _ghost with { Key = new AccountKey(1) }, null, null!)] },
        // Half a surrogate pair cannot be stored: both become the same address, which only the table notices.
        { "a row that the table refuses", [new AddAccount(new AccountDraft("eve", "a\ud800@b", "Eve")), new AddAccount(new AccountDraft("dan", "a\udc00@b", "Dan"))] },
    };

    [Theory]
    [MemberData(nameof(Poisons), DisableDiscoveryEnumeration = true)]
    public async Task A_command_that_cannot_be_stored_costs_its_neighbours_nothing(string what, Command[] poison)
    {
        SendLine line = new();
        var commands = (Command[])[Message(Ada, Bob, "1", line: line), Message(Cy, Bob), .. poison, Message(Ada, Bob, "2", line: line), Message(Ada, Bob, "3", line: line)];

        var outcomes = await InOneBatchAsync(commands);

        var culprit = outcomes[1 + poison.Length];
        (await Record.ExceptionAsync(() => culprit) is OutcomeUnknownException || await culprit is Refused).ShouldBeTrue(what);
        foreach (var at in (int[])[0, 1, commands.Length - 2, commands.Length - 1]) (await outcomes[at]).ShouldBeOfType<Acknowledged>().Ack.Duplicate.ShouldBeFalse();
        (await ReadHistoryAsync(Ada, Bob)).Select(message => message.Text).ShouldBe(["1", "2", "3"]);
        (await SendAsync(Cy, Ada)).Seq.ShouldBe(1);
    }

    [Fact]
    public async Task Behind_a_message_whose_fate_nobody_knows_its_line_stores_nothing_until_it_comes_again()
    {
        SendLine line = new();

        var outcomes = await InOneBatchAsync(Message(Ada, Bob, "1", "c-1", line), Message(Ada, Bob, null!, "c-lost", line), Message(Ada, Bob, "3", "c-3", line));

        await Should.ThrowAsync<OutcomeUnknownException>(() => outcomes[1]);
        ErrorOf(await outcomes[2]).ShouldBe(WireError.Held);
        ErrorOf(await Store.SubmitAsync(Message(Ada, Bob, "3", "c-3", line))).ShouldBe(WireError.Held);
        (await Store.SubmitAsync(Message(Ada, Bob, "2", "c-lost", line))).ShouldBeOfType<Acknowledged>();
        (await Store.SubmitAsync(Message(Ada, Bob, "3", "c-3", line))).ShouldBeOfType<Acknowledged>();
        (await ReadHistoryAsync(Ada, Bob)).Select(message => message.Text).ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public async Task What_is_queued_when_the_store_closes_is_stored_and_what_comes_after_is_refused_for_now()
    {
        var queued = Enumerable.Range(0, 300).Select(_ => Store.SubmitAsync(Message(Ada, Bob))).ToList();
        var closed = Store;
        await ReopenAsync();

        foreach (var outcome in await Task.WhenAll(queued)) outcome.ShouldBeOfType<Acknowledged>();
        (await ReadHistoryAsync(Ada, Bob)).Count.ShouldBe(300);
        ErrorOf(await closed.SubmitAsync(Message(Ada, Bob))).ShouldBe(WireError.Restarting);
    }

    [Fact]
    public async Task Numbers_go_on_after_reopening()
    {
        await SendAsync(Ada, Bob);
        await SendAsync(Ada, Cy);
        await ReopenAsync();

        var ack = await SendAsync(Ada, Bob);

        (ack.Seq, ack.Pos).ShouldBe((2, 3));
        (await AddAsync("dan")).Key.Value.ShouldBeGreaterThan(Cy.Key.Value);
        (await SendAsync(Cy, Bob)).Conversation.ShouldNotBe(ack.Conversation);
    }

    [Fact]
    public async Task The_epoch_outlives_reopening()
    {
        var epoch = Store.Epoch;
        await ReopenAsync();

        Store.Epoch.ShouldBe(epoch);
        epoch.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_healthy_store_can_be_written() => (await Store.CheckWritableAsync(default)).ShouldBeNull();
}
