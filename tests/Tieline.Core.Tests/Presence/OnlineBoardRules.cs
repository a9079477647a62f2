using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Accounts;
using Tieline.Core.Presence;
using Tieline.Protocol;

namespace Tieline.Core.Tests.Presence;

public sealed class OnlineBoardRules
{
    private static readonly AccountKey _ada = new(1);
    private static readonly AccountKey _bob = new(2);
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly List<(AccountKey, bool)> _told = [];
    private readonly OnlineBoard _board;

    public OnlineBoardRules()
    {
        _board = new OnlineBoard(_time, _grace);
        _board.Changed = account => _told.Add((account, _board.IsOnline(account)));
    }

    [Fact]
    public void The_first_line_is_a_coming_and_a_second_is_none()
    {
        _board.Opened(_ada);
        _board.Opened(_ada);

        _told.ShouldBe([(_ada, true)]);
        _board.IsOnline(_bob).ShouldBeFalse();
    }

    [Fact]
    public void Somebody_has_gone_when_the_last_line_is_closed_and_the_grace_is_over()
    {
        _board.Opened(_ada);
        _board.Opened(_ada);
        _board.Closed(_ada);
        Pass(_grace);
        _board.IsOnline(_ada).ShouldBeTrue();

        _board.Closed(_ada);
        Pass(_grace - TimeSpan.FromSeconds(1));
        _board.IsOnline(_ada).ShouldBeTrue();
        Pass(TimeSpan.FromSeconds(1));

        _told.ShouldBe([(_ada, true), (_ada, false)]);
    }

    [Fact]
    public void Who_comes_back_within_the_grace_has_never_been_away()
    {
        _board.Opened(_ada);
        _board.Closed(_ada);
        Pass(_grace / 2);
        _board.Opened(_ada);
        Pass(_grace * 2);

        _told.ShouldBe([(_ada, true)]);
    }

    [Fact]
    public void Last_seen_is_the_moment_of_leaving_and_not_the_end_of_the_grace()
    {
        _board.Opened(_ada);
        Pass(TimeSpan.FromMinutes(5));
        _board.Closed(_ada);
        var left = Timestamp.From(_time.GetUtcNow());
        Pass(_grace);

        _board.SeenAt(_ada).ShouldBe(left);
    }

    [Fact]
    public void It_is_written_at_most_once_a_minute_and_always_in_the_end()
    {
        _board.Opened(_ada);
        _board.TakeUnwritten(10).Count.ShouldBe(1);
        for (var i = 0; i < 20; i++)
        {
            Pass(TimeSpan.FromSeconds(1));
            _board.Closed(_ada);
            _board.Opened(_ada);
            _board.TakeUnwritten(10).ShouldBeEmpty();
        }

        Pass(TimeSpan.FromSeconds(40));
        _board.TakeUnwritten(10).ShouldHaveSingleItem().At.ShouldBe(Timestamp.From(_time.GetUtcNow() - TimeSpan.FromSeconds(40)));

        _board.Closed(_ada);
        _board.TakeUnwritten(10).ShouldBeEmpty();
        _board.TakeUnwritten(10, all: true).Count.ShouldBe(1);
        _board.TakeUnwritten(10, all: true).ShouldBeEmpty();
    }

    [Fact]
    public void Many_who_come_at_once_are_written_a_part_at_a_time()
    {
        for (var i = 0; i < 25; i++) _board.Opened(new AccountKey(i));

        _board.TakeUnwritten(10).Count.ShouldBe(10);
        _board.TakeUnwritten(10).Count.ShouldBe(10);
        _board.TakeUnwritten(10).Count.ShouldBe(5);
    }

    [Fact]
    public void Who_is_long_gone_and_written_down_takes_no_room()
    {
        _board.Opened(_ada);
        _board.Closed(_ada);
        _board.TakeUnwritten(10);
        Pass(OnlineBoard.WriteEvery);

        _board.SeenAt(_ada).ShouldBeNull();
    }

    private void Pass(TimeSpan span)
    {
        _time.Advance(span);
        _board.Sweep();
    }
}
