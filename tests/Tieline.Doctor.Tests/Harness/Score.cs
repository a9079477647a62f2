using System.Globalization;
using System.Text;

namespace Tieline.Doctor.Tests.Harness;

internal enum Mark { Exact, Family, Wrong }

/// <summary>How near a verdict came to the truth.</summary>
internal static class Score
{
    public static Mark Of(ProxyCase what, Outcome outcome)
    {
        var found = outcome.Verdict.Findings.Select(f => f.Entry.Cause).ToList();
        if (what.Healthy) return outcome.Verdict.Healthy ? Mark.Exact : Mark.Wrong;
        var wanted = what.Cause.Split('+');
        if (wanted.Length > 1 ? wanted.All(found.Contains) : found.FirstOrDefault() == wanted[0]) return Mark.Exact;
        var near = found.Count > 0 && (found[0].Split('.')[0] == wanted[0].Split('.')[0] || found.Contains(wanted[0]) || outcome.Verdict.Findings[0].Alternatives.Contains(wanted[0]));
        return near ? Mark.Family : Mark.Wrong;
    }

    public static string Table(IReadOnlyCollection<(ProxyCase Case, Sight Sight, Mark Mark, string Said)> marks)
    {
        var text = new StringBuilder("proxy        mode         faulty  exact  family  wrong | healthy  false alarms\n");
        foreach (var proxy in marks.Select(m => m.Case.Proxy).Distinct().Order(StringComparer.Ordinal).Append("all"))
        {
            foreach (var sight in Enum.GetValues<Sight>())
            {
                var rows = marks.Where(m => (proxy == "all" || m.Case.Proxy == proxy) && m.Sight == sight).ToList();
                if (rows.Count == 0) continue;
                var faulty = rows.Where(r => !r.Case.Healthy).ToList();
                int Count(Mark mark) => faulty.Count(r => r.Mark == mark);
                var healthy = rows.Where(r => r.Case.Healthy).ToList();
                text.Append(CultureInfo.InvariantCulture, $"{proxy,-12} {sight,-12} {faulty.Count,6} {Count(Mark.Exact),6} {Count(Mark.Family),7} {Count(Mark.Wrong),6} | {healthy.Count,7} {healthy.Count(r => r.Mark != Mark.Exact),13}\n");
            }
        }
        foreach (var miss in marks.Where(m => m.Mark != Mark.Exact)) text.Append(CultureInfo.InvariantCulture, $"  {miss.Mark,-6} {miss.Sight,-10} {miss.Case.Name,-38} is {miss.Case.Cause}, said {miss.Said}\n");
        return text.ToString();
    }
}
