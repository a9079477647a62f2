namespace Tieline.Doctor.Configuration;

/// <summary>One directive of a Caddyfile, or a site with its addresses as words.</summary>
internal sealed class CaddyNode(ConfigText file, CaddyNode? parent, IReadOnlyList<string> words, int start)
{
    public ConfigText File => file;
    public CaddyNode? Parent => parent;
    public IReadOnlyList<string> Words => words;
    public int Start => start;

    /// <summary>Offset behind the last word of the line, or behind the closing brace.</summary>
    public int End { get; set; }

    public int BodyStart { get; set; }
    public int BodyEnd { get; set; }
    public bool IsBlock { get; set; }
    public List<CaddyNode> Children { get; } = [];

    public string Name => words.Count == 0 ? "" : words[0];

    public string Arg(int index) => index + 1 < words.Count ? words[index + 1] : "";

    public IEnumerable<CaddyNode> All(string name) => Children.Where(c => c.Name == name);

    /// <summary>The node of a name anywhere below.</summary>
    public IEnumerable<CaddyNode> Deep(string name) => Children.SelectMany(c => (c.Name == name ? [c] : Array.Empty<CaddyNode>()).Concat(c.Deep(name)));

    public string Where => file.Where(start);

    /// <summary>The files that this block and those below came from.</summary>
    public IReadOnlyCollection<string> Files
    {
        get
        {
            // Without recursion: hostile files nest ten thousand deep.
            var found = new HashSet<string>(StringComparer.Ordinal) { file.Path };
            var waiting = new Stack<CaddyNode>(Children);
            while (waiting.TryPop(out var next))
            {
                found.Add(next.File.Path);
                foreach (var child in next.Children) waiting.Push(child);
            }
            return found;
        }
    }

    public string Text => string.Join(' ', words);
}

/// <summary>Reads Caddyfiles: a directive a line, a brace at the end of a line opens its block.</summary>
internal static class CaddySyntax
{
    private const int DeepestImport = 8;

    // Imports that import each other multiply: their number ends it before the memory does.
    private const int MostImports = 500;

    /// <summary>The file with everything it imports.</summary>
    public static CaddyNode Parse(ConfigText file)
    {
        var root = Read(file);
        var left = MostImports;
        Expand(root, root, Path.GetDirectoryName(Path.GetFullPath(file.Path)) ?? ".", 0, ref left);
        return root;
    }

    private static CaddyNode Read(ConfigText file)
    {
        var text = file.Text;
        var root = new CaddyNode(file, null, [], 0) { IsBlock = true, BodyEnd = text.Length, End = text.Length };
        var open = new Stack<CaddyNode>();
        open.Push(root);
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            if (end < 0) end = text.Length;
            var lineStart = at;
            at = end + 1;
            var start = lineStart;
            while (start < end && text[start] is ' ' or '\t') start++;
            var line = Uncommented(text[start..end]).TrimEnd();
            if (line.Length == 0) continue;
            if (line[0] == '}' && line.Trim() == "}")
            {
                if (open.Count > 1)
                {
                    var done = open.Pop();
                    done.BodyEnd = start;
                    done.End = start + 1;
                }
                continue;
            }
            // A site's addresses may go on over a comma at the end of the line.
            while (line.EndsWith(',') && at < text.Length)
            {
                end = text.IndexOf('\n', at);
                if (end < 0) end = text.Length;
                line += " " + Uncommented(text[at..end]).Trim();
                at = end + 1;
            }
            var opens = line == "{" || line.EndsWith(" {", StringComparison.Ordinal);
            var words = ApacheSyntax.Words(opens ? line[..^1] : line).Where(w => w.Length > 0).ToList();
            var node = new CaddyNode(file, open.Peek(), words, start) { End = Math.Min(text.Length, start + line.Length), BodyStart = Math.Min(text.Length, start + line.Length), IsBlock = opens };
            open.Peek().Children.Add(node);
            if (opens && open.Count < 40) open.Push(node);
        }
        return root;
    }

    /// <summary>Puts the content of snippets and files in the place of the <c>import</c> lines, as Caddy does; each node still knows where it is written.</summary>
    private static void Expand(CaddyNode block, CaddyNode root, string folder, int depth, ref int left)
    {
        for (var i = 0; i < block.Children.Count; i++)
        {
            var node = block.Children[i];
            if (node is not { Name: "import", IsBlock: false } || depth >= DeepestImport || --left < 0)
            {
                Expand(node, root, folder, depth, ref left);
                continue;
            }
            var wanted = node.Arg(0);
            var snippet = root.Children.FirstOrDefault(c => c.IsBlock && c.Name == $"({wanted})");
            var brought = snippet is not null ? snippet.Children : [.. Files(folder, wanted).Select(ConfigText.Load).OfType<ConfigText>().SelectMany(f => Read(f).Children)];
            if (brought.Count == 0) continue;
            string[] given = [.. node.Words.Skip(2)];
            block.Children.RemoveAt(i);
            // What is brought may import again: it is expanded in a block of its own, one level deeper.
            var shell = new CaddyNode(block.File, block.Parent, block.Words, block.Start) { IsBlock = true };
            shell.Children.AddRange(brought.Select(c => Copy(c, block, given)));
            Expand(shell, root, folder, depth + 1, ref left);
            block.Children.InsertRange(i, shell.Children);
            i += shell.Children.Count - 1;
        }
    }

    private static CaddyNode Copy(CaddyNode node, CaddyNode parent, string[] given)
    {
        var words = node.Words.Select(w => Filled(w, given)).ToList();
        var copy = new CaddyNode(node.File, parent, words, node.Start) { End = node.End, BodyStart = node.BodyStart, BodyEnd = node.BodyEnd, IsBlock = node.IsBlock };
        copy.Children.AddRange(node.Children.Select(c => Copy(c, copy, given)));
        return copy;
    }

    /// <summary>Both ways of writing an argument of an import.</summary>
    private static string Filled(string word, string[] given)
    {
        for (var i = 0; i < given.Length; i++)
            word = word.Replace($"{{args[{i}]}}", given[i], StringComparison.Ordinal).Replace($"{{args.{i}}}", given[i], StringComparison.Ordinal);
        return word;
    }

    private static IEnumerable<string> Files(string folder, string pattern)
    {
        var path = Path.Combine(folder, pattern);
        if (!pattern.Contains('*', StringComparison.Ordinal)) return [path];
        var where = Path.GetDirectoryName(path);
        return where is null || where.Contains('*', StringComparison.Ordinal) || !Directory.Exists(where) ? [] : Directory.EnumerateFiles(where, Path.GetFileName(path)).Order(StringComparer.Ordinal).Take(300);
    }

    private static string Uncommented(string line)
    {
        for (var i = 0; i < line.Length; i++)
            if (line[i] == '#' && (i == 0 || char.IsWhiteSpace(line[i - 1]))) return line[..i];
        return line.TrimEnd('\r');
    }
}
