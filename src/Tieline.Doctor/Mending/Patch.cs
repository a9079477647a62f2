using Tieline.Doctor.Configuration;

namespace Tieline.Doctor.Mending;

/// <summary>Edits put into the files they belong to; nothing is written here.</summary>
internal sealed record Patch(IReadOnlyList<(string Path, string Before, string After)> Files)
{
    public static Patch Of(IEnumerable<Edit> edits)
    {
        var files = new List<(string, string, string)>();
        foreach (var group in edits.GroupBy(e => e.Path, StringComparer.Ordinal))
        {
            if (ConfigText.Load(group.Key) is not { } file) continue;
            var after = Apply(file.Text, group);
            if (after != file.Text) files.Add((group.Key, file.Text, after));
        }
        return new Patch(files);
    }

    /// <summary>From the end to the beginning, so that offsets stay true; an edit that overlaps another is left out.</summary>
    internal static string Apply(string text, IEnumerable<Edit> edits)
    {
        var end = text.Length + 1;
        foreach (var edit in edits.OrderByDescending(e => e.Start).ThenByDescending(e => e.Length))
        {
            if (edit.Start < 0 || edit.Start + edit.Length > Math.Min(text.Length, end)) continue;
            text = text[..edit.Start] + edit.Text + text[(edit.Start + edit.Length)..];
            end = edit.Start;
        }
        return text;
    }

    public string Diff => string.Concat(Files.Select(f => TextDiff.Of(f.Path, f.Before, f.After)));
}
