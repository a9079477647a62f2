using System.Diagnostics;

namespace Tieline.Server.Tests.Configuration;

/// <summary>The built executable, run as an operator runs it: a process with arguments, an environment and a working directory.</summary>
internal static class Executable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Beside this project's own output, in the same configuration.</summary>
    private static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "..", "..", "Tieline.Cli",
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar)).Name, OperatingSystem.IsWindows() ? "tieline.exe" : "tieline"));

    public static async Task<(int Code, string Out, string Error)> RunAsync(string folder, IReadOnlyList<(string Name, string Value)> environment, params string[] arguments)
    {
        using var process = Start(folder, environment, arguments);
        using var limit = new CancellationTokenSource(_patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"tieline {string.Join(' ', arguments)} did not end within {_patience.TotalSeconds} s.");
        }

        return (process.ExitCode, await output, await error);
    }

    public static Process Start(string folder, IReadOnlyList<(string Name, string Value)> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIELINE_", StringComparison.Ordinal)).ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
