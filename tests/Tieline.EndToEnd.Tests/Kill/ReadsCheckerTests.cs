using Tieline.Cli.Verify;

namespace Tieline.EndToEnd.Tests.Kill;

/// <summary>What is planted in pages that were read, in receipts, and in the log that is read again.</summary>
public sealed class ReadsCheckerTests
{
    private const int Count = 10;

    private readonly List<SentMessage> _sent = [];
    private readonly List<KeptMessage> _kept = [];
    private readonly List<Delivery> _toAda = [], _toBob = [], _log = [];
    private readonly List<Reading> _readings = [];
    private ReadMark _mark = new(4, 4);

    public ReadsCheckerTests()
    {
        for (var i = 1; i <= Count; i++)
        {
            var place = new Place("c", i);
            _sent.Add(new SentMessage($"id{i}", "ada", "bob", i, $"text {i}", place));
            _kept.Add(new KeptMessage(place, $"id{i}", "ada", $"text {i}"));
            _toAda.Add(new Delivery(i, _kept[^1]));
            _toBob.Add(new Delivery(i, _kept[^1]));
        }

        _toAda.Add(new Delivery(Count + 1, null, new ShownReceipt("c", "bob", 3, 2)));
        _toAda.Add(new Delivery(Count + 2, null, new ShownReceipt("c", "bob", 10, 4)));
        _log.AddRange(_toAda);
        _readings.Add(new Reading("c", 5, _kept[2..6]));
    }

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong() => Check().ShouldBe((0, 0, 0, 0, 0));

    [Fact]
    public void A_page_that_lacks_what_its_reader_knew_is_found()
    {
        _readings.Add(new Reading("c", 7, _kept[2..6]));
        Check().ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void A_page_with_a_hole_or_with_a_message_twice_is_found()
    {
        _readings.Add(new Reading("c", 5, [_kept[2], _kept[4]]));
        _readings.Add(new Reading("c", 5, [_kept[4], _kept[4]]));
        Check().ShouldBe((0, 1, 0, 1, 0));
    }

    [Fact]
    public void A_message_that_was_read_and_is_gone_or_another_is_found()
    {
        _readings.Add(new Reading("c", 5, [_kept[9] with { Place = new Place("c", 11) }]));
        _readings.Add(new Reading("c", 5, [_kept[9] with { ClientId = "id8" }]));
        Check().ShouldBe((1, 0, 0, 0, 1));
    }

    [Fact]
    public void A_receipt_that_goes_back_is_found()
    {
        _toAda.Add(new Delivery(Count + 3, null, new ShownReceipt("c", "bob", 9, 4)));
        _log.Add(_toAda[^1]);
        Check().ShouldBe((0, 0, 1, 0, 0));
    }

    [Fact]
    public void A_receipt_of_what_nobody_read_or_received_is_found()
    {
        _mark = new ReadMark(3, 3);
        _toAda[^1] = _log[^1] = new Delivery(Count + 2, null, new ShownReceipt("c", "bob", 11, 3));
        _toAda.Add(new Delivery(Count + 3, null, new ShownReceipt("c", "bob", 11, 4)));
        _log.Add(_toAda[^1]);
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
        _log.Add(_toAda[^1]);
        _toAda.RemoveAt(9);
        Check().Lost.ShouldBe(2, "the message never reached ada, and the log has it");
    }

    private (int Lost, int Doubled, int OutOfOrder, int Gaps, int Strange) Check()
    {
        var ada = new Evidence("ada", _sent, _toAda) { Readings = _readings, Logs = [new WholeLog("one", _log)] };
        var bob = new Evidence("bob", [], _toBob) { Marks = new Dictionary<string, ReadMark> { ["c"] = _mark } };
        var verdict = Checker.Check([ada, bob], _kept);
        verdict.IsGood.ShouldBe(verdict.Told.Count == 0);
        return (verdict.Lost, verdict.Doubled, verdict.OutOfOrder, verdict.Gaps, verdict.Strange);
    }
}
