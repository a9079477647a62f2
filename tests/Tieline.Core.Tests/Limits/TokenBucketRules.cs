using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Limits;

namespace Tieline.Core.Tests.Limits;

public sealed class TokenBucketRules
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void After_a_rest_the_burst_is_allowed_at_once_and_then_the_rate()
    {
        var bucket = new TokenBucket(10, 3, _time);

        for (var i = 0; i < 3; i++) bucket.TryTake().ShouldBe(TimeSpan.Zero);
        bucket.TryTake().ShouldBe(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_refused_try_takes_nothing()
    {
        var bucket = new TokenBucket(10, 1, _time);
        bucket.TryTake();

        for (var i = 0; i < 5; i++) bucket.TryTake().ShouldBe(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_rest_never_saves_more_than_the_burst()
    {
        var bucket = new TokenBucket(10, 2, _time);
        _time.Advance(TimeSpan.FromDays(1));

        bucket.TryTake();
        bucket.TryTake();
        bucket.TryTake().ShouldNotBe(TimeSpan.Zero);
    }

    [Fact]
    public void Reserving_always_takes_and_says_how_long_to_wait()
    {
        var bucket = new TokenBucket(10, 1, _time);

        bucket.Reserve().ShouldBe(TimeSpan.Zero);
        bucket.Reserve().ShouldBe(TimeSpan.FromMilliseconds(100));
        bucket.Reserve().ShouldBe(TimeSpan.FromMilliseconds(200));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        bucket.Reserve().ShouldBe(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Waiting_as_long_as_it_says_is_enough_and_nobody_passes_for_free() =>
        Gen.Select(Gen.Double[0.01, 5_000], Gen.Int[1, 20]).Sample((perSecond, burst) =>
        {
            var time = new FakeTimeProvider();
            var bucket = new TokenBucket(perSecond, burst, time);
            for (var i = 0; i < burst; i++) bucket.TryTake().ShouldBe(TimeSpan.Zero);
            for (var i = 0; i < 20; i++)
            {
                var wait = bucket.TryTake();
                wait.ShouldBeGreaterThan(TimeSpan.Zero, "the burst is spent, and no time has passed");
                time.Advance(wait);
                bucket.TryTake().ShouldBe(TimeSpan.Zero, $"after waiting {wait}");
            }
        }, iter: 500);

    [Fact]
    public void One_of_several_that_share_a_limit_holds_what_the_shared_one_holds()
    {
        var bucket = new TokenBucket(1, 5, _time);
        for (var i = 0; i < 2; i++) bucket.TryTake();
        bucket.TakeUncounted().ShouldBe(2);
        bucket.TryTake();

        // The shared one was asked after two of the three that were taken here; others took one.
        bucket.Hold(2);

        bucket.TryTake().ShouldBe(TimeSpan.Zero);
        bucket.TryTake().ShouldBe(TimeSpan.FromSeconds(1));
        bucket.TakeUncounted().ShouldBe(2);
        bucket.TakeUncounted().ShouldBe(0);
    }

    [Fact]
    public void What_others_overdrew_is_waited_for_here_too_and_no_more_than_a_burst_is_held()
    {
        var bucket = new TokenBucket(1, 5, _time);
        bucket.Hold(-3);
        bucket.TryTake().ShouldBe(TimeSpan.FromSeconds(4));

        bucket.Hold(1_000);

        for (var i = 0; i < 5; i++) bucket.TryTake().ShouldBe(TimeSpan.Zero);
        bucket.TryTake().ShouldBeGreaterThan(TimeSpan.Zero);
    }
}
