using Tieline.Doctor.Configuration;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Logs;
using Tieline.Doctor.Mending;
using Tieline.Doctor.Probes;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Judging;

/// <summary>
/// Lets configuration and logs speak, but only about what was seen: a fault in a file counts when it explains the
/// symptom, so that a strange but working configuration raises no alarm.
/// </summary>
internal sealed class ConfigWeighing(CaseFile file, Suspects suspects)
{
    private static readonly IReadOnlyList<IConfigReader> _readers = Lint.Readers;

    private readonly List<Clue> _used = [];
    private IReadOnlyList<Reading> _hops = [];

    /// <summary>The readings of the files, in the order of the path.</summary>
    public IReadOnlyList<Reading> Readings => _hops;

    /// <summary>Remedies for a cause with exact changes, from the clues that explain it.</summary>
    public IReadOnlyList<Remedy> RemediesFor(string cause)
    {
        var clues = _used.Where(c => c.Cause == cause && (c.Edits.Count > 0 || c.Remedy.Length > 0 || c.Command.Length > 0)).ToList();
        if (clues.Count == 0) return [];
        var entry = FindingCatalogue.OfCause(cause)!;
        var edits = clues.SelectMany(c => c.Edits).Distinct().ToList();
        var patch = Patch.Of(edits);
        var sure = Mendable.Allows(cause) && (patch.Files.Count > 0 || clues.Any(c => c.Command.Length > 0));
        return
        [
            new Remedy(clues.FirstOrDefault(c => c.Remedy.Length > 0)?.Remedy ?? entry.Fix, sure ? FixConfidence.Certain : entry.Confidence == FixConfidence.Certain ? FixConfidence.Review : entry.Confidence)
            {
                Diff = patch.Diff,
                Command = clues.FirstOrDefault(c => c.Command.Length > 0)?.Command ?? "",
                Edits = edits,
            },
        ];
    }

    public Reading? Front { get; private set; }

    /// <summary>The files given are not those that serve the name: worth a finding of its own, beside the fault itself.</summary>
    public Finding? Misplaced { get; private set; }

    /// <summary>What the holds of a run are too short to show, said from the files or from what the program in front does by default.</summary>
    public IReadOnlyList<string> NotesOf(string frontName) =>
    [
        .. IdleNote.Of(file, _hops, frontName) is { Length: > 0 } note ? (string[])[note] : [],
        // Two blocks of one name are no fault while the right one wins; where the socket does not open, the other may be the one that was edited.
        .. file.Opened ? [] : _hops.SelectMany(h => h.Clues).Where(c => c.Cause == "config.other_file_serves").Select(c => c.Saw + "."),
    ];

    public async Task WeighAsync(CancellationToken cancel)
    {
        var readings = _hops = Hops();
        Front = readings.Count > 0 ? readings[0] : null;
        if (Front is not null) WeighFront(Front, readings.Count > 1 ? readings[1] : null);
        if (readings.Count > 1) WeighInner(Front!, readings[1]);
        WeighLogs();
        for (var i = 0; i < readings.Count && !file.Opened; i++) WeighUpstreams(readings[i], i + 1 < readings.Count ? readings[i + 1] : null);
        if (Front is not null && !file.Opened) await WeighProcessAsync(Front, cancel).ConfigureAwait(false);
        WeighBoth();
    }

    private ReadingQuestion Question(int port) => new(file.Target.Front.Host, port, file.Target.Path, file.Target.Token is not null, file.Options.Backend is { } b ? $"{b.Host}:{b.Port}" : null) { Listening = file.Listening };

    /// <summary>The reading of the public port, then those of the ports it forwards to, as far as files were given.</summary>
    private List<Reading> Hops()
    {
        var files = file.ConfigFiles.SelectMany(Expand).Select(ConfigText.Load).OfType<ConfigText>().ToList();
        // What a program was started with tells more than a part of it that may not even be loaded.
        files = [.. files.OrderBy(f => _readers.FirstOrDefault(r => r.Recognizes(f)) is { } r && ProxyProgram.Find(r.Proxy, f.Path) is not null ? 0 : 1)];
        if (Placement.Of(files, _readers, Question(file.Target.Front.Port)) is { } placed)
        {
            Misplaced = placed.Finding;
            files = [placed.Main, .. files];
        }
        var hops = new List<Reading>();
        var port = file.Target.Front.Port;
        for (var i = 0; i < 3; i++)
        {
            var reading = files.Select(f => ReadOne(f, Question(port))).FirstOrDefault(r => r is { Listens: true } && hops.All(h => h.MainFile != r.MainFile)) ?? Found(port, hops);
            if (reading is null) break;
            hops.Add(reading);
            if (reading.Upstreams.Count == 0 || !int.TryParse(reading.Upstreams[0].Split(':')[^1].Split('/')[0], out port)) break;
            if (file.Options.Backend?.Port == port) break;
        }
        return hops;
    }

    /// <summary>
    /// A proxy behind the first whose files nobody gave: the program on its port knows them. Where none listens, a file beside
    /// the first one's, or in a usual place, may say who should.
    /// </summary>
    private Reading? Found(int port, List<Reading> hops)
    {
        if (hops.Count == 0 || !file.FrontIsHere) return null;
        IEnumerable<string> places = LocalProgram.On(port) is { } running ? running.ConfigFile is { } config ? [config] : [] : LocalProgram.FilesBeside(hops[0].MainFile);
        return places.Where(p => hops.All(h => h.MainFile != p)).Select(ConfigText.Load).OfType<ConfigText>()
            .Select(t => ReadOne(t, Question(port))).FirstOrDefault(r => r is { Listens: true, Proxy: "nginx" or "apache" or "haproxy" or "caddy" });
    }

    private static Reading? ReadOne(ConfigText text, ReadingQuestion question)
    {
        try
        {
            return _readers.FirstOrDefault(r => r.Recognizes(text))?.Read(text, question);
        }
#pragma warning disable CA1031 // A file that a reader stumbles over is evidence less, not the end of the examination.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private static IEnumerable<string> Expand(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal) : [path];

    private void WeighFront(Reading front, Reading? inner)
    {
        foreach (var clue in front.Clues)
        {
            var cause = clue.Cause;
            if (inner is not null && cause is "proxy.upgrade_headers_missing" or "proxy.connection_header_wrong" or "proxy.header_inheritance" && (suspects.Has(cause) || suspects.Has("chain.outer_upgrade_headers_missing")) && inner?.ForwardsUpgrade == true)
            {
                suspects.Add("chain.outer_upgrade_headers_missing", clue.Weight + Math.Max(0, suspects.Weight(cause)), clue.Saw);
                _used.Add(clue with { Cause = "chain.outer_upgrade_headers_missing" });
                continue;
            }
            if (inner is not null && cause == "proxy.host_not_forwarded")
            {
                if (suspects.Has("chain.host_not_forwarded")) Use(clue with { Cause = "chain.host_not_forwarded", Weight = clue.Weight + 30 });
                continue;
            }
            Use(clue);
        }
        // The files are right where the fault seems to be: then it is elsewhere.
        if (front.ForwardsUpgrade == true) suspects.Against(70, "proxy.upgrade_headers_missing", "proxy.connection_header_wrong", "chain.outer_upgrade");
        // Which block it is was guessed from what arrived; the file knows.
        if (front.ForwardsUpgrade is not null) suspects.Against(200, [.. ((string[])["proxy.header_inheritance", "proxy.location_mismatch"]).Where(c => front.Clues.All(clue => clue.Cause != c))]);
    }

    private void Use(Clue clue)
    {
        if (!suspects.Has(clue.Cause)) return;
        // Why the upgrade is lost says more than that it is.
        if (clue is { Weight: >= 100, Cause: "proxy.order" or "proxy.regex_location_wins" or "proxy.header_inheritance" or "proxy.location_mismatch" })
            suspects.Turn("proxy.upgrade_headers_missing", clue.Cause);
        suspects.Add(clue.Cause, clue.Weight, clue.Saw);
        _used.Add(clue);
    }

    private void WeighInner(Reading front, Reading inner)
    {
        foreach (var clue in inner.Clues)
        {
            var cause = clue.Cause switch
            {
                "proxy.upgrade_headers_missing" or "proxy.connection_header_wrong" or "proxy.header_inheritance" => "chain.inner_upgrade_headers_missing",
                "proxy.redirect_https" => "chain.redirect_loop",
                "tunnel.idle_timeout" => "chain.inner_idle_timeout",
                _ => null,
            };
            if (cause is null) continue;
            var source = cause == "chain.inner_idle_timeout" ? "tunnel.idle_timeout" : clue.Cause;
            if (!suspects.Has(cause) && !suspects.Has(source)) continue;
            suspects.Add(cause, clue.Weight + Math.Max(0, suspects.Weight(source)), clue.Saw);
            _used.Add(clue with { Cause = cause });
        }
        _ = front;
    }

    private void WeighLogs()
    {
        foreach (var clue in LogClues.Read(file.LogLines))
        {
            if (clue.Cause is "backend.no_ws_library" && !file.Opened && !suspects.Has(clue.Cause)) suspects.Add(clue.Cause, Suspects.Possible);
            Use(clue);
        }
    }

    /// <summary>The address that the proxy forwards to, held against what listens on this machine and against the server.</summary>
    private void WeighUpstreams(Reading front, Reading? inner)
    {
        if (file.Listening is not { } listening || First502 is false) return;
        foreach (var path in front.Upstreams.Select(SocketFile).OfType<string>()) WeighSocketFile(path);
        foreach (var upstream in front.Upstreams.Where(u => u.Contains(':', StringComparison.Ordinal) && !u.StartsWith("unix", StringComparison.Ordinal)))
        {
            var port = upstream.Split(':')[^1];
            var host = upstream[..upstream.LastIndexOf(':')];
            if (!IsLocal(host)) continue;
            if (listening.Any(l => Reaches(l, host, port)))
            {
                suspects.Against(60, "upstream.refused", "chain.inner_down");
                continue;
            }
            var saw = $"the proxy forwards to {upstream}, where nothing listens";
            var elsewhere = listening.FirstOrDefault(l => l.EndsWith(":" + port, StringComparison.Ordinal));
            var backendWell = file[Probe.Direct] is { Opened: true };
            if (inner is not null) suspects.Add("chain.inner_down", 100, saw);
            else if (elsewhere is not null) suspects.Add("upstream.refused_wrong_interface", 120, $"{saw}; on {elsewhere} something does");
            else if (backendWell) suspects.Add("upstream.refused_wrong_port", 110, $"{saw}; the server is at {file.Options.Backend!.Host}:{file.Options.Backend.Port}");
            else suspects.Add("upstream.refused_backend_down", 60, saw);
            return;
        }
        if (!front.UpstreamTls && inner is null && suspects.Weight("client.plain_to_tls_port") < Suspects.Proven && file[Probe.Direct] is { Opened: true } && file.Options.Backend!.Secure) suspects.Add("upstream.plain_to_tls", 110, "the proxy speaks plain text to the server, which wants TLS");
        if (front.UpstreamTls && file[Probe.Direct] is { Opened: true } && !file.Options.Backend!.Secure) suspects.Add("upstream.tls_to_plain", 60, "the proxy speaks TLS to the server, which answers in plain text");
    }

    /// <summary>nginx writes unix:/path, Caddy unix//path, HAProxy unix@/path or the path alone, Apache unix:/path|ws://...</summary>
    private static string? SocketFile(string upstream)
    {
        if (upstream.StartsWith('/')) return upstream;
        if (!upstream.StartsWith("unix", StringComparison.Ordinal) || upstream.IndexOf('/', StringComparison.Ordinal) is not (>= 0 and var at)) return null;
        var path = upstream[at..].Split('|')[0];
        return path.StartsWith("//", StringComparison.Ordinal) ? path[1..] : path.TrimEnd(':');
    }

    /// <summary>A socket file that is not there, or that nobody listens behind, is a server that does not run.</summary>
    private void WeighSocketFile(string path)
    {
        if (!File.Exists(path)) suspects.Add("upstream.refused_backend_down", 110, $"the proxy forwards to {path}, and there is no such file");
        else if (File.Exists("/proc/net/unix") && !File.ReadLines("/proc/net/unix").Any(l => l.EndsWith(' ' + path, StringComparison.Ordinal))) suspects.Add("upstream.refused_backend_down", 110, $"the proxy forwards to {path}, and nobody listens there");
        else suspects.Add("upstream.permission", Suspects.Possible, $"the proxy forwards to {path}, and somebody listens there");
    }

    private bool First502 => file.First.Status is 502 or 503 or 504 or 500 || file.First.Fault is Fault.Closed or Fault.Reset or Fault.TlsReset or Fault.Silent;

    private static bool IsLocal(string host) => host is "localhost" or "[::1]" or "" or "0.0.0.0" || host.StartsWith("127.", StringComparison.Ordinal);

    private static bool Reaches(string listener, string host, string port)
    {
        if (!listener.EndsWith(":" + port, StringComparison.Ordinal)) return false;
        var address = listener[..listener.LastIndexOf(':')];
        return address is "0.0.0.0" or "::" || address == host.Trim('[', ']') || (host == "localhost" && address is "127.0.0.1" or "::1") || address == "::ffff:" + host;
    }

    /// <summary>Files that explain nothing: the process may not have read them, or may have refused to.</summary>
    private async Task WeighProcessAsync(Reading front, CancellationToken cancel)
    {
        var symptomOfProxy = suspects.Has("proxy.stale_config") || suspects.Ranked().Any(s => s.Cause.StartsWith("proxy.", StringComparison.Ordinal));
        if (!symptomOfProxy || file[Probe.Direct] is { Opened: false }) return;
        var explained = front.Clues.Any(c => c.Weight >= 50 && suspects.Has(c.Cause) && suspects.Weight(c.Cause) >= suspects.Top - 20);
        var program = ProxyProgram.Find(front.Proxy, front.MainFile);
        if (program is null) return;
        if (front.Files.Append(front.MainFile).FirstOrDefault(program.IsStale) is not { } newer) return;
        var (exit, output) = await ProxyProgram.RunAsync(program.SyntaxTest, cancel).ConfigureAwait(false);
        if (exit is not (0 or 124 or 127)) suspects.Add("proxy.reload_refused", 160, $"{newer} is newer than the running {front.Proxy}, and its own test refuses it: {Answer.Clip(Answer.OneLine(output), 200)}");
        else if (!explained) suspects.Add("proxy.stale_config", 140, $"{newer} was changed at {File.GetLastWriteTimeUtc(newer):HH:mm:ss}, the running {front.Proxy} read it at {program.NewestStart:HH:mm:ss} (UTC)");
        if (exit == 0 && !explained) _used.Add(new Clue("proxy.stale_config", 0, "") { Command = string.Join(' ', [program.Reload.Program, .. program.Reload.Arguments]) });
    }

    /// <summary>A server without WebSockets behind a proxy that would not pass the upgrade on: both must be named.</summary>
    private void WeighBoth()
    {
        var server = suspects.Weight("backend.no_ws_library") >= suspects.Weight("backend.no_ws_middleware") ? "backend.no_ws_library" : "backend.no_ws_middleware";
        if (suspects.Weight(server) < Suspects.Likely + 30) return;
        var lost = _used.FirstOrDefault(c => c.Cause is "proxy.upgrade_headers_missing" or "proxy.connection_header_wrong" or "proxy.header_inheritance")
            ?? Front?.Clues.FirstOrDefault(c => c.Cause is "proxy.upgrade_headers_missing" or "proxy.connection_header_wrong" or "proxy.header_inheritance");
        if (lost is not null && Front?.ForwardsUpgrade == false)
        {
            suspects.Add(lost.Cause, Math.Max(0, Suspects.SecondFault - suspects.Weight(lost.Cause)), lost.Saw);
            suspects.Add(server, Math.Max(0, Suspects.SecondFault - suspects.Weight(server)));
            return;
        }
        var silentThrough = file.LogLines.Any(l => l.Phase == LogPhase.WhileDirect && l.Text.Contains("WebSocket library", StringComparison.OrdinalIgnoreCase)) &&
            !file.LogLines.Any(l => l.Phase == LogPhase.WhileFront && l.Text.Contains("WebSocket library", StringComparison.OrdinalIgnoreCase));
        if (silentThrough && Front?.ForwardsUpgrade != true)
            suspects.Add("proxy.upgrade_headers_missing", Math.Max(0, Suspects.SecondFault - suspects.Weight("proxy.upgrade_headers_missing")), "straight at the server its log complains about the upgrade, through the proxy it does not: the upgrade does not arrive");
    }
}
