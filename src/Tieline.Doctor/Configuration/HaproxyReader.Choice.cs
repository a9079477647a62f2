namespace Tieline.Doctor.Configuration;

internal sealed partial class HaproxyReader
{
    /// <summary>The backend that the rules choose, and the line that chose it.</summary>
    private static (HaproxySection? Back, HaproxyLine? By) BackendOf(HaproxySection front, IReadOnlyList<HaproxySection> sections, ReadingQuestion q)
    {
        if (front.Kind == "listen" && front.All("server").Any()) return (front, null);
        HaproxySection? Named(string name) => sections.FirstOrDefault(s => s.Kind is "backend" or "listen" && s.Name == name);
        foreach (var use in front.All("use_backend"))
            if (Holds(Condition(use), front, q)) return (Named(use.Arg(0)), use);
        var fallback = front.All("default_backend").LastOrDefault();
        return fallback is null ? (null, null) : (Named(fallback.Arg(0)), fallback);
    }

    private static List<string> Condition(HaproxyLine line)
    {
        var at = line.Words.ToList().FindIndex(w => w is "if" or "unless");
        if (at < 0) return [];
        var words = line.Words.Skip(at + 1).ToList();
        if (line.Words[at] == "unless") words.Insert(0, "!unless");
        return words;
    }

    /// <summary>Conditions are alternatives joined by `or` of terms that must all hold.</summary>
    private static bool Holds(List<string> words, HaproxySection front, ReadingQuestion q)
    {
        if (words.Count == 0) return true;
        var negated = words[0] == "!unless";
        if (negated) words = words[1..];
        var any = false;
        var all = true;
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] is "or" or "||")
            {
                any |= all;
                all = true;
                continue;
            }
            if (words[i] is "{" or "!{")
            {
                var end = words.IndexOf("}", i);
                if (end < 0) end = words.Count;
                all &= Term(words[(i + 1)..end], q) ^ words[i] == "!{";
                i = end;
                continue;
            }
            var not = words[i].StartsWith('!');
            var name = words[i].TrimStart('!');
            all &= front.All("acl").Any(a => a.Arg(0) == name && Term([.. a.Words.Skip(2)], q)) ^ not;
        }
        return (any || all) ^ negated;
    }

    private static bool Term(List<string> words, ReadingQuestion q)
    {
        if (words.Count == 0) return false;
        var fetch = words[0];
        var ignoreCase = words.Contains("-i");
        var values = words.Skip(1).Where(w => !w.StartsWith('-')).ToList();
        var how = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var subject = fetch.Contains("host", StringComparison.OrdinalIgnoreCase) ? q.Host
            : fetch.Contains("upgrade", StringComparison.OrdinalIgnoreCase) && fetch.Contains("hdr", StringComparison.Ordinal) ? "websocket"
            : fetch.Contains("connection", StringComparison.OrdinalIgnoreCase) && fetch.Contains("hdr", StringComparison.Ordinal) ? "Upgrade"
            : fetch.StartsWith("path", StringComparison.Ordinal) || fetch.StartsWith("url", StringComparison.Ordinal) ? q.Path
            : null;
        if (subject is null) return false;
        var match = words.IndexOf("-m") is var m && m >= 0 && m + 1 < words.Count ? words[m + 1] : fetch.Contains("_beg", StringComparison.Ordinal) ? "beg" : fetch.Contains("_end", StringComparison.Ordinal) ? "end" : fetch.Contains("_reg", StringComparison.Ordinal) ? "reg" : fetch.Contains("_sub", StringComparison.Ordinal) ? "sub" : fetch.Contains("_dir", StringComparison.Ordinal) ? "dir" : "str";
        if (match == "found") return true;
        return values.Any(v => match switch
        {
            "beg" => subject.StartsWith(v, how),
            "end" => subject.EndsWith(v, how),
            "sub" => subject.Contains(v, how),
            "dir" => subject.Split('/').Contains(v.Trim('/')),
            "reg" => NginxMatch.Matches(v, subject, ignoreCase),
            _ => subject.Equals(v, how),
        });
    }

    private static void JudgeChoice(HaproxySection front, HaproxySection back, HaproxyLine? by, IReadOnlyList<HaproxySection> sections, List<Clue> clues, ReadingQuestion q)
    {
        var rivals = sections.Where(s => s.Kind == "backend" && s != back && s.All("server").Any()).ToList();
        if (by is null || rivals.Count == 0) return;
        // Several backends: a rule, or the lack of one, may have chosen the wrong one. Which is right shows by what answers.
        var known = q.Backend is { } wanted && !back.All("server").Any(s => SamePort(s.Arg(1), wanted)) && rivals.Any(r => r.All("server").Any(s => SamePort(s.Arg(1), wanted)));
        var right = known ? rivals.First(r => r.All("server").Any(s => SamePort(s.Arg(1), q.Backend!))) : null;
        clues.Add(new("proxy.location_mismatch", known ? 110 : 50, $"{by.Where}: {by.Text} sends {q.Path} to '{back.Name}'{(right is null ? "" : $", the server {q.Backend} is in '{right.Name}'")}")
        {
            Edits = right is null ? [] : [new(by.File.Path, by.Start, 0, $"use_backend {right.Name} if {{ path_beg {q.Folder}/ }}{by.File.NewLine}{by.File.IndentAt(by.Start)}")],
        });
        if (by.Name == "default_backend" && front.All("acl").Concat(front.All("use_backend")).Any(l => l.Text.Contains("host", StringComparison.OrdinalIgnoreCase)))
            clues.Add(new("proxy.wrong_vhost", known ? 112 : 60, $"{by.Where}: no rule for {q.Host} held, so {by.Text}"));
    }

    private static bool SamePort(string a, string b) => a.Split(':')[^1] == b.Split(':')[^1];
}
