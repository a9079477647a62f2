using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Doctor;

/// <summary>What a page of docs/doctor says brings its fault about does, command by command, in namespaces of its own: nothing of it is seen outside.</summary>
public sealed class ReproductionTests(ITestOutputHelper output)
{
    private const string Mark = "The tests run these commands as they stand.";
    private const string Fence = "\n```\n";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    public static TheoryData<string> Pages => [.. Directory.EnumerateFiles(Folder(), "TL*.md").Where(page => File.ReadAllText(page).Contains(Mark, StringComparison.Ordinal)).Select(page => Path.GetFileNameWithoutExtension(page)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_commands_of_the_page_bring_its_finding(string code)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Folder(), code + ".md"));
        var block = page[(page.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length)..page.LastIndexOf(Fence, StringComparison.Ordinal)];
        var folder = Directory.CreateTempSubdirectory("tieline-page-").FullName;
        try
        {
            var said = await RunAsync(folder, block);
            output.WriteLine(said);
            Regex.Match(said, @"\bTL\d{3}\b").Value.ShouldBe(code, said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The first process in its namespace: with it goes everything that the commands started.</summary>
    private static async Task<string> RunAsync(string folder, string commands)
    {
        var start = new ProcessStartInfo("unshare", ["--net", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", "ip link set lo up\n" + commands])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(TielineServer.Program)}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (told, failed) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        return await told + await failed;
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "doctor"));
}
