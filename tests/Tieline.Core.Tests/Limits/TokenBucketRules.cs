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
}
