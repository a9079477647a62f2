using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Tieline.Doctor.Configuration;
using Tieline.Doctor.Mending;

namespace Tieline.Doctor.Evidence;

/// <summary>
/// A program of this machine that listens on a port, as /proc shows it to whoever may look: how it was started, what it reads and
/// where it writes. Nothing is found where the system has no /proc or the caller may not see it, and then nothing is said.
/// </summary>
internal sealed record LocalProgram(int Pid, IReadOnlyList<string> Command, string Folder)
{
    private const int MostLogs = 8;

    public static LocalProgram? On(int port)
    {
        var sockets = Sockets(port);
        if (sockets.Count == 0) return null;
        var holders = new List<(int Pid, int Parent)>();
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            if (Links(entry + "/fd").Any(l => sockets.Contains(l.Target)) && ProxyProgram.ParentOf(pid) is { } parent) holders.Add((pid, parent));
        }
        // Workers hold what their master opened; the master knows the file.
        var master = holders.FirstOrDefault(h => holders.All(o => o.Pid != h.Parent));
        if (master.Pid == 0 || ProxyProgram.CommandOf($"/proc/{master.Pid}") is not { Length: > 0 } command) return null;
        return new LocalProgram(master.Pid, command, Target($"/proc/{master.Pid}/cwd") ?? "/");
    }

    /// <summary>True where connections to this address end on this machine.</summary>
    public static bool IsHere(string address) =>
        IPAddress.TryParse(address, out var parsed) && (IPAddress.IsLoopback(parsed) || NetworkInterface.GetAllNetworkInterfaces().Any(i => i.GetIPProperties().UnicastAddresses.Any(u => u.Address.Equals(parsed))));

    /// <summary>The configuration it was started with, if it is in a language that can be read.</summary>
    public string? ConfigFile
    {
        get
        {
            var folders = new List<string> { Folder };
            for (var i = 0; i + 1 < Command.Count; i++)
                if (Command[i] is "-p" or "-d") folders.Insert(0, Command[i + 1]);
            var named = Command.Skip(1).Select(a => a.StartsWith("--", StringComparison.Ordinal) && a.Contains('=', StringComparison.Ordinal) ? a[(a.IndexOf('=', StringComparison.Ordinal) + 1)..] : a)
                .Where(a => a.Length > 0 && a[0] != '-').SelectMany(a => folders.Select(f => Path.Combine(f, a)));
            return named.Concat(ProxyProgram.UsualFiles(Path.GetFileName(Command[0]))).FirstOrDefault(Readable);
        }
    }

    /// <summary>Files of proxies that do not run: in the folder of one that does, and where they usually lie.</summary>
    public static IEnumerable<string> FilesBeside(string main)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(main));
        IEnumerable<string> beside = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Take(50) : [];
        return beside.Concat(ProxyProgram.Known.SelectMany(ProxyProgram.UsualFiles)).Where(f => f != main).Distinct();
    }

    private static bool Readable(string path) => ConfigText.Load(path) is { } text && Lint.Readers.Any(r => r.Recognizes(text));

    /// <summary>Files that it appends to, its output included.</summary>
    public IReadOnlyList<string> Logs =>
        [.. Links($"/proc/{Pid}/fd").Where(l => l.Target.StartsWith('/') && !l.Target.StartsWith("/dev/", StringComparison.Ordinal) && File.Exists(l.Target) && Appends(l.Number)).Select(l => l.Target).Distinct().Take(MostLogs)];

    private bool Appends(string number)
    {
        try
        {
            var flags = File.ReadLines($"/proc/{Pid}/fdinfo/{number}").First(l => l.StartsWith("flags:", StringComparison.Ordinal));
            var bits = Convert.ToInt64(flags["flags:".Length..].Trim(), 8);
            return (bits & 3) == 1 && ((bits & 0x400) != 0 || number is "1" or "2");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Listening sockets of a port as links to them are written.</summary>
    private static HashSet<string> Sockets(int port)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table)) continue;
            foreach (var row in File.ReadLines(table).Skip(1))
            {
                var parts = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (parts.Length > 9 && parts[3] == "0A" && parts[1].EndsWith(":" + port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal)) found.Add($"socket:[{parts[9]}]");
            }
        }
        return found;
    }

    private static IEnumerable<(string Number, string Target)> Links(string folder)
    {
        string[] entries;
        try
        {
            entries = Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (var entry in entries)
            if (Target(entry) is { } target) yield return (Path.GetFileName(entry), target);
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
