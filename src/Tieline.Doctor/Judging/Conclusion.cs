using Tieline.Doctor.Checks;
using Tieline.Doctor.Evidence;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Judging;

/// <summary>Turns weighed suspects into findings: one cause, one finding; what cannot be told apart is said.</summary>
internal static class Conclusion
{
    private const int MostAlternatives = 5;

    public static Verdict Draw(CaseFile file, Suspects suspects, IReadOnlyList<string> notes, IReadOnlyList<CheckResult> checks, Func<string, IReadOnlyList<Remedy>> remedies, Finding? misplaced, string frontName)
    {
        var findings = new List<Finding>();
        var ranked = suspects.Ranked().Where(s => FindingCatalogue.OfCause(s.Cause) is not null).ToList();
        if (ranked.Count > 0 && (!file.Opened || ranked[0].Weight >= Suspects.Likely))
        {
            findings.Add(Make(ranked[0], ranked, remedies, frontName));
            foreach (var second in ranked.Skip(1))
                if (IsFaultOfItsOwn(second, ranked[0], file.Opened) && findings.All(f => Group(f.Entry.Cause) != Group(second.Cause)))
                    findings.Add(Make(second, [second], remedies, frontName));
        }
        else if (!file.Opened)
        {
            findings.Add(new Finding(FindingCatalogue.OfCause("doctor.undecided")!)
            {
                Saw = [file.First.Summary()],
                Fixes = [Plain(FindingCatalogue.OfCause("doctor.undecided")!)],
            });
        }
        // A line that works is no worse for it: then it is a note.
        if (misplaced is not null && !file.Opened) findings.Add(misplaced);
        foreach (var crashed in checks.Where(c => c.Crash is not null))
            findings.Add(new Finding(FindingCatalogue.OfCause("doctor.check_crashed")!) { Saw = [$"{crashed.Name}: {crashed.Crash!.GetType().Name}: {Probes.Answer.Clip(crashed.Crash.Message, 200)}"] });
        return new Verdict(file.Opened && findings.Count == 0, findings, misplaced is not null && file.Opened ? [.. notes, $"{misplaced.Entry.Title}: {string.Join("; ", misplaced.Saw)}"] : notes);
    }

    /// <summary>
    /// Two faults give two findings: beside a line that opens, whatever is proven of another kind; beside one that does
    /// not, only what is proven outright, since everything else may be the same fault under another name.
    /// </summary>
    private static bool IsFaultOfItsOwn(Suspect second, Suspect first, bool opened)
    {
        if (Group(first.Cause) == Group(second.Cause)) return false;
        if (opened) return second.Weight >= Suspects.Likely + 20;
        return second.Weight >= Suspects.SecondFault;
    }

    /// <summary>Causes of one group are rival explanations of one symptom.</summary>
    private static string Group(string cause) => cause.Split('.')[0] switch
    {
        "limit" => "limit",
        "tunnel" => "line",
        "chain" => cause.Contains("idle", StringComparison.Ordinal) ? "line" : "proxy",
        "upstream" or "proxy" => "proxy",
        var other => other,
    };

    private static Finding Make(Suspect top, List<Suspect> ranked, Func<string, IReadOnlyList<Remedy>> remedies, string frontName)
    {
        var entry = FindingCatalogue.OfCause(top.Cause)!;
        var alternatives = ranked.Where(s => s.Cause != top.Cause && s.Weight >= Suspects.Possible)
            .Take(MostAlternatives).Select(s => s.Cause).ToList();
        // What stands proven leaves no room for what is merely possible.
        if (top.Weight >= Suspects.SecondFault && ranked.Count > 1 && top.Weight - ranked[1].Weight >= Suspects.Likely + 20) alternatives.Clear();
        var exact = remedies(top.Cause);
        return new Finding(entry)
        {
            Saw = [.. top.Saw],
            Fixes = exact.Count > 0 ? exact : [Plain(entry) with { Text = Recipe.Of(entry.Cause, frontName) is { Length: > 0 } lines ? $"{entry.Fix} {lines}" : entry.Fix }],
            Alternatives = alternatives,
            Decider = alternatives.Count == 0 ? "" : DeciderOf(top.Cause, alternatives),
        };
    }

    private static Remedy Plain(FindingEntry entry) => new(entry.Fix, entry.Confidence == FixConfidence.Certain ? FixConfidence.Review : entry.Confidence);

    /// <summary>The one further look that would decide.</summary>
    private static string DeciderOf(string cause, List<string> alternatives)
    {
        bool Any(string prefix) => cause.StartsWith(prefix, StringComparison.Ordinal) || alternatives.Any(a => a.StartsWith(prefix, StringComparison.Ordinal));
        if (Any("backend.") && Any("proxy.")) return "a handshake straight at the server: --backend http://127.0.0.1:PORT";
        if (Any("upstream.")) return "the proxy's error log at the moment of the failure: --log FILE";
        if (Any("proxy.") || Any("policy.") || Any("limit.")) return "the proxy's configuration: --config FILE";
        return "the same command on the server, with --backend, --config and --log";
    }
}
