using Tieline.Cli.Verify;

namespace Tieline.EndToEnd.Tests.Kill;

/// <summary>A checker that finds nothing proves something only if it finds what was planted.</summary>
public sealed class CheckerTests
{
    private const int Count = 10;

    private readonly List<SentMessage> _sent = [];
    private readonly List<KeptMessage> _kept = [];
    private readonly List<Delivery> _toAda = [], _toBob = [];

    public CheckerTests()
    {
        for (var i = 1; i <= Count; i++)
        {
            var place = new Place("c", i);
            _sent.Add(new SentMessage($"id{i}", "ada", "bob", i, $"text {i}", place));
            _kept.Add(new KeptMessage(place, $"id{i}", "ada", $"text {i}"));
            _toAda.Add(new Delivery(i, _kept[^1]));
            _toBob.Add(new Delivery(i, _kept[^1]));
        }
    }

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong() => Check().ShouldBe((0, 0, 0, 0, 0));

    [Fact]
    public void A_message_that_was_acknowledged_and_is_not_kept_is_lost()
    {
        _kept.RemoveAt(Count - 1);
        Check().ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void One_that_is_lost_in_the_middle_leaves_a_gap_too()
    {
        _kept.RemoveAt(4);
        Check().ShouldBe((1, 0, 0, 1, 0));
    }

    [Fact]
    public void A_message_that_is_kept_elsewhere_than_acknowledged_is_lost()
    {
        _sent[Count - 1] = _sent[Count - 1] with { Acknowledged = new Place("c", Count + 1) };
        Check().Lost.ShouldBe(3, "not where the acknowledgement said, and so not delivered to either of the two");
    }

    [Fact]
    public void A_message_that_is_kept_twice_is_doubled()
    {
        _kept.Add(_kept[Count - 1] with { Place = new Place("c", Count + 1) });
        Check().ShouldBe((0, 1, 0, 0, 0));
    }

    [Fact]
    public void A_seq_that_is_given_twice_is_doubled()
    {
        _kept.Add(_kept[Count - 1]);
        Check().Doubled.ShouldBe(2, "the message and its number");
    }

    [Fact]
    public void Two_messages_that_are_kept_in_the_wrong_order_are_found()
    {
        (_kept[3], _kept[4]) = (_kept[4] with { Place = _kept[3].Place }, _kept[3] with { Place = _kept[4].Place });
        (_sent[3], _sent[4]) = (_sent[3] with { Acknowledged = new Place("c", 5) }, _sent[4] with { Acknowledged = new Place("c", 4) });
        Check().ShouldBe((0, 0, 1, 0, 0));
    }

    [Fact]
    public void Two_messages_that_are_delivered_in_the_wrong_order_are_found()
    {
        (_toBob[3], _toBob[4]) = (_toBob[3] with { Message = _toBob[4].Message }, _toBob[4] with { Message = _toBob[3].Message });
        Check().ShouldBe((0, 0, 1, 0, 0));
    }

    [Fact]
    public void A_message_that_never_reached_one_of_the_two_is_lost()
    {
        _toBob.RemoveAt(Count - 1);
        Check().ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void An_event_that_is_missing_is_a_gap()
    {
        _toAda.Insert(4, new Delivery(5, null));
        for (var i = 5; i < _toAda.Count; i++) _toAda[i] = _toAda[i] with { Pos = i + 1 };
        _toAda.RemoveAt(4);
        Check().ShouldBe((0, 0, 0, 1, 0));
    }

    [Fact]
    public void An_event_that_is_delivered_twice_is_doubled()
    {
        _toBob.Insert(5, _toBob[4]);
        Check().Doubled.ShouldBe(2, "the position and the message");
    }

    [Fact]
    public void A_message_that_nobody_sent_is_strange()
    {
        _kept.Add(new KeptMessage(new Place("c", Count + 1), "id99", "ada", "who wrote that"));
        Check().ShouldBe((0, 0, 0, 0, 1));
    }

    [Fact]
    public void A_text_that_was_changed_is_strange()
    {
        _kept[2] = _kept[2] with { Text = "something else" };
        Check().ShouldBe((0, 0, 0, 0, 1));
    }

    [Fact]
    public void A_message_that_is_never_acknowledged_is_strange()
    {
        _sent[2] = _sent[2] with { Acknowledged = null };
        Check().ShouldBe((0, 0, 0, 0, 1));
    }

    private (int Lost, int Doubled, int OutOfOrder, int Gaps, int Strange) Check()
    {
        var verdict = Checker.Check([new Evidence("ada", _sent, _toAda), new Evidence("bob", [], _toBob)], _kept);
        verdict.IsGood.ShouldBe(verdict.Told.Count == 0);
        return (verdict.Lost, verdict.Doubled, verdict.OutOfOrder, verdict.Gaps, verdict.Strange);
    }
}
