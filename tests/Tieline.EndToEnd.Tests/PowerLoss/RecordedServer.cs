using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>The executable on a data folder that does not exist yet, below a folder of its own, with strace behind it that writes down what it does to files.</summary>
internal sealed partial class RecordedServer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-power-").FullName;
    private readonly List<SystemCall> _calls = [];
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _strace;

    /// <summary>What the disk of the record holds: empty when the record begins.</summary>
    public string Root => Path.Combine(_folder, "disk");

    public Entrance Entrance { get; } = new(new Uri($"http://127.0.0.1:{Ports.Free()}"), new SocketsHttpHandler());

    public async Task StartAsync()
    {
        Directory.CreateDirectory(Root);
        _log.Clear();
        var start = new ProcessStartInfo("strace", [.. Strace.Arguments(RecordPath), TielineServer.Program, "serve", "--listen", Entrance.Address.GetLeftPart(UriPartial.Authority),
            "--data", Path.Combine(Root, "data"), "--signups-per-min", "0", "--sends-per-s", "0", "--commands-per-s", "0"])
        { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIELINE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        _strace = Process.Start(start)!;
        _strace.OutputDataReceived += (_, line) => Hear(line.Data);
        _strace.ErrorDataReceived += (_, line) => Hear(line.Data);
        _strace.BeginOutputReadLine();
        _strace.BeginErrorReadLine();
        await Until.TrueAsync("the server listens under strace", () => _strace.HasExited
            ? throw new InvalidOperationException($"It ended with {_strace.ExitCode}:\n{string.Join('\n', _log)}")
            : _log.Any(line => line.Contains("Tieline listens on", StringComparison.Ordinal)), _patience);
    }

    /// <summary>SIGTERM: it closes its files in order. SIGKILL: what it wrote is with the kernel.</summary>
    public async Task StopAsync(bool kill)
    {
        Send(Server, kill ? 9 : 15).ShouldBe(0);
        using var limit = new CancellationTokenSource(_patience);
        await _strace!.WaitForExitAsync(limit.Token);
        _strace.Dispose();
        _strace = null;
        _calls.AddRange(Strace.Read(RecordPath).Select(call => call.Returned == long.MaxValue ? Settled(call, Said.Now) : call));
    }

    /// <summary>A call in whose middle the server was killed: what the next server finds of it.</summary>
    private static SystemCall Settled(SystemCall call, long now)
    {
        // A sync that nobody saw return counts for nothing.
        if (call.Name is "fsync" or "fdatasync") return call;
        if (call.Name != "pwrite64") return call with { Returned = now };
        if (!File.Exists(call.Path(0))) return call with { Returned = now, Result = 0 };
        using var file = new FileStream(call.Path(0), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = call.Number(3);
        var (wanted, there) = (call.Bytes(1), new byte[call.Number(2)]);
        var read = file.ReadAtLeast(there, there.Length, throwOnEndOfStream: false);
        return call with { Returned = now, Result = wanted.AsSpan().CommonPrefixLength(there.AsSpan(0, read)) };
    }

    /// <summary>Everything that was done to the disk, of all runs, by the time it began.</summary>
    public IReadOnlyList<SystemCall> Calls => _calls;

    public async ValueTask DisposeAsync()
    {
        if (_strace is { HasExited: false }) await StopAsync(kill: true);
        Entrance.Handler.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string RecordPath => Path.Combine(_folder, "record");

    /// <summary>strace keeps signals to itself; the server is its only child.</summary>
    private int Server => int.Parse(File.ReadAllText($"/proc/{_strace!.Id}/task/{_strace.Id}/children").Split(' ')[0]);

    private void Hear(string? line)
    {
        if (line is not null) _log.Enqueue(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
