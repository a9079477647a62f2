using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tieline.Client.Tests.Running;

/// <summary>A program of this repository as a process of its own, with redirected input and output.</summary>
internal sealed class Program : IAsyncDisposable
{
    private readonly Process _process;

    private Program(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public ConcurrentQueue<string> Lines { get; } = new();

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <param name="project">Folder below artifacts/bin.</param>
    /// <param name="assembly">Its program.</param>
    /// <param name="environment">Name and value.</param>
    /// <param name="arguments">The command line.</param>
    public static Program Start(string project, string assembly, (string Name, string Value)[] environment, params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, assembly);
        var start = new ProcessStartInfo("dotnet", [path, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new Program(Process.Start(start)!);
    }

    public static Program Tieline(params string[] arguments) => Start("Tieline.Cli", "tieline.dll", [], arguments);

    public Task WriteAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public void EndInput() => _process.StandardInput.Close();

    public async Task SeesAsync(string text)
    {
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        while (!Lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            if (DateTime.UtcNow > end) throw new TimeoutException($"Not seen: {text}\n{string.Join('\n', Lines)}");
            await Task.Delay(10);
        }
    }

    public async Task ExitsAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
    }

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null) Lines.Enqueue(line);
    }
}
