using System.Diagnostics;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>Another build of the same executable: a release to come, with a step of the schema that this one does not know, and code that uses it.</summary>
internal sealed class NextBuild : IDisposable
{
    private static readonly string[] _made = ["Tieline.Protocol", "Tieline.Core", "Tieline.Server"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-next-").FullName;

    private NextBuild()
    {
    }

    public string Program => Path.Combine(_folder, "tieline");

    public static async Task<NextBuild> MakeAsync()
    {
        // Beside what was built with the tests, with an output of its own; what was restored for them is all it needs.
        var start = new ProcessStartInfo("dotnet", ["build", Repository.File("src", "Tieline.Server"), "-c", "Release", "--no-restore", "-v", "quiet", "-nodeReuse:false", "-p:ArtifactsPivots=next",
            $"-p:NextRelease={Repository.File("tests", "Tieline.EndToEnd.Tests", "Chaos", "NextRelease.cs")}", "-p:Version=0.2.0", "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false"]);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        (await Command.RunAsync(start, patience: TimeSpan.FromMinutes(5))).ShouldSucceed();

        var build = new NextBuild();
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory)) File.Copy(file, Path.Combine(build._folder, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(AppContext.BaseDirectory)) Directory.CreateSymbolicLink(Path.Combine(build._folder, Path.GetFileName(folder)), folder);
        foreach (var project in _made) File.Copy(Repository.File("artifacts", "bin", project, "next", $"{project}.dll"), Path.Combine(build._folder, $"{project}.dll"), overwrite: true);
        return build;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
