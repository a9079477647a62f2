using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

public sealed class ClearRules
{
    private readonly Book _book = new();
    private ConversationTarget WithAda => new(_book.Ada, null);

    [Fact]
    public void It_hides_everything_so_far_from_me_and_nothing_from_the_other()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Send(_book.Bob, _book.Ada);

        _book.Do(new Clear(_book.Bob, WithAda)).ShouldBe(new Changed(2));

        _book.MemberOf(_book.Bob, _book.Ada).HiddenSeq.ShouldBe(2);
        _book.MemberOf(_book.Ada, _book.Bob).HiddenSeq.ShouldBe(0);
        _book.Log(_book.Bob)[^1].ShouldBeOfType<ClearedFrame>().Seq.ShouldBe(2);
        _book.Log(_book.Ada).ShouldAllBe(frame => frame is MessageFrame);
    }

    [Fact]
    public void It_counts_only_what_is_newly_hidden()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Do(new Clear(_book.Bob, WithAda));

        _book.Do(new Clear(_book.Bob, WithAda)).ShouldBe(new Changed(0));
        _book.Send(_book.Ada, _book.Bob);
        _book.Do(new Clear(_book.Bob, WithAda)).ShouldBe(new Changed(1));
    }

    [Fact]
    public void It_leaves_nothing_unread_and_takes_the_conversation_off_my_list()
    {
        _book.Send(_book.Ada, _book.Bob);

        _book.Do(new Clear(_book.Bob, WithAda));

        var bob = _book.MemberOf(_book.Bob, _book.Ada);
        (bob.Unread, bob.Activity).ShouldBe((0, 0));
        _book.MemberOf(_book.Ada, _book.Bob).Activity.ShouldBe(1);
    }

    [Fact]
    public void What_came_after_the_message_that_the_person_saw_last_stays_and_stays_unread()
    {
        foreach (var (from, to) in ((Account, Account)[])[(_book.Ada, _book.Bob), (_book.Bob, _book.Ada), (_book.Ada, _book.Bob), (_book.Bob, _book.Ada), (_book.Ada, _book.Bob)]) _book.Send(from, to);

        _book.Do(new Clear(_book.Bob, WithAda, UpTo: 2)).ShouldBe(new Changed(2));

        var bob = _book.MemberOf(_book.Bob, _book.Ada);
        (bob.HiddenSeq, bob.Unread).ShouldBe((2, 2));
        bob.Activity.ShouldBe(5);
        _book.Log(_book.Bob)[^1].ShouldBeOfType<ClearedFrame>().Seq.ShouldBe(2);
        _book.Do(new Clear(_book.Bob, WithAda, UpTo: 1)).ShouldBe(new Changed(0));
        _book.Do(new Clear(_book.Bob, WithAda, UpTo: 99)).ShouldBe(new Changed(3));
        bob = _book.MemberOf(_book.Bob, _book.Ada);
        (bob.HiddenSeq, bob.Unread, bob.Activity).ShouldBe((5, 0, 0));
    }

    [Fact]
    public void It_is_no_reading()
    {
        _book.Send(_book.Ada, _book.Bob);

        _book.Do(new Clear(_book.Bob, WithAda));

        _book.MemberOf(_book.Bob, _book.Ada).ReadSeq.ShouldBe(0);
    }

    [Fact]
    public void The_next_message_puts_the_conversation_back_with_one_unread()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Do(new Clear(_book.Bob, WithAda));

        _book.Send(_book.Ada, _book.Bob);

        var bob = _book.MemberOf(_book.Bob, _book.Ada);
        (bob.Unread, bob.Activity, bob.HiddenSeq).ShouldBe((1, 3, 1));
    }

    [Fact]
    public void A_conversation_that_is_not_there_is_refused_by_id_and_nothing_by_person()
    {
        _book.Do(new Clear(_book.Bob, new ConversationTarget(null, "nowhere"))).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        _book.Do(new Clear(_book.Bob, WithAda)).ShouldBe(new Changed(0));
    }

    [Fact]
    public void A_stranger_cannot_clear_it()
    {
        var conversation = _book.Send(_book.Ada, _book.Bob).Conversation;

        _book.Do(new Clear(_book.Cy, new ConversationTarget(null, conversation))).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
    }
}
