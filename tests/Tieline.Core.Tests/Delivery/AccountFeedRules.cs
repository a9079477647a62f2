using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Messages;

namespace Tieline.Core.Tests.Delivery;

public sealed class AccountFeedRules
{
    private readonly AccountFeed _feed = new(new AccountKey(1));

    [Fact]
    public void What_was_published_is_copied_in_order_from_any_place()
    {
        Publish(1, 2, 3, 4);

        CopyAfter(0).ShouldBe([1, 2, 3, 4]);
        CopyAfter(2).ShouldBe([3, 4]);
        CopyAfter(1, max: 2).ShouldBe([2, 3]);
        CopyAfter(4).ShouldBeEmpty();
    }

    [Fact]
    public void A_late_or_doubled_event_is_no_event()
    {
        Publish(1, 2, 2, 1, 3);

        CopyAfter(0).ShouldBe([1, 2, 3]);
        _feed.Head.ShouldBe(3);
    }

    [Fact]
    public void A_gap_empties_what_is_remembered_so_that_the_store_fills_it()
    {
        Publish(1, 2, 5, 6);

        CopyAfter(2).ShouldBeEmpty();
        CopyAfter(4).ShouldBe([5, 6]);
        _feed.Head.ShouldBe(6);
    }

    [Fact]
    public void A_head_heard_of_elsewhere_empties_what_is_remembered()
    {
        Publish(1, 2);

        _feed.Raise(4);

        CopyAfter(0).ShouldBeEmpty();
        _feed.Head.ShouldBe(4);
        Publish(5);
        CopyAfter(4).ShouldBe([5]);
        CopyAfter(2).ShouldBeEmpty();
    }

    [Fact]
    public void A_head_that_is_not_news_changes_nothing()
    {
        Publish(1, 2);

        _feed.Raise(2);
        _feed.Raise(1);

        CopyAfter(0).ShouldBe([1, 2]);
    }

    [Fact]
    public void More_than_128_events_push_the_oldest_out()
    {
        Publish([.. Enumerable.Range(1, 200).Select(pos => (long)pos)]);

        CopyAfter(71, max: 2_000).ShouldBeEmpty();
        CopyAfter(72, max: 2_000).Count.ShouldBe(128);
    }

    [Fact]
    public void Heavy_events_push_the_oldest_out_but_never_the_newest()
    {
        for (var pos = 1; pos <= 10; pos++) Publish(new AccountEvent(pos, new Heavy(200_000)));
        CopyAfter(7).ShouldBeEmpty();
        CopyAfter(8).ShouldBe([9, 10]);

        Publish(new AccountEvent(11, new Heavy(9_000_000)));
        CopyAfter(10).ShouldBe([11]);
        Publish(12);
        CopyAfter(11).ShouldBe([12]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void News_wakes_every_listener_and_old_news_nobody(bool byHead)
    {
        var (one, other, gone) = (new Listener(), new Listener(), new Listener());
        foreach (var listener in (Listener[])[one, other, gone]) _feed.Add(listener);
        _feed.Remove(gone);

        for (var twice = 0; twice < 2; twice++)
        {
            if (byHead) _feed.Raise(1);
            else Publish(1);
        }

        (one.Woken, other.Woken, gone.Woken).ShouldBe((1, 1, 0));
    }

    private void Publish(params long[] positions)
    {
        foreach (var pos in positions) Publish(new AccountEvent(pos, VoidEvent.Instance));
    }

    private List<long> CopyAfter(long cursor, int max = 100)
    {
        var copied = new List<AccountEvent>();
        _feed.CopyAfter(cursor, max, copied).ShouldBe(copied.Count);
        return [.. copied.Select(@event => @event.Pos)];
    }

    private sealed class Heavy(int weight) : LogEvent
    {
        public override int Weight => weight;

        public override Protocol.Frames.ServerFrame ToFrame(long pos) => new Protocol.Frames.VoidFrame(pos);
    }

    private void Publish(AccountEvent @event)
    {
        if (_feed.Append(@event)) _feed.Wake();
    }
}
