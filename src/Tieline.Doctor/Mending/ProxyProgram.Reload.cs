using System.Diagnostics;

namespace Tieline.Doctor.Mending;

internal sealed partial record ProxyProgram
{
    /// <summary>Makes the running process read its files again: its keeper first, then its own way, a restart last.</summary>
    public async Task<(bool Done, string How)> ReloadAsync(CancellationToken cancel)
    {
        if (Unit() is { } unit)
        {
            var (code, said) = await RunAsync(("systemctl", ["reload-or-restart", unit]), cancel).ConfigureAwait(false);
            return (code == 0, code == 0 ? $"systemctl reload-or-restart {unit}" : said);
        }
        if (Proxy == "haproxy" && !Command.Any(c => c is "-W" or "-Ws")) return await TakeOverAsync(cancel).ConfigureAwait(false);
        var (exit, output) = await RunAsync(Reload, cancel).ConfigureAwait(false);
        if (exit == 0) return (true, $"{Reload.Program} {string.Join(' ', Reload.Arguments)}");
        // With its administration switched off Caddy has no reload at all.
        return Proxy == "caddy" ? await RestartAsync(cancel).ConfigureAwait(false) : (false, output);
    }

    /// <summary>The service of systemd that keeps the process, if there is one and systemd runs.</summary>
    private string? Unit()
    {
        if (!Directory.Exists("/run/systemd/system")) return null;
        try
        {
            return File.ReadAllText($"/proc/{Pid}/cgroup").Trim().Split('/').LastOrDefault(p => p.EndsWith(".service", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>HAProxy without a master: a new process takes the listeners over and lets the old one finish.</summary>
    private async Task<(bool, string)> TakeOverAsync(CancellationToken cancel)
    {
        string[] arguments = [.. Command.Skip(1).Where(a => a is not ("-db" or "-d")), "-D", "-sf", $"{Pid}"];
        var (exit, output) = await RunAsync((Command[0], arguments), cancel).ConfigureAwait(false);
        return (exit == 0, exit == 0 ? $"{Command[0]} {string.Join(' ', arguments)}" : output);
    }

    /// <summary>Ends the process and starts it again as it was started: same words, folder, surroundings and log.</summary>
    private async Task<(bool, string)> RestartAsync(CancellationToken cancel)
    {
        string folder, log;
        Dictionary<string, string> surroundings;
        try
        {
            folder = new FileInfo($"/proc/{Pid}/cwd").ResolveLinkTarget(false)?.FullName ?? "/";
            log = new FileInfo($"/proc/{Pid}/fd/1").ResolveLinkTarget(false)?.FullName is { } target && File.Exists(target) ? target : "/dev/null";
            surroundings = (await File.ReadAllTextAsync($"/proc/{Pid}/environ", cancel).ConfigureAwait(false)).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => l.Split('=', 2)).Where(p => p.Length == 2).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (false, e.Message);
        }
        await RunAsync(("kill", ["-TERM", $"{Pid}"]), cancel).ConfigureAwait(false);
        for (var i = 0; i < 50 && Alive(Pid); i++) await Task.Delay(100, cancel).ConfigureAwait(false);
        if (Alive(Pid)) return (false, "the process did not end");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec setsid \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, .. Command]) { WorkingDirectory = folder, UseShellExecute = false };
        start.Environment.Clear();
        foreach (var (name, value) in surroundings) start.Environment[name] = value;
        using var process = Process.Start(start);
        await Task.Delay(500, cancel).ConfigureAwait(false);
        return process is { HasExited: false } ? (true, $"ended and started again: {string.Join(' ', Command)}") : (false, "it did not start again");
    }

    /// <summary>A process that has ended but was not collected by its parent counts as ended.</summary>
    private static bool Alive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')')..].Split(' ')[1] != "Z";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
