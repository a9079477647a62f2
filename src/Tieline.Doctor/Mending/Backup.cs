namespace Tieline.Doctor.Mending;

/// <summary>Copies beside the files, and the way back. A link stays a link: its target is what is copied and written.</summary>
internal sealed class Backup
{
    private readonly List<(string Path, string Copy)> _copies = [];

    public Backup(IEnumerable<string> paths)
    {
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            var real = Real(path);
            var folder = Path.GetDirectoryName(real)!;
            // A folder whose every file is loaded must not load the copy: a leading dot keeps it out of the pattern.
            var dot = Path.GetFileName(folder).EndsWith("-enabled", StringComparison.Ordinal) ? "." : "";
            var copy = Path.Combine(folder, $"{dot}{Path.GetFileName(real)}.tieline-{DateTime.UtcNow:yyyyMMdd-HHmmss-fff}.bak");
            File.Copy(real, copy);
            _copies.Add((real, copy));
        }
    }

    public IReadOnlyList<(string Path, string Copy)> Copies => _copies;

    private static string Real(string path) => new FileInfo(path).ResolveLinkTarget(true)?.FullName ?? Path.GetFullPath(path);

    /// <summary>Writes into the file that is there, so that owner, rights and links stay.</summary>
    public static void Write(string path, string text)
    {
        using var stream = new FileStream(Real(path), FileMode.Open, FileAccess.Write, FileShare.Read);
        stream.SetLength(0);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        stream.Flush(true);
    }

    public void Restore()
    {
        foreach (var (path, copy) in _copies)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read);
            stream.SetLength(0);
            stream.Write(File.ReadAllBytes(copy));
            stream.Flush(true);
        }
    }
}
