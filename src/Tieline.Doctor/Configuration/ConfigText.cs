namespace Tieline.Doctor.Configuration;

/// <summary>One configuration file as it lies on the disk.</summary>
internal sealed record ConfigText(string Path, string Text)
{
    private const long Limit = 4 * 1024 * 1024;

    public static ConfigText? Load(string path)
    {
        try
        {
            var info = new FileInfo(path);
            return info.Exists && info.Length <= Limit ? new ConfigText(path, File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    public int LineOf(int offset) => 1 + Text.AsSpan(0, Math.Min(offset, Text.Length)).Count('\n');

    /// <summary>The blanks that begin the line in which <paramref name="offset"/> lies.</summary>
    public string IndentAt(int offset)
    {
        var start = Text.LastIndexOf('\n', Math.Max(0, Math.Min(offset, Text.Length) - 1)) + 1;
        var end = start;
        while (end < Text.Length && Text[end] is ' ' or '\t') end++;
        return Text[start..end];
    }

    public string NewLine => Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    public string Where(int offset) => $"{Path}:{LineOf(offset)}";
}

/// <summary>One replacement in a file. Everything outside of it stays as it is, byte for byte.</summary>
internal sealed record Edit(string Path, int Start, int Length, string Text);

/// <summary>Something in a configuration, or in a log, that explains a failure.</summary>
/// <param name="Cause">The cause it speaks for.</param>
/// <param name="Weight">How strongly, once the symptom fits.</param>
/// <param name="Saw">Where it stands and what it says.</param>
internal sealed record Clue(string Cause, int Weight, string Saw)
{
    /// <summary>What would put it right; empty where only a person knows.</summary>
    public IReadOnlyList<Edit> Edits { get; init; } = [];

    /// <summary>A word about the change.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>A command that puts it right, where no file needs to change.</summary>
    public string Command { get; init; } = "";
}

/// <summary>What the configuration says about the way of one request.</summary>
internal sealed record Reading(string Proxy)
{
    public IReadOnlyList<Clue> Clues { get; init; } = [];

    /// <summary>The block that serves the socket passes the upgrade on as it should.</summary>
    public bool? ForwardsUpgrade { get; init; }

    /// <summary>Where the block sends it: host:port, unix:PATH; empty when unknown.</summary>
    public IReadOnlyList<string> Upstreams { get; init; } = [];

    /// <summary>The block speaks TLS to the server.</summary>
    public bool UpstreamTls { get; init; }

    /// <summary>The file whose process is looked for.</summary>
    public string MainFile { get; init; } = "";

    /// <summary>Every file that was read, included ones too.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The file whose block serves the name by its name; empty where only a default answers.</summary>
    public string NamedIn { get; init; } = "";

    /// <summary>Seconds after which this proxy cuts a silent line, and what says so; null where it cuts none.</summary>
    public (double Seconds, string By)? Idle { get; init; }

    /// <summary>Some block listens on the port that was asked.</summary>
    public bool Listens { get; init; }

    public static Clue Clue(string cause, int weight, string saw) => new(cause, weight, saw);
}
