using Tieline.Cli.Verify;

namespace Tieline.EndToEnd.Tests.Kill;

/// <summary>A checker that finds nothing proves something only if it finds what was planted.</summary>
public sealed class CheckerTests : PlantedHistory
{
    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong() => Check().ShouldBe((0, 0, 0, 0, 0));

    [Fact]
    public void A_message_that_was_acknowledged_and_is_not_kept_is_lost()
    {
        Kept.RemoveAt(Count - 1);
        Check().ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void One_that_is_lost_in_the_middle_leaves_a_gap_too()
    {
        Kept.RemoveAt(4);
        Check().ShouldBe((1, 0, 0, 1, 0));
    }

    [Fact]
    public void A_message_that_is_kept_elsewhere_than_acknowledged_is_lost()
    {
        Sent[Count - 1] = Sent[Count - 1] with { Acknowledged = new Place("c", Count + 1) };
        Check().Lost.ShouldBe(3, "not where the acknowledgement said, and so not delivered to either of the two");
    }

    [Fact]
    public void A_message_that_is_kept_twice_is_doubled()
    {
        Kept.Add(Kept[Count - 1] with { Place = new Place("c", Count + 1) });
        Check().ShouldBe((0, 1, 0, 0, 0));
    }

    [Fact]
    public void A_seq_that_is_given_twice_is_doubled()
    {
        Kept.Add(Kept[Count - 1]);
        Check().Doubled.ShouldBe(2, "the message and its number");
    }

    [Fact]
    public void Two_messages_that_are_kept_in_the_wrong_order_are_found()
    {
        (Kept[3], Kept[4]) = (Kept[4] with { Place = Kept[3].Place }, Kept[3] with { Place = Kept[4].Place });
        (Sent[3], Sent[4]) = (Sent[3] with { Acknowledged = new Place("c", 5) }, Sent[4] with { Acknowledged = new Place("c", 4) });
        Check().ShouldBe((0, 0, 1, 0, 0));
    }

    [Fact]
    public void Two_messages_that_are_delivered_in_the_wrong_order_are_found()
    {
        (ToBob[3], ToBob[4]) = (ToBob[3] with { Message = ToBob[4].Message }, ToBob[4] with { Message = ToBob[3].Message });
        Check().ShouldBe((0, 0, 1, 0, 0));
    }

    [Fact]
    public void A_message_that_never_reached_one_of_the_two_is_lost()
    {
        ToBob.RemoveAt(Count - 1);
        Check().ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void An_event_that_is_missing_is_a_gap()
    {
        ToAda.Insert(4, new Delivery(5, null));
        for (var i = 5; i < ToAda.Count; i++) ToAda[i] = ToAda[i] with { Pos = i + 1 };
        ToAda.RemoveAt(4);
        Check().ShouldBe((0, 0, 0, 1, 0));
    }

    [Fact]
    public void An_event_that_is_delivered_twice_is_doubled()
    {
        ToBob.Insert(5, ToBob[4]);
        Check().Doubled.ShouldBe(2, "the position and the message");
    }

    [Fact]
    public void A_message_that_nobody_sent_is_strange()
    {
        Kept.Add(new KeptMessage(new Place("c", Count + 1), "id99", "ada", "who wrote that"));
        Check().ShouldBe((0, 0, 0, 0, 1));
    }

    [Fact]
    public void A_text_that_was_changed_is_strange()
    {
        Kept[2] = Kept[2] with { Text = "something else" };
        Check().ShouldBe((0, 0, 0, 0, 1));
    }

    [Fact]
    public void A_message_that_is_never_acknowledged_is_strange()
    {
        Sent[2] = Sent[2] with { Acknowledged = null };
        Check().ShouldBe((0, 0, 0, 0, 1));
    }

    private (int Lost, int Doubled, int OutOfOrder, int Gaps, int Strange) Check() =>
        Check(new Evidence("ada", Sent, ToAda), new Evidence("bob", [], ToBob));
}
