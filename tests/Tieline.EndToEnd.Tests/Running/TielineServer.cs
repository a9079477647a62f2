using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>The executable, serving on a free port of 127.0.0.1 in a folder of its own. What an operator runs, as he runs it.</summary>
internal sealed class TielineServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly string _program;
    private readonly string[] _leading, _flags;
    private Process? _process;

    private TielineServer(string program, string[] leading, string[] flags, string? folder = null) =>
        (_program, _leading, _flags, Folder) = (program, leading, flags, folder ?? Directory.CreateTempSubdirectory("tieline-e2e-").FullName);

    /// <summary>The executable that was built with these tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "tieline");

    /// <summary>Its data is in <c>data</c> below it. Deleted in the end.</summary>
    public string Folder { get; }

    public int Port { get; } = Ports.Free();

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public string Log => string.Join('\n', _log);

    public Process Process => _process ?? throw new InvalidOperationException("The server is not running.");

    public static Task<TielineServer> StartAsync(params string[] flags) => StartProgramAsync(Program, flags);

    /// <summary>On what is in a folder already.</summary>
    public static async Task<TielineServer> StartInAsync(string folder, params string[] flags)
    {
        var server = new TielineServer(Program, [], flags, folder);
        await server.StartAgainAsync();
        return server;
    }

    /// <param name="program">Another build, or a program that starts one.</param>
    /// <param name="flags">Flags of <c>tieline serve</c>.</param>
    /// <param name="leading">What the program is given before <c>serve</c>.</param>
    public static async Task<TielineServer> StartProgramAsync(string program, string[]? flags = null, string[]? leading = null)
    {
        var server = new TielineServer(program, leading ?? [], flags ?? []);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Runs <c>tieline</c> with these words to its end.</summary>
    public static Task<Command> RunAsync(params string[] words) => Command.RunAsync(StartInfo(Program, words));

    /// <summary>A new process on the same folder and port.</summary>
    public async Task StartAgainAsync()
    {
        var start = StartInfo(_program, [.. _leading, "serve", "--listen", Address.GetLeftPart(UriPartial.Authority), "--data", Path.Combine(Folder, "data"), "--signups-per-min", "0", .. _flags]);
        start.WorkingDirectory = Folder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Until.TrueAsync($"{_program} listens; it said:\n{Log}", () =>
            _process.HasExited ? throw new InvalidOperationException($"The server ended with {_process.ExitCode}:\n{Log}") : Log.Contains("Tieline listens on", StringComparison.Ordinal));
    }

    /// <summary>SIGTERM, and how long it took to be gone.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> StopAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        Process.Terminate();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await Process.WaitForExitAsync(limit.Token);
        var result = (Process.ExitCode, TimeProvider.System.GetElapsedTime(began));
        Process.Dispose();
        _process = null;
        _log.Clear();
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(limit.Token);
            _process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static ProcessStartInfo StartInfo(string program, string[] words)
    {
        var start = new ProcessStartInfo(program, words);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIELINE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        return start;
    }

    private void Hear(string? line)
    {
        if (line is not null) _log.Enqueue(line);
    }
}
