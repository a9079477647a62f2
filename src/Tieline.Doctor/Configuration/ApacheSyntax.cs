using System.Text;

namespace Tieline.Doctor.Configuration;

/// <summary>One directive of Apache; a section has children.</summary>
internal sealed class ApacheDirective(ConfigText file, ApacheDirective? parent, string name, IReadOnlyList<string> args, int start, int end)
{
    public ConfigText File => file;
    public ApacheDirective? Parent => parent;
    public string Name => name;
    public IReadOnlyList<string> Args => args;

    /// <summary>Offset of the first character of the directive.</summary>
    public int Start => start;

    /// <summary>Offset of the line's end, without the line break.</summary>
    public int End => end;

    /// <summary>Offset of the closing line of a section.</summary>
    public int Close { get; set; }

    public List<ApacheDirective> Children { get; } = [];

    public string Arg(int index) => index < args.Count ? args[index] : "";

    public bool Is(string wanted) => name.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    public IEnumerable<ApacheDirective> All(string wanted) => Children.Where(c => c.Is(wanted));

    /// <summary>Directives of a name here and in sections below that do not choose by host.</summary>
    public IEnumerable<ApacheDirective> Deep(string wanted) => Children.SelectMany(c => c.Is(wanted) ? [c] : c.Children.Count > 0 && !c.Is("<VirtualHost") ? c.Deep(wanted) : []);

    public string Where => file.Where(start);

    /// <summary>The files that this section and those below came from.</summary>
    public IReadOnlyCollection<string> Files
    {
        get
        {
            // Without recursion: hostile files nest ten thousand deep.
            var found = new HashSet<string>(StringComparer.Ordinal) { file.Path };
            var waiting = new Stack<ApacheDirective>(Children);
            while (waiting.TryPop(out var next))
            {
                found.Add(next.File.Path);
                foreach (var child in next.Children) waiting.Push(child);
            }
            return found;
        }
    }

    public string Words => args.Count == 0 ? name : name + " " + string.Join(' ', args);
}

/// <summary>Reads Apache's line language: one directive a line, continued by a backslash, sections in angle brackets.</summary>
internal static class ApacheSyntax
{
    private const int DeepestInclude = 8;

    public static ApacheDirective Parse(ConfigText main)
    {
        var root = new ApacheDirective(main, null, "", [], 0, main.Text.Length) { Close = main.Text.Length };
        ReadInto(root, main, Path.GetDirectoryName(Path.GetFullPath(main.Path)) ?? ".", 0);
        return root;
    }

    private static void ReadInto(ApacheDirective root, ConfigText file, string folder, int depth)
    {
        var blocks = new Stack<ApacheDirective>();
        blocks.Push(root);
        var text = file.Text;
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            var end = LineEnd(text, at);
            at = end + 1;
            while (start < end && text[start] is ' ' or '\t') start++;
            var line = text[start..end].TrimEnd('\r').Replace("\\\n", " ", StringComparison.Ordinal).Replace("\\\r\n", " ", StringComparison.Ordinal).Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("</", StringComparison.Ordinal))
            {
                if (blocks.Count > 1) blocks.Pop().Close = start;
                continue;
            }
            var section = line[0] == '<';
            var words = Words(section ? line.TrimEnd('>') : line);
            var directive = new ApacheDirective(file, blocks.Peek(), words[0], [.. words.Skip(1)], start, end > start && text[end - 1] == '\r' ? end - 1 : end);
            // <IfModule> and its like are looked through: their content counts as if it stood there.
            blocks.Peek().Children.Add(directive);
            if (section && blocks.Count < 30) blocks.Push(directive);
            else if ((directive.Is("Include") || directive.Is("IncludeOptional")) && depth < DeepestInclude) Include(directive, blocks.Peek(), folder, depth);
            if (directive.Is("ServerRoot")) folder = directive.Arg(0);
        }
    }

    private static int LineEnd(string text, int at)
    {
        while (true)
        {
            var end = text.IndexOf('\n', at);
            if (end < 0) return text.Length;
            var before = end > 0 && text[end - 1] == '\r' ? end - 2 : end - 1;
            if (before < 0 || text[before] != '\\') return end;
            at = end + 1;
        }
    }

    internal static List<string> Words(string line)
    {
        var words = new List<string>();
        for (var i = 0; i < line.Length;)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
                continue;
            }
            var word = new StringBuilder();
            if (line[i] is '"' or '\'')
            {
                var quote = line[i++];
                while (i < line.Length && line[i] != quote)
                {
                    if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] == quote) i++;
                    word.Append(line[i++]);
                }
                i++;
            }
            else
            {
                while (i < line.Length && !char.IsWhiteSpace(line[i])) word.Append(line[i++]);
            }
            words.Add(word.ToString());
        }
        if (words.Count == 0) words.Add("");
        return words;
    }

    private static void Include(ApacheDirective directive, ApacheDirective into, string folder, int depth)
    {
        var pattern = Path.Combine(folder, directive.Arg(0));
        var where = Path.GetDirectoryName(pattern) ?? folder;
        if (where.Contains('*', StringComparison.Ordinal) || !Directory.Exists(where)) return;
        var name = Path.GetFileName(pattern);
        IEnumerable<string> files = name.Length == 0 ? [] : Directory.EnumerateFiles(where, name);
        foreach (var path in files.Order(StringComparer.Ordinal).Take(300))
        {
            if (ConfigText.Load(path) is not { } file) continue;
            var shell = new ApacheDirective(file, into.Parent, into.Name, into.Args, 0, 0);
            ReadInto(shell, file, folder, depth + 1);
            into.Children.AddRange(shell.Children);
        }
    }
}
