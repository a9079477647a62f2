namespace Tieline.Load;

/// <summary>Who sits at a line. <paramref name="Id"/> is how the contender addresses this person.</summary>
internal sealed record Person(int Number, string Id, string Token);
