using System.Diagnostics;

namespace Tieline.Load;

/// <summary>The whole run: the contenders take turns, then medians and ratios are printed.</summary>
internal static class Bench
{
    public static async Task RunAsync(Plan plan)
    {
        // Beside the build, not in /tmp: a store in memory would make every fsync free.
        var folder = Path.GetFullPath(Path.Combine("artifacts", "bench", $"run-{Environment.ProcessId}"));
        var results = new Results(plan);
        for (var round = 0; round < plan.Rounds; round++)
        {
            for (var turn = 0; turn < plan.Contenders.Count; turn++)
            {
                // Another one begins in each round, so that none always runs on the same warmth of the machine.
                var contender = plan.Contenders[(turn + round) % plan.Contenders.Count];
                await Console.Error.WriteAsync($"round {round + 1} of {plan.Rounds}: {contender.Name} ... ");
                results.AddFsync(FsyncMilliseconds(folder));
                var began = Stopwatch.GetTimestamp();
                var figures = await Round.RunAsync(contender, plan, folder);
                await Console.Error.WriteLineAsync($"{Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s, {figures.Stored} stored");
                results.Add(contender, figures);
            }
        }

        Console.WriteLine(results.Table());
        var json = Path.Combine("artifacts", "bench", $"{DateTime.UtcNow:yyyyMMdd-HHmmss}.json");
        await File.WriteAllTextAsync(json, results.Json());
        await Console.Error.WriteLineAsync($"every figure: {json}");
    }

    /// <summary>What one small synced write costs on this disk: every durable figure stands on it.</summary>
    private static double FsyncMilliseconds(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            var times = new Latencies();
            using var file = new FileStream(Path.Combine(folder, "fsync"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (var i = 0; i < 200; i++)
            {
                file.Write(new byte[4096]);
                var began = EventLoop.Now;
                file.Flush(flushToDisk: true);
                times.Add(EventLoop.Now - began);
            }
            return times.Milliseconds(0.5);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
