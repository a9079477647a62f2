using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tieline.Doctor.Targets;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Harness;

/// <summary>A case with its programs running, each on free ports of 127.0.0.1, ended by their own ids.</summary>
internal sealed class RunningCase : IAsyncDisposable
{
    private readonly List<Process> _processes = [];
    private readonly List<IAsyncDisposable> _peers = [];
    private readonly Dictionary<string, int> _ports = [];
    private readonly HeldPorts _held = new();

    public ProxyCase Case { get; }

    public string Folder { get; }

    private RunningCase(ProxyCase what)
    {
        Case = what;
        Folder = Directory.CreateTempSubdirectory("tieline-doctor-").FullName;
        // Workers run as other users and must reach their files.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101 | UnixFileMode.OtherWrite);
    }

    public int Front => _ports[Case.Secure ? "front_tls" : "front"];

    public IReadOnlyList<string> ConfigFiles => [.. Case.Configs.Where(c => c.Program != "link").Select(c => Path.Combine(Folder, c.File))];

    public static async Task<RunningCase> StartAsync(ProxyCase what, CancellationToken cancel)
    {
        var running = new RunningCase(what);
        try
        {
            await running.StartAllAsync(cancel);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    private async Task StartAllAsync(CancellationToken cancel)
    {
        foreach (var name in (string[])["front", "front_tls", "inner", "closed", "other", "backend"]) _ports[name] = _held.Next();
        TestCertificates.Shared.WriteInto(Path.Combine(Folder, "certs"));
        Directory.CreateDirectory(Path.Combine(Folder, "www"));
        Directory.CreateDirectory(Path.Combine(Folder, "t"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "www", "index.html"), "<!doctype html><title>A page</title><div id=app></div>", cancel);
        if (Case.BackendBox.Length > 0) _ports["backend"] = Keep(Middlebox.Of(Case.BackendBox, 0)).Port;
        else if (Case.App is not null) Keep(new FakeApp(Case.App, IPAddress.Parse(Case.AppAddress), _ports["backend"]));
        Keep(new FakeApp(new AppStyle { Dumb = true, NoSockets = true }, null, _ports["other"]));
        if (Case.Box.Length > 0) _ports["front"] = Keep(Middlebox.Of(Case.Box, _ports["backend"])).Port;
        foreach (var (program, file, text) in Case.Configs)
        {
            var path = Path.Combine(Folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (program == "link") File.CreateSymbolicLink(path, Filled(text));
            else await File.WriteAllTextAsync(path, Filled(text), cancel);
        }
        // Not before all of them lie there: one may include another.
        foreach (var (program, file, _) in Case.Configs)
            if (program is not ("link" or "file")) Start(program, file);
        if (Case.Configs.Count > 0 && !Case.NoWait) await ListeningAsync(Front, cancel);
        // Two programs: the one behind must listen too, or what is seen is its start.
        if (Case.Configs.Count(c => c.Program is not ("file" or "link" or "true")) > 1) await ListeningAsync(_ports["inner"], cancel);
        if (Case.ChangedOnDisk is null) return;
        await Task.Delay(1500, cancel); // the file must be newer than the process by more than the clock's grain
        await File.WriteAllTextAsync(Case.ChangedFile.Length > 0 ? Path.Combine(Folder, Case.ChangedFile) : ConfigFiles[0], Filled(Case.ChangedOnDisk), cancel);
    }

    private T Keep<T>(T peer) where T : Peer
    {
        _peers.Add(peer);
        return peer;
    }

    public string Filled(string text)
    {
        foreach (var (name, port) in _ports) text = text.Replace("{" + name + "}", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return text.Replace("{run}", Folder, StringComparison.Ordinal).Replace("{certs}", Path.Combine(Folder, "certs"), StringComparison.Ordinal);
    }

    private void Start(string program, string file)
    {
        var config = Path.Combine(Folder, file);
        string[] arguments = program switch
        {
            "nginx" => ["-c", config, "-p", Folder],
            "apache2" => ["-d", Folder, "-f", config, "-DFOREGROUND"],
            "haproxy" => ["-db", "-f", config],
            "caddy" => ["run", "--config", config, "--adapter", "caddyfile"],
            "varnishd" => ["-F", "-a", $"127.0.0.1:{_ports["front"]}", "-f", config, "-n", Path.Combine(Folder, "vn"), "-s", "malloc,32m", "-j", "none"],
            "lighttpd" => ["-D", "-f", config],
            "h2o" => ["-c", config],
            "hitch" => ["--config=" + config],
            "stunnel4" => [config],
            _ => [config],
        };
        // A shell's exec keeps the id and sends what the program prints to a file that a log check can read.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", Path.Combine(Folder, file + ".out"), program, .. arguments]) { WorkingDirectory = Folder };
        start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_CONFIG_HOME"] = start.Environment["HOME"] = Folder;
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        _processes.Add(Process.Start(start)!);
    }

    private async Task ListeningAsync(int port, CancellationToken cancel)
    {
        var end = Environment.TickCount64 + 15_000;
        while (true)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync("127.0.0.1", port, cancel);
                return;
            }
            catch (SocketException) when (Environment.TickCount64 < end)
            {
                await Task.Delay(50, cancel);
            }
            catch (SocketException)
            {
                var said = string.Join('\n', Directory.EnumerateFiles(Folder, "*.out").Select(File.ReadAllText));
                throw new InvalidOperationException($"{Case.Name}: nothing listens on {port}. {said}");
            }
        }
    }

    public DoctorOptions Options(Sight sight)
    {
        var secure = Case.Secure ^ Case.WrongScheme;
        var target = Target.Parse($"{(secure ? "wss" : "ws")}://chat.test:{Front}{Case.Path}", Case.Token, out _)!;
        var logs = Directory.EnumerateFiles(Folder, "*.out").Concat(Directory.EnumerateFiles(Folder, "*.log")).Order(StringComparer.Ordinal).ToList();
        return new DoctorOptions
        {
            Target = target,
            Resolve = new Dictionary<string, IPAddress> { ["chat.test"] = IPAddress.Loopback },
            Trusted = TestCertificates.Shared.Roots,
            NoEcho = sight == Sight.Outside,
            EchoOk = Case.EchoOk,
            Backend = sight >= Sight.Direct ? new Endpoint("127.0.0.1", _ports["backend"], false) : null,
            ConfigFiles = sight == Sight.Everything ? ConfigFiles : [],
            LogFiles = sight == Sight.Everything ? logs : [],
            Hold = TimeSpan.FromSeconds(Case.Hold),
            // With the server's address alone the score measures reasoning, not what a look at this machine's files would say.
            Discover = sight == Sight.Everything,
        };
    }

    public async Task<Outcome> ExamineAsync(Sight sight, CancellationToken cancel) =>
        await new Examination(Options(sight)).RunAsync(new Progress<string>(), cancel);

    public async ValueTask DisposeAsync()
    {
        // A mend may have put a new process in the place of one that was started here: it is known by this folder.
        var ids = _processes.Where(p => !p.HasExited).Select(p => p.Id).Concat(Reading(Folder)).Distinct().ToList();
        foreach (var id in ids) Signal(id, "-TERM");
        foreach (var process in _processes)
        {
            using var patience = new CancellationTokenSource(2500);
            try { await process.WaitForExitAsync(patience.Token); }
            catch (OperationCanceledException) { process.Kill(true); }
            process.Dispose();
        }
        foreach (var id in Reading(Folder)) Signal(id, "-KILL");
        foreach (var peer in _peers) await peer.DisposeAsync();
        _held.Dispose();
        try { Directory.Delete(Folder, true); }
        catch (IOException) { /* a process wrote its last log line while the folder went */ }
    }

    private static void Signal(int id, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [signal, $"{id}"]) { RedirectStandardError = true });
        kill?.WaitForExit(2000);
    }

    private static IEnumerable<int> Reading(string folder)
    {
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), out var id) || id == Environment.ProcessId) continue;
            string command;
            try { command = File.ReadAllText(entry + "/cmdline"); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { continue; }
            if (command.Contains(folder, StringComparison.Ordinal)) yield return id;
        }
    }
}
