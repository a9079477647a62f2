using System.Text;

namespace Tieline.Doctor.Configuration;

/// <summary>One directive of nginx with its place in the text; a block has children.</summary>
internal sealed class NginxDirective(ConfigText file, NginxDirective? parent, string name, IReadOnlyList<string> args)
{
    public ConfigText File => file;

    public NginxDirective? Parent => parent;

    public string Name => name;

    public IReadOnlyList<string> Args => args;

    public List<NginxDirective> Children { get; } = [];

    public bool IsBlock { get; set; }

    /// <summary>Offset of the name.</summary>
    public int Start { get; set; }

    /// <summary>Offset behind the semicolon or the closing brace.</summary>
    public int End { get; set; }

    /// <summary>Offset behind the opening brace.</summary>
    public int BodyStart { get; set; }

    /// <summary>Offset of the closing brace.</summary>
    public int BodyEnd { get; set; }

    public string Arg(int index) => index < args.Count ? args[index] : "";

    /// <summary>Children with a name, included files counted in.</summary>
    public IEnumerable<NginxDirective> All(string wanted) => Children.Where(c => c.Name == wanted);

    public NginxDirective? One(string wanted) => Children.LastOrDefault(c => c.Name == wanted);

    public string Where => file.Where(Start);

    /// <summary>The files that this block and those below came from.</summary>
    public IReadOnlyCollection<string> Files
    {
        get
        {
            // Without recursion: hostile files nest ten thousand deep.
            var found = new HashSet<string>(StringComparer.Ordinal) { file.Path };
            var waiting = new Stack<NginxDirective>(Children);
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

/// <summary>
/// Reads nginx configuration into directives that know where they stand, so that an edit replaces a span and leaves
/// every other byte, comments included, alone. Broken text ends the reading early and never throws.
/// </summary>
internal sealed class NginxSyntax
{
    private const int DeepestInclude = 10;
    private const int DeepestBlock = 40;

    private readonly string _mainFolder;
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    private NginxSyntax(string mainFolder) => _mainFolder = mainFolder;

    public static NginxDirective Parse(ConfigText main)
    {
        var syntax = new NginxSyntax(Path.GetDirectoryName(Path.GetFullPath(main.Path)) ?? ".");
        var root = new NginxDirective(main, null, "", []) { IsBlock = true, BodyEnd = main.Text.Length, End = main.Text.Length };
        syntax._open.Add(Path.GetFullPath(main.Path));
        syntax.ReadInto(root, main, 0);
        return root;
    }

    private void ReadInto(NginxDirective root, ConfigText file, int depth)
    {
        var text = file.Text;
        var at = 0;
        var blocks = new Stack<NginxDirective>();
        blocks.Push(root);
        var words = new List<string>();
        var start = -1;
        while (at < text.Length)
        {
            var c = text[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
            }
            else if (c == '#')
            {
                while (at < text.Length && text[at] != '\n') at++;
            }
            else if (c is ';' or '{' or '}')
            {
                at++;
                Punctuate(c, at, file, blocks, words, start, depth);
                words.Clear();
                start = -1;
            }
            else
            {
                if (start < 0) start = at;
                words.Add(Word(text, ref at));
            }
        }
    }

    private void Punctuate(char c, int at, ConfigText file, Stack<NginxDirective> blocks, List<string> words, int start, int depth)
    {
        if (c == '}')
        {
            if (blocks.Count > 1)
            {
                var done = blocks.Pop();
                done.BodyEnd = at - 1;
                done.End = at;
            }
            return;
        }
        if (words.Count == 0) return;
        var directive = new NginxDirective(file, blocks.Peek(), words[0], [.. words.Skip(1)]) { Start = start, End = at, IsBlock = c == '{', BodyStart = at, BodyEnd = at };
        blocks.Peek().Children.Add(directive);
        if (c == '{' && blocks.Count < DeepestBlock) blocks.Push(directive);
        else if (directive is { Name: "include", Args.Count: 1 } && depth < DeepestInclude) Include(directive, blocks.Peek(), depth);
    }

    /// <summary>A word, with quotes and escapes taken off; <c>${name}</c> does not open a block.</summary>
    private static string Word(string text, ref int at)
    {
        var word = new StringBuilder();
        if (text[at] is '"' or '\'')
        {
            var quote = text[at++];
            while (at < text.Length && text[at] != quote)
            {
                if (text[at] == '\\' && at + 1 < text.Length && (text[at + 1] == quote || text[at + 1] == '\\')) at++;
                word.Append(text[at++]);
            }
            at++;
            return word.ToString();
        }
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not (';' or '}') && !(text[at] == '{' && (word.Length == 0 || word[^1] != '$')))
        {
            if (text[at] == '{')
            {
                while (at < text.Length && text[at] != '}') word.Append(text[at++]);
                if (at < text.Length) word.Append(text[at++]);
                continue;
            }
            if (text[at] == '\\' && at + 1 < text.Length) word.Append(text[at++]);
            word.Append(text[at++]);
        }
        return word.ToString();
    }

    private void Include(NginxDirective directive, NginxDirective into, int depth)
    {
        foreach (var path in Glob(Path.Combine(_mainFolder, directive.Arg(0))).Order(StringComparer.Ordinal).Take(500))
        {
            var full = Path.GetFullPath(path);
            // A file that includes itself must not turn for ever; the same file twice in a row is allowed.
            if (!_open.Add(full)) continue;
            if (ConfigText.Load(path) is { } file)
            {
                var shell = new NginxDirective(file, into.Parent, into.Name, into.Args) { IsBlock = true };
                ReadInto(shell, file, depth + 1);
                into.Children.AddRange(shell.Children);
            }
            _open.Remove(full);
        }
    }

    private static IEnumerable<string> Glob(string pattern)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal) && !pattern.Contains('?', StringComparison.Ordinal)) return [pattern];
        var folder = Path.GetDirectoryName(pattern);
        if (folder is null || folder.Contains('*', StringComparison.Ordinal) || !Directory.Exists(folder)) return [];
        return Directory.EnumerateFiles(folder, Path.GetFileName(pattern), new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden | FileAttributes.System });
    }
}
