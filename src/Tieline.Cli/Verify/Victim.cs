using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tieline.Cli.Verify;

/// <summary>A server of this very executable on a folder of its own, that is killed and started again.</summary>
internal sealed class Victim : IDisposable
{
    private const int WordsKept = 20;

    // Below the ports that the system gives to clients: a client that knocks on a closed port of that range can meet itself.
    private const int LowestPort = 15_000, HighestPort = 32_000;

    private readonly ConcurrentQueue<string> _words = new();
    private readonly string _folder;
    private Process _process;

    private Victim(string folder)
    {
        _folder = folder;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));
        _process = Launch();
    }

    public Uri Address { get; }

    /// <summary>True when it ended without being killed.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>The end of its log.</summary>
    public string LastWords => string.Join('\n', _words);

    public static Victim Start(string folder) => new(folder);

    /// <summary>SIGKILL: it gets no chance to write, close or say anything.</summary>
    public void Kill()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
    }

    public void Restart()
    {
        Kill();
        _process.Dispose();
        _process = Launch();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private Process Launch()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "tieline.dll"));
        foreach (var word in (string[])["serve", "--listen", Address.GetLeftPart(UriPartial.Authority), "--data", Path.Combine(_folder, "data"), "--sends-per-s", "0",
            "--signups-per-min", "0", "--resume-events", "1000000"])
            start.ArgumentList.Add(word);
        // The operator's own settings are for his server, not for this one.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIELINE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        _words.Enqueue(line);
        while (_words.Count > WordsKept) _words.TryDequeue(out _);
    }

    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(LowestPort, HighestPort);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another.
            }
        }
    }
}
