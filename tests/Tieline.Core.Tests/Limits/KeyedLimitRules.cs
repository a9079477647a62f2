using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Limits;

namespace Tieline.Core.Tests.Limits;

public sealed class KeyedLimitRules
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_key_has_its_own()
    {
        var limit = new KeyedLimit<string>(1, 1, _time);

        limit.TryTake("ada").ShouldBe(TimeSpan.Zero);
        limit.TryTake("ada").ShouldNotBe(TimeSpan.Zero);
        limit.TryTake("bob").ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_rate_of_zero_is_no_limit()
    {
        var limit = new KeyedLimit<string>(0, 1, _time);

        for (var i = 0; i < 1_000; i++) limit.TryTake("ada").ShouldBe(TimeSpan.Zero);
        limit.Reserve("ada").ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Strangers_in_numbers_do_not_make_it_forget_who_has_spent()
    {
        var limit = new KeyedLimit<int>(0.001, 1, _time);
        limit.TryTake(-1);

        for (var i = 0; i < 25_000; i++) limit.TryTake(i);

        limit.TryTake(-1).ShouldNotBe(TimeSpan.Zero);
    }
}
