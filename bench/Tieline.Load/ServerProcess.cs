using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tieline.Load;

/// <summary>A contender's server, pinned to one core, in a folder of its own that goes with it.</summary>
internal sealed class ServerProcess : IDisposable
{
    public const string SecretFile = "jwt-secret";

    // Empty, and not above the store: ASP.NET Core watches its working folder, every write below it costs an event.
    private const string WorkingFolder = "work";
    public const double TicksPerSecond = 100; // USER_HZ, the same on every Linux
    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(20), _stopPatience = TimeSpan.FromSeconds(20);

    // One server at a time runs; a run that is told to stop takes it along.
    private static ServerProcess? _running;

    private readonly int _core;
    private Process _process;

    private ServerProcess(Contender contender, string folder, int core)
    {
        (Contender, Folder, _core) = (contender, folder, core);
        _process = Launch();
    }

    public Contender Contender { get; }

    public string Folder { get; }

    public int Port { get; } = FreePort();

    public string Secret { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

    private string Log => Path.Combine(Folder, "log");

    public static async Task<ServerProcess> StartAsync(Contender contender, string folder, int core)
    {
        Directory.CreateDirectory(Path.Combine(folder, WorkingFolder));
        var server = _running = new ServerProcess(contender, folder, core);
        try
        {
            await server.AnswersAsync();
        }
        catch
        {
            server.Dispose();
            throw;
        }
        return server;
    }

    /// <summary>A new process on the same store: what the old one heaped up is gone.</summary>
    public async Task RestartAsync()
    {
        Stop();
        _process.Dispose();
        _process = Launch();
        await AnswersAsync();
    }

    private Process Launch()
    {
        File.WriteAllText(Path.Combine(Folder, SecretFile), Secret);
        File.SetUnixFileMode(Path.Combine(Folder, SecretFile), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // sh and taskset replace themselves, so the process started is the server.
        var start = new ProcessStartInfo("sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", Log, "taskset", "-c", $"{_core}"])
        {
            WorkingDirectory = Path.Combine(Folder, WorkingFolder),
        };
        foreach (var word in Contender.Command(Folder, Port)) start.ArgumentList.Add(word);
        foreach (var (name, value) in Contender.Environment(Folder, Port, Secret)) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private async Task AnswersAsync()
    {
        using var http = new HttpClient();
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < _startPatience && !_process.HasExited; await Task.Delay(50))
        {
            try
            {
                if ((await http.GetAsync(new Uri($"http://127.0.0.1:{Port}/healthz"))).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
        }
        throw new BenchException($"{Contender.Name} did not start: {string.Join(' ', Contender.Command(Folder, Port))}\n{LastWords()}");
    }

    public double CpuSeconds()
    {
        MustLive();
        var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Bytes in memory: Pss counts a shared page by its share, Rss in full.</summary>
    public (double Pss, double Rss) Memory()
    {
        MustLive();
        var rollup = File.ReadAllLines($"/proc/{_process.Id}/smaps_rollup");
        return (Bytes("Pss:"), Bytes("Rss:"));

        double Bytes(string name) => 1024 * double.Parse(
            rollup.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The end of its log, and how it ended if it did.</summary>
    public string LastWords()
    {
        var lines = File.ReadAllLines(Log);
        var end = string.Join('\n', lines[^Math.Min(lines.Length, 20)..]);
        return _process.HasExited ? $"The server ended with exit code {_process.ExitCode}.\n{end}" : end;
    }

    private void MustLive()
    {
        if (_process.HasExited) throw new BenchException($"{Contender.Name} is gone.\n{LastWords()}");
    }

    /// <summary>Asks it to stop, as an operator would; the store can be read afterwards.</summary>
    public void Stop()
    {
        MustLive();
        Libc.Signal(_process.Id, Libc.Terminate);
        if (!_process.WaitForExit(_stopPatience)) throw new BenchException($"{Contender.Name} does not stop within {_stopPatience.TotalSeconds} s.");
    }

    public static void DisposeRunning() => _running?.Dispose();

    public void Dispose()
    {
        if (Interlocked.CompareExchange(ref _running, null, this) != this) return;
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
