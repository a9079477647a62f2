using System.Globalization;
using System.Net;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Logs;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Checks;

/// <summary>Straight at the server and at inner proxies, then the logs and the listeners of this machine.</summary>
internal sealed class InsideChecks(Prober prober)
{
    /// <summary>The logs come last: everything that was tried has left its lines.</summary>
    public Check Logs => new("logs", "read what the logs say", f => f.LogFiles.Count > 0, LogsAsync) { Group = 20 };

    public IEnumerable<Check> All =>
    [
        new("direct-handshake", "open the socket straight at the server", f => f.Options.Backend is not null, DirectAsync) { Group = 2 },
        Make("direct-get", "GET the path straight at the server", Probe.DirectPlain, f => Asks.Get(f, f.Target.FullPath) with { To = f.Options.Backend!, Host = f.Target.Front.Authority }, f => !f.First.Opened),
        Make("direct-echo", "ask the echo straight at the server", Probe.DirectEcho, f => Asks.Direct(f) with { Path = Asks.EchoPath(f) }, f => !f.Options.NoEcho && !f.First.Opened),
        Make("direct-known", "GET the application's address straight at the server", Probe.DirectKnown, f => Asks.Get(f, Asks.KnownPath(f)) with { To = f.Options.Backend!, Host = f.Target.Front.Authority }, f => !f.First.Opened),
        Make("direct-own-host", "open it at the server under the server's own address", Probe.DirectOwnHost, f => Asks.Direct(f) with { Host = null }, f => !f.First.Opened),
        Make("direct-forwarded", "open it at the server as a proxy does, with X-Forwarded-For", Probe.DirectForwarded, f => Asks.Direct(f) with { ForwardedFor = "192.0.2.1" }, f => f.First.Status is 400 or 403),
        Make("direct-subprotocol", "ask the server for a subprotocol", Probe.DirectSubprotocol, f => Asks.Direct(f) with { Subprotocol = f.Options.Subprotocol ?? RefusedChecks.Subprotocols }, f => f.First.Opened),
        Make("direct-tls", "try TLS straight at the server", Probe.DirectTls, f => Asks.Direct(f) with { To = f.Options.Backend! with { Secure = !f.Options.Backend.Secure }, Alpn = [] }, f => !f.First.Opened),
        Make("direct-http2", "try HTTP/2 straight at the server", Probe.DirectHttp2, f => Asks.Get(f, "/") with { To = f.Options.Backend!, Verbatim = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x4\0\0\0\0\0"u8.ToArray() }, f => !f.First.Opened),
        Make("here", "open it at this machine's own port, under the public name", Probe.FrontHere, f => Asks.Handshake(f) with { To = f.Target.Front with { Host = "127.0.0.1" }, Host = f.Target.Front.Authority, Sni = f.Target.Front.Host }, f => !f.First.Opened && f.Addresses.Count > 0 && !f.Addresses.Contains("127.0.0.1") && IsLocal(f.Options.Backend!.Host)),
        new("inner", "open the socket at each inner proxy", f => f.Options.Inner.Count > 0 && !f.First.Opened, InnerAsync) { Group = 2 },
        new("listeners", "see who listens on this machine", f => f.Options.Inside, ListenersAsync) { Group = 3 },
    ];

    private Check Make(string name, string what, Probe probe, Func<CaseFile, Ask> ask, Func<CaseFile, bool> when) =>
        new(name, what, f => f.Options.Backend is not null && when(f), async (file, cancel) =>
        {
            var answer = await prober.AskAsync(ask(file), cancel).ConfigureAwait(false);
            file[probe] = answer;
            return answer.Summary();
        })
        { Group = 2 };

    private async Task<string> DirectAsync(CaseFile file, CancellationToken cancel)
    {
        var (answer, line) = await prober.OpenAsync(Asks.Direct(file), cancel).ConfigureAwait(false);
        file[Probe.Direct] = answer;
        if (line is null) return answer.Summary();
        await using (line.ConfigureAwait(false))
        {
            file.DirectLine = await ReachChecks.WatchAsync(line, cancel).ConfigureAwait(false);
        }
        return $"101, {file.DirectLine.Words()}";
    }

    private async Task<string> InnerAsync(CaseFile file, CancellationToken cancel)
    {
        foreach (var inner in file.Options.Inner)
            file.InnerAnswers[inner.Authority] = await prober.AskAsync(Asks.Handshake(file) with { To = inner, Host = file.Target.Front.Authority }, cancel).ConfigureAwait(false);
        return string.Join("; ", file.InnerAnswers.Select(a => $"{a.Key}: {a.Value.Summary()}"));
    }

    private static async Task<string> ListenersAsync(CaseFile file, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux()) return "only on Linux";
        var found = new List<string>();
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table)) continue;
            foreach (var row in (await File.ReadAllLinesAsync(table, cancel).ConfigureAwait(false)).Skip(1))
                if (Listener(row) is { } at) found.Add(at);
        }
        file.Listening = found;
        return $"{found.Count} listeners";
    }

    private static bool IsLocal(string host) => host == "localhost" || LocalProgram.IsHere(host);

    /// <summary>One row of /proc/net/tcp: local address in host byte order, state 0A means listening.</summary>
    internal static string? Listener(string row)
    {
        var parts = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 4 || parts[3] != "0A") return null;
        var local = parts[1].Split(':');
        if (local.Length != 2 || !int.TryParse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port)) return null;
        if (local[0].Length is not (8 or 32)) return null;
        var bytes = Convert.FromHexString(local[0]);
        for (var at = 0; at + 4 <= bytes.Length; at += 4) Array.Reverse(bytes, at, 4);
        return $"{new IPAddress(bytes)}:{port}";
    }

    /// <summary>On the server itself: the program behind the public port and the server's, with their files and logs.</summary>
    public Check Programs => new("programs", "look for the programs on this machine, their files and logs", f => f.Options is { Backend: not null, Discover: true } && OperatingSystem.IsLinux(), ProgramsAsync);

    private async Task<string> ProgramsAsync(CaseFile file, CancellationToken cancel)
    {
        var front = file.Target.Front;
        var addresses = await prober.Network.ResolveAsync(front.Host, cancel).ConfigureAwait(false);
        file.FrontIsHere = addresses.Any(a => LocalProgram.IsHere(a.ToString()));
        var server = LocalProgram.IsHere(file.Options.Backend!.Host) || file.Options.Backend.Host == "localhost" ? LocalProgram.On(file.Options.Backend.Port) : null;
        var proxy = file.FrontIsHere && front.Port != file.Options.Backend.Port ? LocalProgram.On(front.Port) : null;
        if (file.ConfigFiles.Count == 0 && proxy?.ConfigFile is { } config) file.ConfigFiles = [config];
        if (file.LogFiles.Count == 0) file.LogFiles = [.. (proxy?.Logs ?? []).Concat(server?.Logs ?? []).Distinct()];
        return proxy is null && server is null ? "none seen" : string.Join("; ", new[] { proxy, server }.OfType<LocalProgram>().Select(p => $"{Path.GetFileName(p.Command[0])} ({p.Pid}){(p == proxy && p.ConfigFile is { } c ? " reads " + c : "")}"));
    }

    /// <summary>Remembers where every log ends before the first request, so that older lines count for less.</summary>
    public static Check Begin { get; } = new("log-positions", "find the ends of the logs", f => f.LogFiles.Count > 0, (file, _) =>
    {
        file.Tails = [.. file.LogFiles.Select(f => new LogTail(f))];
        file.LogLines = [.. file.Tails.SelectMany(t => t.Read(LogPhase.Before))];
        return Task.FromResult($"{file.Tails.Count} logs");
    });

    private async Task<string> LogsAsync(CaseFile file, CancellationToken cancel)
    {
        var lines = new List<LogLine>(file.LogLines);
        void Gather(LogPhase phase) => lines.AddRange(file.Tails.SelectMany(t => t.Read(phase)));
        Gather(LogPhase.During);
        if (!file.Opened && file.First.Fault is not (Fault.NameUnknown or Fault.Refused or Fault.ConnectTimeout))
        {
            await prober.AskAsync(Asks.Handshake(file), cancel).ConfigureAwait(false);
            await Task.Delay(300, cancel).ConfigureAwait(false);
            Gather(LogPhase.WhileFront);
        }
        if (!file.Opened && file.Options.Backend is not null)
        {
            await prober.AskAsync(Asks.Direct(file), cancel).ConfigureAwait(false);
            await Task.Delay(300, cancel).ConfigureAwait(false);
            Gather(LogPhase.WhileDirect);
        }
        file.LogLines = lines;
        return $"{lines.Count(l => l.Phase != LogPhase.Before)} new lines in {file.Tails.Count} logs";
    }
}
