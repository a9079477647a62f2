using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

public sealed class SendRules
{
    private readonly Book _book = new();

    [Fact]
    public void A_message_stands_in_the_log_of_both_people()
    {
        var ack = _book.Send(_book.Ada, _book.Bob, "hello");

        foreach (var person in (Account[])[_book.Ada, _book.Bob])
        {
            var message = _book.Log(person).ShouldHaveSingleItem().ShouldBeOfType<MessageFrame>().Message;
            (message.Id, message.FromUser, message.ToUser, message.Text, message.CreatedAt).ShouldBe((ack.Id, "ada", "bob", "hello", ack.CreatedAt));
        }

        _book.Log(_book.Cy).ShouldBeEmpty();
    }

    [Fact]
    public void Both_people_speak_in_one_conversation_whoever_began()
    {
        var one = _book.Send(_book.Ada, _book.Bob);
        var other = _book.Send(_book.Bob, _book.Ada);

        other.Conversation.ShouldBe(one.Conversation);
        _book.Send(_book.Ada, _book.Cy).Conversation.ShouldNotBe(one.Conversation);
    }

    [Fact]
    public void Seq_is_dense_from_1_in_each_conversation()
    {
        long[] withBob = [_book.Send(_book.Ada, _book.Bob).Seq, _book.Send(_book.Bob, _book.Ada).Seq, _book.Send(_book.Ada, _book.Bob).Seq];
        long[] withCy = [_book.Send(_book.Ada, _book.Cy).Seq, _book.Send(_book.Cy, _book.Ada).Seq];

        withBob.ShouldBe([1, 2, 3]);
        withCy.ShouldBe([1, 2]);
    }

    [Fact]
    public void Pos_is_dense_from_1_in_each_log_and_the_ack_names_the_senders()
    {
        _book.Send(_book.Cy, _book.Bob);
        var ack = _book.Send(_book.Ada, _book.Bob);
        _book.Do(new MoveReceipt(_book.Bob, new ConversationTarget(_book.Ada, null), 1, 1));

        _book.Positions(_book.Ada).ShouldBe([1, 2]);
        _book.Positions(_book.Bob).ShouldBe([1, 2, 3]);
        ack.Pos.ShouldBe(1);
    }

    [Fact]
    public void Messages_of_one_batch_are_numbered_as_if_each_came_alone()
    {
        var outcomes = _book.Batch(ToBob("a"), new Send(_book.Bob, "b", _book.Ada, null, "b"), ToBob("c"));

        outcomes.Select(outcome => ((Acknowledged)outcome).Ack.Seq).ShouldBe([1, 2, 3]);
        outcomes.Select(outcome => ((Acknowledged)outcome).Ack.Conversation).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void What_was_numbered_in_a_failed_batch_is_numbered_again()
    {
        _book.Send(_book.Ada, _book.Bob);

        _book.Fail(ToBob("lost"), ToBob("lost too"), new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));
        var ack = _book.Send(_book.Ada, _book.Bob, "kept", "lost");

        (ack.Seq, ack.Pos, ack.Duplicate).ShouldBe((2, 2, false));
        _book.Positions(_book.Bob).ShouldBe([1, 2]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_send_again_gets_the_first_answer(bool inOneBatch)
    {
        var (first, again) = TwiceInRow(ToBob("c1"), ToBob("c1"), inOneBatch);

        again.ShouldBeOfType<Acknowledged>().Ack.ShouldBe(first.ShouldBeOfType<Acknowledged>().Ack with { Duplicate = true });
        _book.Facts.Messages.ShouldHaveSingleItem();
        _book.Log(_book.Ada).ShouldHaveSingleItem();
    }

    public static TheoryData<string, Func<Send, Account, Send>> OtherRequests => new()
    {
        { "another text", (send, _) => send with { Text = "other" } },
        { "a card", (send, _) => send with { Card = "{}" } },
        { "a reply", (send, _) => send with { ReplyTo = "conversation1.1" } },
        { "attachments", (send, _) => send with { Attachments = "[]" } },
        { "another person", (send, cy) => send with { To = cy } },
        { "text moved into the card", (send, _) => send with { Text = "", Card = send.Text } },
    };

    [Theory]
    [MemberData(nameof(OtherRequests), DisableDiscoveryEnumeration = true)]
    public void A_client_id_of_another_request_is_a_conflict(string difference, Func<Send, Account, Send> change)
    {
        var first = ToBob("c1");
        // `with` copies the remembered hash too, so the second request is made before the first is hashed.
        var second = change(first, _book.Cy);
        _book.Do(first);

        Error(_book.Do(second)).ShouldBe(WireError.Conflict, difference);
        _book.Facts.Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_client_id_is_the_senders_own()
    {
        _book.Send(_book.Ada, _book.Bob, "mine", "c1");

        _book.Send(_book.Bob, _book.Ada, "mine", "c1").Duplicate.ShouldBeFalse();
    }

    [Fact]
    public void A_resend_is_answered_although_a_block_came_since()
    {
        _book.Do(ToBob("c1"));
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));

        _book.Do(ToBob("c1")).ShouldBeOfType<Acknowledged>().Ack.Duplicate.ShouldBeTrue();
        Error(_book.Do(ToBob("c2"))).ShouldBe(WireError.Blocked);
    }

    [Fact]
    public void A_resend_is_answered_although_its_line_holds_another()
    {
        var line = new SendLine();
        _book.Do(ToBob("c1") with { Line = line });
        line.Refuse("c2", retryable: true);

        _book.Do(ToBob("c1") with { Line = line }).ShouldBeOfType<Acknowledged>().Ack.Duplicate.ShouldBeTrue();
        Error(_book.Do(ToBob("c3") with { Line = line })).ShouldBe(WireError.Held);
    }

    [Fact]
    public void A_held_line_stores_nothing_until_the_refused_message_comes_again()
    {
        var line = new SendLine();
        line.Refuse("c1", retryable: true);

        Error(_book.Do(ToBob("c2") with { Line = line })).ShouldBe(WireError.Held);
        _book.Facts.Messages.ShouldBeEmpty();

        _book.Do(ToBob("c1") with { Line = line }).ShouldBeOfType<Acknowledged>();
        _book.Do(ToBob("c2") with { Line = line }).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(2);
    }

    [Fact]
    public void A_failed_batch_leaves_its_lines_as_they_were()
    {
        var line = new SendLine();
        line.Refuse("c1", retryable: true);

        _book.Fail(ToBob("c1") with { Line = line }, ToBob("c2") with { Line = line });

        Error(_book.Do(ToBob("c2") with { Line = line })).ShouldBe(WireError.Held);
        _book.Do(ToBob("c1") with { Line = line }).ShouldBeOfType<Acknowledged>();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_block_refuses_both_ways(bool theSenderBlocked)
    {
        var (blocker, blocked) = theSenderBlocked ? (_book.Ada, _book.Bob) : (_book.Bob, _book.Ada);
        var conversation = _book.Send(_book.Ada, _book.Bob).Conversation;
        _book.Do(new ChangeRelation(blocker, blocked, RelationChange.Block));

        Error(_book.Do(ToBob("c1"))).ShouldBe(WireError.Blocked);
        Error(_book.Do(new Send(_book.Ada, "c2", null, conversation, "by its id"))).ShouldBe(WireError.Blocked);
        _book.Do(new ChangeRelation(blocker, blocked, RelationChange.Unblock));
        _book.Do(ToBob("c3")).ShouldBeOfType<Acknowledged>();
    }

    [Fact]
    public void A_block_earlier_in_the_batch_counts()
    {
        var outcomes = _book.Batch(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block), ToBob("c1"));

        Error(outcomes[1]).ShouldBe(WireError.Blocked);
    }

    [Fact]
    public void A_mute_refuses_nothing()
    {
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Mute));

        _book.Do(ToBob("c1")).ShouldBeOfType<Acknowledged>();
    }

    [Fact]
    public void Nobody_chats_with_himself() => Error(_book.Do(new Send(_book.Ada, "c1", _book.Ada, null, "me"))).ShouldBe(WireError.Self);

    [Fact]
    public void A_strangers_conversation_is_as_unknown_as_none()
    {
        var conversation = _book.Send(_book.Ada, _book.Bob).Conversation;

        var strange = _book.Do(new Send(_book.Cy, "c1", null, conversation, "psst")).ShouldBeOfType<Refused>();
        var none = _book.Do(new Send(_book.Cy, "c2", null, "nowhere", "psst")).ShouldBeOfType<Refused>();

        strange.ShouldBe(none);
        none.Error.ShouldBe(WireError.NotFound);
    }

    [Fact]
    public void A_conversation_can_be_named_by_the_person_or_by_its_id()
    {
        var conversation = _book.Send(_book.Ada, _book.Bob).Conversation;

        var ack = _book.Do(new Send(_book.Bob, "c1", null, conversation, "by its id")).ShouldBeOfType<Acknowledged>().Ack;

        (ack.Conversation, ack.Seq).ShouldBe((conversation, 2));
    }

    [Fact]
    public void In_a_group_every_member_gets_it_and_blocks_do_not_matter()
    {
        var group = _book.Facts.AddGroup(_book.Ada, _book.Bob, _book.Cy);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));

        _book.Do(new Send(_book.Ada, "c1", null, group, "all")).ShouldBeOfType<Acknowledged>();

        foreach (var member in (Account[])[_book.Ada, _book.Bob, _book.Cy])
            _book.Log(member)[^1].ShouldBeOfType<MessageFrame>().Message.ToUser.ShouldBeNull();
    }

    [Fact]
    public void Only_messages_of_others_are_unread()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Send(_book.Ada, _book.Bob);
        _book.Send(_book.Bob, _book.Ada);

        _book.MemberOf(_book.Bob, _book.Ada).Unread.ShouldBe(2);
        _book.MemberOf(_book.Ada, _book.Bob).Unread.ShouldBe(1);
    }

    [Fact]
    public void The_newest_message_brings_the_conversation_to_the_top_of_both_lists()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Send(_book.Ada, _book.Cy);
        _book.Send(_book.Bob, _book.Ada);

        _book.MemberOf(_book.Ada, _book.Bob).Activity.ShouldBeGreaterThan(_book.MemberOf(_book.Ada, _book.Cy).Activity);
        _book.MemberOf(_book.Bob, _book.Ada).Activity.ShouldBe(2);
    }

    private Send ToBob(string clientId) => new(_book.Ada, clientId, _book.Bob, null, "hi");

    private (Outcome, Outcome) TwiceInRow(Command one, Command other, bool inOneBatch)
    {
        if (!inOneBatch) return (_book.Do(one), _book.Do(other));
        var outcomes = _book.Batch(one, other);
        return (outcomes[0], outcomes[1]);
    }

    private static WireError Error(Outcome outcome) => outcome.ShouldBeOfType<Refused>().Error;
}
