using System.Diagnostics;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>A program run to its end.</summary>
internal sealed record Command(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program of a Debian package; where it is missing the test fails and says which package has it.</summary>
    public static Task<Command> RunAsync(string package, string program, params string[] arguments) => RunAsync(new ProcessStartInfo(Find(package, program), arguments));

    public static async Task<Command> RunAsync(ProcessStartInfo start, TimeSpan? patience = null, string? input = null)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using var process = Process.Start(start)!;
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(patience ?? _patience);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new Command(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end.");
        }
    }

    /// <summary>Where a program is.</summary>
    public static string Find(string package, string program) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(System.IO.File.Exists)
        ?? throw new InvalidOperationException($"{program} is not here. It is in the Debian package {package}: run scripts/setup.");

    public Command ShouldSucceed()
    {
        ExitCode.ShouldBe(0, Output + Errors);
        return this;
    }
}
