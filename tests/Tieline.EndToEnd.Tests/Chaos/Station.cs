using System.Diagnostics;
using System.Globalization;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>One program in its namespace, with a clock of its own, that a supervisor starts again when it has ended, as systemd would.</summary>
internal sealed class Station : IAsyncDisposable
{
    private static readonly string _fakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private static readonly TimeSpan _restartAfter = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _over = new();
    private readonly string _clock, _folder;
    private readonly Lock _lock = new();
    private readonly Task _supervising;
    private Process? _process;
    private bool _wanted;

    public Station(string name, string space, string address, string folder, params string[] command)
    {
        (Name, Space, Address, _folder, Command) = (name, space, address, folder, command);
        if (!File.Exists(_fakeTime)) throw new InvalidOperationException($"{_fakeTime} is not here. It is in the Debian package libfaketime: run scripts/setup.");
        _clock = Path.Combine(folder, $"{name}.clock");
        Step(TimeSpan.Zero);
        _supervising = SuperviseAsync();
    }

    public string Name { get; }

    public string Space { get; }

    public string Address { get; }

    /// <summary>What is run. Another version from the next start on.</summary>
    public string[] Command { get; set; }

    /// <summary>Words before the command that make it another user's.</summary>
    public string[] AsUser { get; init; } = [];

    /// <summary>How often it was found ended by itself.</summary>
    public int Ends { get; private set; }

    public string LogFile => Path.Combine(_folder, $"{Name}.log");

    public void Start()
    {
        lock (_lock)
        {
            _wanted = true;
            if (_process is { HasExited: false }) return;
            Forget();
            // Only the program itself has the false clock: what libfaketime shares belongs to the user that it is loaded under. Without the last of its
            // settings it "mends" timed waits for an old glibc, and every one of .NET's ends at once.
            string[] words = ["netns", "exec", Space, "sh", "-c", $"exec \"$@\" >>{LogFile} 2>&1", "sh", .. AsUser, "env", $"LD_PRELOAD={_fakeTime}", $"FAKETIME_TIMESTAMP_FILE={_clock}",
                "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_FORCE_MONOTONIC_FIX=0", .. Command];
            var start = new ProcessStartInfo(Running.Command.Find("iproute2", "ip"), words) { WorkingDirectory = _folder };
            foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIELINE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
            _process = Process.Start(start)!;
        }
    }

    /// <summary>SIGKILL to all of its processes; it stays down until it is started.</summary>
    public async Task KillAsync()
    {
        Process? process;
        lock (_lock)
        {
            _wanted = false;
            process = _process;
            if (process is { HasExited: false }) SignalAll("KILL");
        }

        if (process is not null) await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and how it ended.</summary>
    public async Task<int> StopAsync()
    {
        lock (_lock) _wanted = false;
        _process!.Terminate();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process!.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Pause() => SignalAll("STOP");

    public void Resume() => SignalAll("CONT");

    /// <summary>Its clock differs by so much from now on.</summary>
    public void Step(TimeSpan offset) => File.WriteAllText(_clock, string.Create(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? "" : "+")}{(long)offset.TotalSeconds}\n"));

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _supervising;
        Resume();
        await KillAsync();
        Forget();
        _over.Dispose();
    }

    /// <summary>A killed process cannot remove what libfaketime shares in its name.</summary>
    private void Forget()
    {
        if (_process is null) return;
        foreach (var file in Directory.GetFiles("/dev/shm", $"*faketime_*_{_process.Id}")) File.Delete(file);
        _process.Dispose();
        _process = null;
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_restartAfter, _over.Token);
                lock (_lock)
                {
                    if (!_wanted || _process is not { HasExited: true }) continue;
                    Ends++;
                }

                Start();
            }
        }
        catch (OperationCanceledException)
        {
            // The lab is taken down.
        }
    }

    /// <summary>To the process and its children. The parent is stopped first, so that it makes no new ones, and goes last, so that it is known whose they are.</summary>
    private void SignalAll(string signal)
    {
        lock (_lock)
        {
            if (_process is not { HasExited: false }) return;
            var id = _process.Id.ToString(CultureInfo.InvariantCulture);
            Kill("STOP", id);
            foreach (var child in Children(id)) Kill(signal, child);
            Kill(signal, id);
        }
    }

    private static string[] Children(string id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static void Kill(string signal, string id)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", id]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }
}
