using System.Collections.Concurrent;
using Tieline.Protocol.Findings;

namespace Tieline.Server.Diagnosis;

/// <summary>One attempt that failed, for the operator.</summary>
/// <param name="At">When it reached the server.</param>
/// <param name="Attempt">The name it gave itself, or a dash.</param>
/// <param name="Address">The client's address as far as the proxies are trusted to tell it.</param>
/// <param name="Peer">Who connected here: the client itself or the last proxy.</param>
/// <param name="Answer">HTTP status, or the close code of a socket that was accepted to be told why.</param>
/// <param name="Reason">What it was answered.</param>
/// <param name="Request">What arrived.</param>
internal sealed record FailedAttempt(DateTimeOffset At, string Attempt, string Address, string Peer, int Answer, string Reason, SeenRequest Request);

/// <summary>All that failed for one cause.</summary>
internal sealed record Trouble(FindingEntry Finding, long Count, DateTimeOffset First, IReadOnlyList<FailedAttempt> Latest)
{
    public DateTimeOffset Last => Latest[^1].At;
}

/// <summary>
/// Recent attempts that failed, by cause. A cause keeps its latest few and a count, so that a flood of one cause costs nothing
/// and drives out no other; one that was not seen for a day is forgotten.
/// </summary>
internal sealed class Troubles(TimeProvider time)
{
    private const int LatestKept = 10;
    private static readonly TimeSpan _keptFor = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Trouble> _byCause = new(StringComparer.Ordinal);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Trouble> Recent
    {
        get
        {
            Forget();
            return [.. _byCause.Values.OrderByDescending(trouble => trouble.Last)];
        }
    }

    public void Add(string cause, FailedAttempt failed)
    {
        Forget();
        var finding = FindingCatalogue.OfCause(cause)!;
        _byCause.AddOrUpdate(cause, _ => new Trouble(finding, 1, failed.At, [failed]),
            (_, known) => known with { Count = known.Count + 1, Latest = [.. known.Latest.TakeLast(LatestKept - 1), failed] });
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var trouble in _byCause)
            if (now - trouble.Value.Last > _keptFor) _byCause.TryRemove(trouble);
    }
}
