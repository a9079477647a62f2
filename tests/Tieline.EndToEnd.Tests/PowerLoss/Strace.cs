using System.Globalization;
using System.Text.RegularExpressions;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>strace: how it is asked to write down whatever may change files, and how that is read.</summary>
internal static partial class Strace
{
    /// <summary>All by which a program can change a file, also those that Tieline does not use: the disk refuses a record with a call that it does not understand.</summary>
    private const string Traced = "open,openat,openat2,creat,write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,sync,syncfs,sync_file_range,msync," +
        "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,mknod,mknodat,copy_file_range,sendfile,splice,mmap,io_uring_setup,io_submit";

    /// <summary>What strace is given before the program.</summary>
    public static string[] Arguments(string record) =>
        ["-f", "-y", "-xx", "-s", "4194304", "--absolute-timestamps=format:unix,precision:ns", "--syscall-times=ns", "--seccomp-bpf", "-e", "trace=" + Traced, "-e", "signal=none", "-o", record];

    /// <summary>Fails in words where nothing may be traced.</summary>
    public static async Task ShouldWorkAsync()
    {
        var tried = await Command.RunAsync("strace", "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true");
        if (tried.ExitCode != 0)
            throw new InvalidOperationException("strace cannot trace here, so nothing can be said about a loss of power: ptrace is not permitted on this machine " +
                $"(in a container it needs --cap-add=SYS_PTRACE or a seccomp profile that allows it). It said: {tried.Errors}");
    }

    public static List<SystemCall> Read(string record)
    {
        var calls = new List<SystemCall>();
        var unfinished = new Dictionary<string, (string Text, long Begun)>();
        foreach (var line in File.ReadLines(record))
        {
            var parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 3) continue;
            var (thread, at, text) = (parts[0], Nanoseconds(parts[1]), parts[2]);
            // Detached: the process was killed in the middle of it.
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal) || text.EndsWith("<detached ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = (text[..text.LastIndexOf('<')].TrimEnd(), at);
                continue;
            }

            if (Resumed().Match(text) is { Success: true } resumed && unfinished.Remove(thread, out var first)) (text, at) = (first.Text + text[resumed.Length..], first.Begun);
            if (Parse(text, at) is { } call) calls.Add(call);
        }

        // These never returned, but may have had their effect.
        foreach (var (_, (text, begun)) in unfinished)
            if (Parse(text + ") = ?", begun) is { } call) calls.Add(call);
        calls.Sort((a, b) => a.Begun.CompareTo(b.Begun));
        return calls;
    }

    /// <summary>Null for a call that failed, and so changed nothing, and for what is no call.</summary>
    private static SystemCall? Parse(string text, long begun)
    {
        if (text.StartsWith("+++", StringComparison.Ordinal) || text.StartsWith("---", StringComparison.Ordinal)) return null;
        var (open, end) = (text.IndexOf('(', StringComparison.Ordinal), text.IndexOf(") ", StringComparison.Ordinal));
        var result = end > open && open > 0 ? Result().Match(text, end) : Match.Empty;
        if (!result.Success) throw new InvalidOperationException($"This line of strace is not understood: {text[..Math.Min(text.Length, 200)]} ... {text[^Math.Min(text.Length, 200)..]}");
        var ended = result.Groups["value"].Value != "?";
        var value = ended ? long.Parse(result.Groups["value"].Value, CultureInfo.InvariantCulture) : long.MaxValue;
        if (value < 0) return null;
        var returned = ended ? begun + Nanoseconds(result.Groups["took"].Value) : long.MaxValue;
        return new SystemCall(text[..open], text[(open + 1)..end].Split(", "), begun, returned, value, result.Groups["behind"].Value);
    }

    private static long Nanoseconds(string seconds) => (long)(decimal.Parse(seconds, CultureInfo.InvariantCulture) * 1_000_000_000);

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"\G\)\s+= (?<value>-?\d+|\?)(?<behind>\S*)[^<]*(<((?<took>[\d.]+)|unavailable)>)?$")]
    private static partial Regex Result();
}
