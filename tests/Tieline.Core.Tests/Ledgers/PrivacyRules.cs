using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

public sealed class PrivacyRules
{
    private readonly Book _book = new();

    [Fact]
    public void What_is_not_named_stays_as_it_is()
    {
        _book.Do(new ChangePrivacy(_book.Ada, Typing: false)).ShouldBe(new Changed(1));
        _book.Do(new ChangePrivacy(_book.Ada, Receipts: false)).ShouldBe(new Changed(1));
        _book.Do(new ChangePrivacy(_book.Ada, Typing: false)).ShouldBe(new Changed(0));

        _book.Log(_book.Ada).ShouldBe([new ServerPrivacyFrame(1, true, true, true, false), new ServerPrivacyFrame(2, false, true, true, false)]);
        _book.Log(_book.Bob).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_either_hides_it_the_reading_stands_still_and_the_delivery_goes_on(bool theReader)
    {
        for (var i = 0; i < 4; i++) _book.Send(_book.Ada, _book.Bob);
        Read(1);
        _book.Do(new ChangePrivacy(theReader ? _book.Bob : _book.Ada, Receipts: false));

        Read(3);

        _book.Log(_book.Ada).OfType<ReceiptFrame>().Last().ShouldSatisfyAllConditions(told => told.DeliveredSeq.ShouldBe(3), told => told.ReadSeq.ShouldBe(1));
        _book.Log(_book.Bob).OfType<ReceiptFrame>().Last().ReadSeq.ShouldBe(3);
    }

    [Fact]
    public void A_reading_that_is_hidden_and_delivers_nothing_new_is_no_event_for_the_other()
    {
        _book.Send(_book.Ada, _book.Bob);
        _book.Do(new ChangePrivacy(_book.Bob, Receipts: false));
        _book.Do(new MoveReceipt(_book.Bob, new ConversationTarget(_book.Ada, null), 1, 0));
        var before = _book.Log(_book.Ada).Count;

        Read(1);

        _book.Log(_book.Ada).Count.ShouldBe(before);
    }

    [Fact]
    public void The_first_reading_after_it_is_shown_again_tells_all()
    {
        for (var i = 0; i < 3; i++) _book.Send(_book.Ada, _book.Bob);
        _book.Do(new ChangePrivacy(_book.Bob, Receipts: false));
        Read(2);
        _book.Do(new ChangePrivacy(_book.Bob, Receipts: true));

        Read(3);

        _book.Log(_book.Ada).OfType<ReceiptFrame>().Last().ReadSeq.ShouldBe(3);
    }

    [Fact]
    public void A_commit_that_failed_changed_nothing()
    {
        _book.Fail(new ChangePrivacy(_book.Ada, Online: false));

        _book.Do(new ChangePrivacy(_book.Ada, Online: true)).ShouldBe(new Changed(0));
        _book.Facts.FindStanding(_book.Ada.Key).ShouldBe(Standing.Good);
    }

    private void Read(long seq) => _book.Do(new MoveReceipt(_book.Bob, new ConversationTarget(_book.Ada, null), 0, seq));
}
