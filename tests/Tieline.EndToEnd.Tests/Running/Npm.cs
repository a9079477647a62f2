using System.Diagnostics;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>Programs of npm that tests run, each in a folder with its lockfile.</summary>
internal static class Npm
{
    /// <summary>Installed once for each lockfile.</summary>
    public static async Task InstallAsync(string folder)
    {
        var (wanted, installed) = (Path.Combine(folder, "package-lock.json"), Path.Combine(folder, "node_modules", ".lock-installed"));
        if (File.Exists(installed) && await File.ReadAllTextAsync(wanted) == await File.ReadAllTextAsync(installed)) return;
        (await Command.RunAsync(new ProcessStartInfo(Command.Find("npm", "npm"), ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]) { WorkingDirectory = folder }, TimeSpan.FromMinutes(5))).ShouldSucceed();
        File.Copy(wanted, installed, overwrite: true);
    }
}
