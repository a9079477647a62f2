namespace Tieline.Doctor.Configuration;

/// <summary>One line of HAProxy's configuration.</summary>
internal sealed record HaproxyLine(ConfigText File, int Start, int End, IReadOnlyList<string> Words)
{
    public string Name => Words[0];

    public string Arg(int index) => index + 1 < Words.Count ? Words[index + 1] : "";

    public string Text => string.Join(' ', Words);

    public string Where => File.Where(Start);

    public bool Has(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i + words.Length <= Words.Count; i++)
        {
            var same = true;
            for (var k = 0; k < words.Length; k++) same &= Words[i + k] == words[k];
            if (same) return true;
        }
        return false;
    }
}

/// <summary>A section with its lines: global, defaults, frontend, backend, listen.</summary>
internal sealed record HaproxySection(string Kind, string Name, HaproxyLine Head, List<HaproxyLine> Lines)
{
    public IEnumerable<HaproxyLine> All(string name) => Lines.Where(l => l.Name == name);

    public HaproxyLine? Timeout(string what) => Lines.LastOrDefault(l => l.Name == "timeout" && l.Arg(0) == what);
}

internal static class HaproxySyntax
{
    private static readonly string[] _kinds = ["global", "defaults", "frontend", "backend", "listen", "resolvers", "userlist", "peers", "cache", "program", "ring", "http-errors", "mailers"];

    public static IReadOnlyList<HaproxySection> Parse(ConfigText file)
    {
        var sections = new List<HaproxySection>();
        var text = file.Text;
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            if (end < 0) end = text.Length;
            var start = at;
            at = end + 1;
            while (start < end && text[start] is ' ' or '\t') start++;
            var line = Uncommented(text[start..end].TrimEnd('\r'));
            if (line.Trim().Length == 0) continue;
            var words = ApacheSyntax.Words(line);
            var parsed = new HaproxyLine(file, start, start + line.TrimEnd().Length, words);
            if (_kinds.Contains(words[0])) sections.Add(new(words[0], words.Count > 1 ? words[1] : "", parsed, []));
            else if (sections.Count > 0) sections[^1].Lines.Add(parsed);
        }
        return sections;
    }

    private static string Uncommented(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] is '"' or '\'') quoted = !quoted;
            if (line[i] == '#' && !quoted && (i == 0 || line[i - 1] != '\\')) return line[..i];
        }
        return line;
    }

    /// <summary>HAProxy's times are milliseconds unless a unit stands behind; here seconds.</summary>
    public static double Seconds(string text) => text.Length > 0 && char.IsAsciiDigit(text[^1]) && double.TryParse(text, out var ms) ? ms / 1000 : NginxMatch.Seconds(text);
}
