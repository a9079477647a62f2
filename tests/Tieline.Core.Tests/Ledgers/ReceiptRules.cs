using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

public sealed class ReceiptRules
{
    private readonly Book _book = new();

    /// <summary>Each step moves bob's receipt in a conversation whose head is 5.</summary>
    [Theory]
    [InlineData("read grows", new long[] { 0, 2 }, new long[] { 0, 4 }, 4, 4)]
    [InlineData("read never steps back", new long[] { 0, 4 }, new long[] { 0, 2 }, 4, 4)]
    [InlineData("delivered never steps back", new long[] { 4, 0 }, new long[] { 2, 0 }, 4, 0)]
    [InlineData("what is read is delivered", new long[] { 0, 3 }, new long[] { 1, 0 }, 3, 3)]
    [InlineData("delivered may run ahead of read", new long[] { 5, 1 }, new long[] { 0, 2 }, 5, 2)]
    [InlineData("beyond the head is cut to the head", new long[] { 99, 99 }, new long[] { 0, 0 }, 5, 5)]
    [InlineData("below zero is nothing", new long[] { -7, -7 }, new long[] { long.MinValue, -1 }, 0, 0)]
    public void A_receipt_only_grows_and_stays_within_the_conversation(string rule, long[] first, long[] second, long delivered, long read)
    {
        SendToBob(5);

        Move(first[0], first[1]);
        Move(second[0], second[1]);

        var bob = _book.MemberOf(_book.Bob, _book.Ada);
        (bob.DeliveredSeq, bob.ReadSeq).ShouldBe((delivered, read), rule);
    }

    [Fact]
    public void A_receipt_that_moves_nothing_is_no_event()
    {
        SendToBob(2);
        Move(2, 1);
        var (adas, bobs) = (_book.Log(_book.Ada).Count, _book.Log(_book.Bob).Count);

        Move(1, 1);

        (_book.Log(_book.Ada).Count, _book.Log(_book.Bob).Count).ShouldBe((adas, bobs));
    }

    [Fact]
    public void Both_people_learn_of_it()
    {
        SendToBob(3);

        Move(3, 2);

        var receipt = new ReceiptFrame(4, ConversationId, "bob", 3, 2);
        _book.Log(_book.Bob)[^1].ShouldBe(receipt);
        _book.Log(_book.Ada)[^1].ShouldBe(receipt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void While_a_block_stands_the_other_person_does_not_learn_of_it(bool theReaderBlocked)
    {
        var (blocker, blocked) = theReaderBlocked ? (_book.Bob, _book.Ada) : (_book.Ada, _book.Bob);
        SendToBob(4);
        Move(1, 1);
        _book.Do(new ChangeRelation(blocker, blocked, RelationChange.Block));
        var adas = _book.Log(_book.Ada).Count;

        Move(3, 3);

        _book.Log(_book.Ada).Count.ShouldBe(adas);
        _book.Log(_book.Bob)[^1].ShouldBeOfType<ReceiptFrame>().ReadSeq.ShouldBe(3);
        var bob = _book.MemberOf(_book.Bob, _book.Ada);
        (bob.ReadSeq, bob.ShownReadSeq, bob.ShownDeliveredSeq).ShouldBe((3, 1, 1));
    }

    [Fact]
    public void The_first_movement_after_the_block_shows_all()
    {
        SendToBob(4);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));
        Move(3, 3);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Unblock));

        Move(4, 3);

        _book.Log(_book.Ada)[^1].ShouldBeOfType<ReceiptFrame>().ShouldSatisfyAllConditions(
            receipt => receipt.DeliveredSeq.ShouldBe(4), receipt => receipt.ReadSeq.ShouldBe(3));
    }

    /// <summary>Conversation: bob 1, ada 2, ada 3, bob 4, ada 5. Bob reads.</summary>
    [Theory]
    [InlineData(1, 0, 3)]
    [InlineData(2, 1, 2)]
    [InlineData(4, 2, 1)]
    [InlineData(5, 3, 0)]
    [InlineData(long.MaxValue, 3, 0)]
    public void Reading_counts_the_messages_of_others_only(long upTo, long newlyRead, long unread)
    {
        foreach (var (from, to) in (ReadOnlySpan<(Account, Account)>)
            [(_book.Bob, _book.Ada), (_book.Ada, _book.Bob), (_book.Ada, _book.Bob), (_book.Bob, _book.Ada), (_book.Ada, _book.Bob)]) _book.Send(from, to);

        Move(0, upTo).ShouldBe(newlyRead);
        _book.MemberOf(_book.Bob, _book.Ada).Unread.ShouldBe(unread);
        Move(0, upTo).ShouldBe(0);
    }

    [Fact]
    public void Own_messages_of_the_same_batch_are_not_counted_as_read()
    {
        SendToBob(1);

        var outcomes = _book.Batch(
            new Send(_book.Bob, "b2", _book.Ada, null, "2"),
            new Send(_book.Ada, "a3", _book.Bob, null, "3"),
            new MoveReceipt(_book.Bob, WithAda, 0, 2));

        ((Changed)outcomes[2]).Count.ShouldBe(1);
        _book.MemberOf(_book.Bob, _book.Ada).Unread.ShouldBe(1);
    }

    [Fact]
    public void Only_what_comes_after_a_clear_counts()
    {
        SendToBob(3);
        _book.Do(new Clear(_book.Bob, WithAda));
        SendToBob(2);

        Move(0, 4).ShouldBe(1);
        _book.MemberOf(_book.Bob, _book.Ada).Unread.ShouldBe(1);
    }

    [Fact]
    public void One_position_of_the_log_is_delivered_in_every_conversation_it_covers()
    {
        SendToBob(2);
        _book.Send(_book.Cy, _book.Bob);
        _book.Send(_book.Bob, _book.Cy);
        _book.Send(_book.Cy, _book.Bob);

        _book.Do(new MarkDelivered(_book.Bob, 4));

        _book.MemberOf(_book.Bob, _book.Ada).DeliveredSeq.ShouldBe(2);
        _book.MemberOf(_book.Bob, _book.Cy).DeliveredSeq.ShouldBe(1);
        _book.Log(_book.Cy)[^1].ShouldBe(new ReceiptFrame(4, _book.Facts.FindDirect(_book.Bob.Key, _book.Cy.Key)!.Id, "bob", 1, 0));
    }

    [Fact]
    public void A_position_beyond_the_log_delivers_what_is_there_and_no_more()
    {
        SendToBob(1);
        _book.Do(new MarkDelivered(_book.Bob, long.MaxValue));
        SendToBob(1);

        _book.MemberOf(_book.Bob, _book.Ada).DeliveredSeq.ShouldBe(1);
        _book.Do(new MarkDelivered(_book.Bob, long.MaxValue));
        _book.MemberOf(_book.Bob, _book.Ada).DeliveredSeq.ShouldBe(2);
    }

    [Fact]
    public void What_its_own_batch_stores_cannot_have_been_delivered_yet()
    {
        SendToBob(1);

        _book.Batch(new Send(_book.Ada, "a2", _book.Bob, null, "2"), new MarkDelivered(_book.Bob, long.MaxValue));
        _book.MemberOf(_book.Bob, _book.Ada).DeliveredSeq.ShouldBe(1);

        _book.Do(new MarkDelivered(_book.Bob, long.MaxValue));
        _book.MemberOf(_book.Bob, _book.Ada).DeliveredSeq.ShouldBe(2);
    }

    [Fact]
    public void A_conversation_that_is_not_there_is_refused_by_id_and_nothing_by_person()
    {
        _book.Do(new MoveReceipt(_book.Bob, new ConversationTarget(null, "nowhere"), 0, 1)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.NotFound);
        _book.Do(new MoveReceipt(_book.Bob, WithAda, 0, 1)).ShouldBe(new Changed(0));
    }

    private ConversationTarget WithAda => new(_book.Ada, null);

    private string ConversationId => _book.Facts.FindDirect(_book.Ada.Key, _book.Bob.Key)!.Id;

    private void SendToBob(int count)
    {
        for (var i = 0; i < count; i++) _book.Send(_book.Ada, _book.Bob);
    }

    private long Move(long delivered, long read) => _book.Do(new MoveReceipt(_book.Bob, WithAda, delivered, read)).ShouldBeOfType<Changed>().Count;
}
