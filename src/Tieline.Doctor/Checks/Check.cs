using Tieline.Doctor.Evidence;

namespace Tieline.Doctor.Checks;

/// <summary>One rung of the ladder.</summary>
/// <param name="Name">Stable name, shown by <c>--list-checks</c> and in the JSON.</param>
/// <param name="What">What it does, for a reader.</param>
/// <param name="When">Whether it can tell anything, given what is known already; else it stays silent.</param>
/// <param name="Run">Does it and says in a few words what came out.</param>
internal sealed record Check(string Name, string What, Func<CaseFile, bool> When, Func<CaseFile, CancellationToken, Task<string>> Run)
{
    /// <summary>Checks of one group may run side by side where the line is slow.</summary>
    public int Group { get; init; }
}

/// <summary>How a check went.</summary>
internal sealed record CheckResult(string Name, string Result, int Ms, Exception? Crash = null);
