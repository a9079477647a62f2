using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

public sealed class RequestRules
{
    private readonly Book _book = new(new LedgerRules { Requests = true });

    [Fact]
    public void A_stranger_s_messages_are_a_request_and_count_as_unread_nowhere()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Send(_book.Ada, _book.Bob);

        Bobs.ShouldSatisfyAllConditions(member => member.Request.ShouldBeTrue(), member => member.Unread.ShouldBe(0));
        _book.MemberOf(_book.Ada, _book.Bob).Request.ShouldBeFalse();
        _book.Log(_book.Bob).OfType<MessageFrame>().Count().ShouldBe(2);
    }

    [Fact]
    public void The_stranger_is_told_of_no_receipt_until_it_is_accepted()
    {
        _book.Send(_book.Ada, _book.Bob);
        Read(1);
        _book.Log(_book.Ada).OfType<ReceiptFrame>().ShouldBeEmpty();

        Accept(_book.Bob).ShouldBe(new Changed(1));

        _book.Log(_book.Ada).OfType<ReceiptFrame>().Single().ReadSeq.ShouldBe(1);
    }

    [Fact]
    public void Accepted_it_is_a_chat_like_any_other_with_what_is_unread()
    {
        for (var i = 0; i < 3; i++) _book.Send(_book.Ada, _book.Bob);
        Read(1);

        Accept(_book.Bob).ShouldBe(new Changed(1));
        Accept(_book.Bob).ShouldBe(new Changed(0));

        Bobs.ShouldSatisfyAllConditions(member => member.Request.ShouldBeFalse(), member => member.Unread.ShouldBe(2));
        _book.Send(_book.Ada, _book.Bob);
        Bobs.Unread.ShouldBe(3);
        _book.Facts.Events.Count(logged => logged.Kind == EventKind.Conversation && logged.Account == _book.Bob.Key).ShouldBe(1);
    }

    [Fact]
    public void To_answer_is_to_accept()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Send(_book.Bob, _book.Ada);

        Bobs.ShouldSatisfyAllConditions(member => member.Request.ShouldBeFalse(), member => member.Unread.ShouldBe(1));
        _book.MemberOf(_book.Ada, _book.Bob).ShouldSatisfyAllConditions(member => member.Request.ShouldBeFalse(), member => member.Unread.ShouldBe(1));
    }

    [Fact]
    public void A_block_ends_it_and_lifting_the_block_does_not_accept_it()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));
        _book.Do(new Send(_book.Ada, "again", _book.Bob, null, "hi")).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Blocked);

        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Unblock));

        Bobs.Request.ShouldBeTrue();
    }

    [Fact]
    public void Who_shares_a_group_is_no_stranger()
    {
        _book.Facts.AddGroup(_book.Ada, _book.Bob);

        _book.Send(_book.Ada, _book.Bob);

        Bobs.Request.ShouldBeFalse();
    }

    [Fact]
    public void Switched_off_there_are_no_requests()
    {
        var open = new Book();

        open.Send(open.Ada, open.Bob);

        open.MemberOf(open.Bob, open.Ada).ShouldSatisfyAllConditions(member => member.Request.ShouldBeFalse(), member => member.Unread.ShouldBe(1));
    }

    [Fact]
    public void Who_is_not_in_the_conversation_cannot_accept_it()
    {
        var conversation = _book.Send(_book.Ada, _book.Bob).Conversation;

        _book.Do(new AcceptRequest(_book.Cy, new ConversationTarget(null, conversation))).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
    }

    private MemberState Bobs => _book.MemberOf(_book.Bob, _book.Ada);

    private Outcome Accept(Account who) => _book.Do(new AcceptRequest(who, new ConversationTarget(_book.Ada, null)));

    private void Read(long seq) => _book.Do(new MoveReceipt(_book.Bob, new ConversationTarget(_book.Ada, null), 0, seq));
}
