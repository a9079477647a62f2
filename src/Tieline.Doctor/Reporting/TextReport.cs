using System.Globalization;
using System.Text;
using Tieline.Doctor.Judging;
using Tieline.Doctor.Mending;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Reporting;

/// <summary>The report for people: the picture of the path, then each finding with what was seen, why, and what to do.</summary>
internal sealed class TextReport(Masking masking, bool colour)
{
    private readonly StringBuilder _text = new();

    public string Write(Outcome outcome)
    {
        _text.Append('\n').Append(Picture(outcome)).Append('\n');
        if (outcome.Verdict.Healthy)
        {
            var line = outcome.File.Line!;
            Line(Green("Healthy."), $" The socket opens in {outcome.File.First.Ms} ms, a ping comes back{(line.DataFrames > 0 ? ", the server's first frame arrives" : "")}.");
        }
        foreach (var finding in outcome.Verdict.Findings) WriteFinding(finding);
        foreach (var note in outcome.Verdict.Notes) Line("\nNote: ", note);
        return masking.Hide(_text.ToString());
    }

    private void WriteFinding(Finding finding)
    {
        Line("\n" + Red($"{finding.Entry.Code} {finding.Entry.Title}"), $"  ({finding.Entry.Cause}, layer: {JsonReport.LayerName(finding.Entry.Layer)})");
        foreach (var saw in finding.Saw.Take(6)) Line("  Seen: ", saw);
        Line("  Why:  ", finding.Entry.Why);
        var number = 1;
        foreach (var fix in finding.Fixes)
        {
            Line($"  Fix {number++} ({fix.ConfidenceWord}): ", fix.Text);
            if (fix.Command.Length > 0) Line("        $ ", fix.Command);
            foreach (var row in fix.Diff.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Line("        ", row.StartsWith('+') ? Green(row) : row.StartsWith('-') ? Red(row) : row);
        }
        if (Mender.Remedy(finding) is not null) Line("        ", "--fix does this: backup, edit, the proxy's own test, reload, proof, and back again if one of them fails.");
        if (finding.Alternatives.Count == 0) return;
        Line("  Could also be: ", string.Join("; ", finding.Alternatives.Select(Named)));
        if (finding.Decider.Length > 0) Line("  This would decide it: ", finding.Decider);
    }

    private static string Named(string cause) => FindingCatalogue.OfCause(cause) is { } e ? $"{e.Code} {InSentence(e.Title)}" : cause;

    /// <summary>Names keep their capitals: WebSockets, TLS, HTTP.</summary>
    private static string InSentence(string title) => title.Split(' ')[0].Skip(1).Any(char.IsUpper) ? title : char.ToLowerInvariant(title[0]) + title[1..];

    private void Line(string head, string body) => _text.Append(head).Append(body).Append('\n');

    private string Red(string text) => colour ? $"\e[31m{text}\e[0m" : text;

    private string Green(string text) => colour ? $"\e[32m{text}\e[0m" : text;

    /// <summary>you, DNS, TCP, TLS, proxy, application: a line up to the broken link, and a cross on it.</summary>
    private string Picture(Outcome outcome)
    {
        var file = outcome.File;
        var first = file.First;
        var stations = new List<(string Name, string Detail, FindingLayer Layer)> { ("you", "", 0) };
        if (file.Options.ForwardProxy is { } forward) stations.Add(("forward proxy", forward.Authority, FindingLayer.Tcp));
        stations.Add(("DNS", file.Addresses.Count > 0 ? string.Join(", ", file.Addresses.Take(2)) : "", FindingLayer.Name));
        stations.Add(("TCP", file.Target.Front.Port.ToString(CultureInfo.InvariantCulture), FindingLayer.Tcp));
        if (file.Target.Front.Secure) stations.Add(("TLS", first.Tls?.Protocol ?? "", FindingLayer.Tls));
        if (outcome.FrontName.Length > 0 || outcome.Readings.Count > 0) stations.Add(("proxy", outcome.Readings.Count > 0 ? string.Join(", ", outcome.Readings.Select(r => r.Proxy)) : outcome.FrontName, FindingLayer.Proxy));
        stations.Add(("server", file.Options.Backend?.Authority ?? "", FindingLayer.Application));
        var cross = outcome.Verdict.Findings.Count == 0 ? -1 : Broken(outcome.Verdict.Findings[0].Entry, stations);
        var top = new StringBuilder("  ");
        var under = new StringBuilder("  ");
        for (var i = 0; i < stations.Count; i++)
        {
            var (name, detail, _) = stations[i];
            if (i > 0)
            {
                top.Append(cross >= 0 && i > cross ? " ··· " : i == cross ? Red(" ──✗ ") : " ─── ");
                under.Append("     ");
            }
            var width = Math.Max(name.Length, detail.Length);
            top.Append(name.PadRight(width));
            under.Append(detail.PadRight(width));
        }
        if (cross == stations.Count) top.Append(Red(" ✗"));
        return $"{file.Target.Display}\n\n{top.ToString().TrimEnd()}\n{under.ToString().TrimEnd()}\n";
    }

    /// <summary>The station that the line does not reach: a proxy's fault breaks it behind the proxy, a server's own behind the server.</summary>
    private static int Broken(FindingEntry entry, List<(string Name, string Detail, FindingLayer Layer)> stations)
    {
        var server = stations.Count - 1;
        return entry.Layer switch
        {
            FindingLayer.Application => entry.Cause.StartsWith("backend.", StringComparison.Ordinal) ? stations.Count : server,
            FindingLayer.Token or FindingLayer.Storage => stations.Count,
            FindingLayer.Proxy or FindingLayer.Line or FindingLayer.Configuration => server,
            var layer => Math.Max(1, stations.FindIndex(s => s.Layer >= layer)),
        };
    }

    public static string Explain(FindingEntry entry) => $"""
        {entry.Code} {entry.Title}
        cause: {entry.Cause}    layer: {JsonReport.LayerName(entry.Layer)}

        {entry.Why}
        Fix ({new Remedy("", entry.Confidence).ConfidenceWord}): {entry.Fix}
        More, with a way to reproduce it: docs/doctor/{entry.Code}.md

        """;
}
