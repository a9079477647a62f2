using System.Diagnostics;
using System.Globalization;

namespace Tieline.Doctor.Mending;

/// <summary>A running proxy that reads a given configuration file, found in the process table.</summary>
internal sealed partial record ProxyProgram(string Proxy, string MainFile, int Pid, IReadOnlyList<string> Command, DateTime NewestStart)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>The process, or null when none reads the file or this system has no /proc.</summary>
    public static ProxyProgram? Find(string proxy, string mainFile)
    {
        if (!Directory.Exists("/proc/self")) return null;
        var program = proxy == "apache" ? "apache2" : proxy;
        var wanted = Path.GetFullPath(mainFile);
        var found = new List<(int Pid, int Parent, string[] Command, DateTime Start)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            if (CommandOf(folder) is not { Length: > 0 } command || !command[0].Contains(program, StringComparison.Ordinal)) continue;
            if (StatOf(folder) is { } stat) found.Add((pid, stat.Parent, command, stat.Start));
        }
        bool Reads(string[] command) => command.Any(a => a == wanted) || (IsDefault(proxy, wanted) && !command.Any(a => a is "-c" or "-f" or "--config"));
        var masters = found.Where(p => Reads(p.Command) && found.All(o => o.Pid != p.Parent || !Reads(o.Command))).ToList();
        if (masters.Count == 0) return null;
        var master = masters[0];
        // Workers are replaced by a reload, the master is not: the newest of them tells when the file was read last.
        // Apache also starts further ones without reading anything: there it is the older half that tells.
        var children = found.Where(p => p.Parent == master.Pid).Select(p => p.Start).Order().ToList();
        return new ProxyProgram(proxy, wanted, master.Pid, master.Command, children.Count == 0 ? master.Start : proxy == "apache" ? children[(children.Count - 1) / 2] : children[^1]);
    }

    /// <summary>The files that running programs of this kind were started with, for a file that is only a part of one.</summary>
    public static IReadOnlyList<string> MainFiles(string proxy)
    {
        if (!Directory.Exists("/proc/self")) return [];
        var program = proxy == "apache" ? "apache2" : proxy;
        var files = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _)) continue;
            if (CommandOf(folder) is not { Length: > 0 } command || !Path.GetFileName(command[0]).Contains(program, StringComparison.Ordinal) || command[0].EndsWith("worker", StringComparison.Ordinal)) continue;
            var flag = Array.FindIndex(command, a => a is "-c" or "-f" or "--config");
            files.Add(flag >= 0 && flag + 1 < command.Length ? command[flag + 1] : DefaultOf(proxy));
        }
        return [.. files.Where(f => Path.IsPathRooted(f) && File.Exists(f)).Distinct()];
    }

    private static bool IsDefault(string proxy, string path) => path == DefaultOf(proxy);

    private static string DefaultOf(string proxy) => UsualFiles(proxy) is [var first, ..] ? first : "";

    public static readonly IReadOnlyList<string> Known = ["nginx", "apache", "haproxy", "caddy"];

    /// <summary>Where a program looks that was not told; the first is Debian's place.</summary>
    public static IReadOnlyList<string> UsualFiles(string program) => program switch
    {
        "nginx" => ["/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf"],
        "openresty" => ["/usr/local/openresty/nginx/conf/nginx.conf"],
        "apache" or "apache2" or "httpd" => ["/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf"],
        "haproxy" => ["/etc/haproxy/haproxy.cfg"],
        "caddy" => ["/etc/caddy/Caddyfile"],
        "varnishd" => ["/etc/varnish/default.vcl"],
        "lighttpd" => ["/etc/lighttpd/lighttpd.conf"],
        "h2o" => ["/etc/h2o/h2o.conf"],
        "squid" => ["/etc/squid/squid.conf"],
        _ => [],
    };

    /// <summary>nginx writes its command into one string and calls itself by role; both are split into words.</summary>
    internal static string[]? CommandOf(string folder)
    {
        try
        {
            var text = File.ReadAllText(folder + "/cmdline").TrimEnd('\0');
            if (text.StartsWith("nginx: ", StringComparison.Ordinal)) return text["nginx: ".Length..].Replace("master process ", "", StringComparison.Ordinal) is var t && t.StartsWith("worker", StringComparison.Ordinal) ? ["nginx worker"] : t.Split(' ', '\0');
            return text.Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static int? ParentOf(int pid) => StatOf($"/proc/{pid}")?.Parent;

    private static (int Parent, DateTime Start)? StatOf(string folder)
    {
        try
        {
            var stat = File.ReadAllText(folder + "/stat");
            var parts = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var boot = File.ReadLines("/proc/stat").First(l => l.StartsWith("btime ", StringComparison.Ordinal));
            var seconds = long.Parse(boot.AsSpan(6), CultureInfo.InvariantCulture) + (double.Parse(parts[19], CultureInfo.InvariantCulture) / 100);
            return (int.Parse(parts[1], CultureInfo.InvariantCulture), DateTime.UnixEpoch.AddSeconds(seconds));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>True where the file was changed after the running process read it.</summary>
    public bool IsStale(string file) => File.Exists(file) && File.GetLastWriteTimeUtc(file) > NewestStart.AddSeconds(1.2);

    private string? After(string flag)
    {
        for (var i = 0; i + 1 < Command.Count; i++)
            if (Command[i] == flag) return Command[i + 1];
        return null;
    }

    /// <summary>The proxy's own test of its files.</summary>
    public (string Program, string[] Arguments) SyntaxTest => SyntaxTestOf(Proxy, MainFile, After("-p"), After("-d"));

    public static (string Program, string[] Arguments) SyntaxTestOf(string proxy, string file, string? prefix, string? root) => proxy switch
    {
        "nginx" => ("nginx", ["-t", "-q", "-c", file, .. prefix is null ? [] : (string[])["-p", prefix]]),
        "apache" => ("apache2", ["-t", "-f", file, .. root is null ? [] : (string[])["-d", root]]),
        "haproxy" => ("haproxy", ["-c", "-q", "-f", file]),
        "caddy" => ("caddy", ["validate", "--config", file, "--adapter", "caddyfile"]),
        _ => ("", []),
    };

    /// <summary>Makes the running process read its files again.</summary>
    public (string Program, string[] Arguments) Reload => Proxy switch
    {
        "nginx" => ("nginx", ["-c", MainFile, .. After("-p") is { } p ? (string[])["-p", p] : [], "-s", "reload"]),
        "apache" => ("kill", ["-USR1", $"{Pid}"]),
        // SIGUSR2 reloads under the master (-W, -Ws); without a master HAProxy has to be started anew by its keeper.
        "haproxy" => ("kill", ["-USR2", $"{Pid}"]),
        "caddy" => ("caddy", ["reload", "--config", MainFile, "--adapter", "caddyfile", "--force"]),
        _ => ("", []),
    };

    public static async Task<(int Exit, string Output)> RunAsync((string Program, string[] Arguments) command, CancellationToken cancel)
    {
        if (command.Program.Length == 0) return (127, "no such program");
        var start = new ProcessStartInfo(command.Program, command.Arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        try
        {
            using var process = Process.Start(start);
            if (process is null) return (127, "did not start");
            process.StandardInput.Close();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(_patience);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            try
            {
                await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
                return (process.ExitCode, (await errors.ConfigureAwait(false) + await output.ConfigureAwait(false)).Trim());
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                process.Kill();
                return (124, "took too long");
            }
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return (127, e.Message);
        }
    }
}
