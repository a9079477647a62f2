using Tieline.Cli.Verify;

namespace Tieline.EndToEnd.Tests.Kill;

/// <summary>What is planted in pages that were read, in receipts, and in the log that is read again.</summary>
public sealed class ReadsCheckerTests : PlantedHistory
{
    private readonly List<Delivery> _log = [];
    private readonly List<Reading> _readings = [];
    private ReadMark _mark = new(4, 4);

    public ReadsCheckerTests()
    {
        ToAda.Add(new Delivery(Count + 1, null, new ShownReceipt("c", "bob", 3, 2)));
        ToAda.Add(new Delivery(Count + 2, null, new ShownReceipt("c", "bob", 10, 4)));
        _log.AddRange(ToAda);
        _readings.Add(new Reading("c", 5, Kept[2..6]));
    }

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong() => Check().ShouldBe((0, 0, 0, 0, 0));

    [Fact]
    public void A_page_that_lacks_what_its_reader_knew_is_found()
    {
        _readings.Add(new Reading("c", 7, Kept[2..6]));
        Check().ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void A_page_with_a_hole_or_with_a_message_twice_is_found()
    {
        _readings.Add(new Reading("c", 5, [Kept[2], Kept[4]]));
        _readings.Add(new Reading("c", 5, [Kept[4], Kept[4]]));
        Check().ShouldBe((0, 1, 0, 1, 0));
    }

    [Fact]
    public void A_message_that_was_read_and_is_gone_or_another_is_found()
    {
        _readings.Add(new Reading("c", 5, [Kept[9] with { Place = new Place("c", 11) }]));
        _readings.Add(new Reading("c", 5, [Kept[9] with { ClientId = "id8" }]));
        Check().ShouldBe((1, 0, 0, 0, 1));
    }

    [Fact]
    public void A_receipt_that_goes_back_is_found()
    {
        ToAda.Add(new Delivery(Count + 3, null, new ShownReceipt("c", "bob", 9, 4)));
        _log.Add(ToAda[^1]);
        Check().ShouldBe((0, 0, 1, 0, 0));
    }

    [Fact]
    public void A_receipt_of_what_nobody_read_or_received_is_found()
    {
        _mark = new ReadMark(3, 3);
        ToAda[^1] = _log[^1] = new Delivery(Count + 2, null, new ShownReceipt("c", "bob", 11, 3));
        ToAda.Add(new Delivery(Count + 3, null, new ShownReceipt("c", "bob", 11, 4)));
        _log.Add(ToAda[^1]);
        Check().ShouldBe((0, 0, 0, 0, 2));
    }

    [Fact]
    public void Reading_that_was_confirmed_and_is_told_to_nobody_is_lost()
    {
        _mark = new ReadMark(6, 5);
        Check().ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void A_log_that_differs_from_what_was_delivered_is_found()
    {
        _log[3] = _log[3] with { Message = _log[4].Message };
        Check().ShouldBe((0, 0, 0, 0, 1));
    }

    [Fact]
    public void A_log_that_lacks_what_was_delivered_or_holds_what_was_not_is_found()
    {
        _log.RemoveAt(_log.Count - 1);
        Check().Lost.ShouldBe(2, "the event and what bob had read");
        _log.Add(ToAda[^1]);
        ToAda.RemoveAt(9);
        Check().Lost.ShouldBe(2, "the message never reached ada, and the log has it");
    }

    private (int Lost, int Doubled, int OutOfOrder, int Gaps, int Strange) Check() => Check(
        new Evidence("ada", Sent, ToAda) { Readings = _readings, Logs = [new WholeLog("one", _log)] },
        new Evidence("bob", [], ToBob) { Marks = new Dictionary<string, ReadMark> { ["c"] = _mark } });
}
