namespace Tieline.Scale;

/// <summary>How people chat. All of it is assumed; change it to what you know of yours.</summary>
internal sealed record Habits
{
    /// <summary>Messages a person sends on a day: a lognormal with this mean and spread, so that most send few and some a great many.</summary>
    public double Mean { get; init; } = 40;

    public double Sigma { get; init; } = 1.2;

    /// <summary>One account in so many is a machine that sends <see cref="HotPerDay"/>.</summary>
    public int HotOneIn { get; init; } = 100_000;

    public double HotPerDay { get; init; } = 200_000;

    /// <summary>The share of messages that go to groups, and the sizes of groups: a power law from 3 to 1,000.</summary>
    public double ToGroups { get; init; } = 0.3;

    public double GroupExponent { get; init; } = 2.2;

    /// <summary>People online at the busiest time, lines of each, and how much busier that time is than the mean of the day.</summary>
    public double Online { get; init; } = 0.2;

    public double Lines { get; init; } = 1.3;

    public double Peak { get; init; } = 3;

    /// <summary>A quarter of an hour in which everybody sends so many times what they send at the busiest time, as at New Year.</summary>
    public double Burst { get; init; } = 4;

    public TimeSpan BurstLasts { get; init; } = TimeSpan.FromMinutes(15);
}
