using System.Diagnostics;
using Tieline.Core.Search;
using Tieline.Core.Storage;

namespace Tieline.Growth;

/// <summary>How far the search index is behind the commits, and what it costs.</summary>
internal static class IndexLag
{
    /// <summary>Lets the index take what it has not taken while the store was filled.</summary>
    /// <returns>Messages it was behind, messages a second it then takes, and the processor's microseconds for each.</returns>
    public static async Task<(long Behind, double PerSecond, double Microseconds)> CatchUpAsync(GrownStore store)
    {
        var behind = store.Messages - store.Indexed();
        using var process = Process.GetCurrentProcess();
        var (watch, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
        // A search hurries it, as a person's would, and waits for at most a second.
        while (store.Indexed() < store.Messages) await FindAsync(store, "xyzzy");
        process.Refresh();
        return (behind, behind / watch.Elapsed.TotalSeconds, (process.TotalProcessorTime - before).TotalMicroseconds / Math.Max(1, behind));
    }

    /// <summary>From the acknowledgement of a message until somebody who searches for it at once has it, while so many others are stored each second.</summary>
    public static async Task<(double Median, double Worst, int Missed)> AskAtOnceAsync(GrownStore store, int perSecond, TimeSpan time)
    {
        using var stop = new CancellationTokenSource(time);
        var load = LoadAsync(store, perSecond, stop.Token);
        var (times, missed) = (new List<double>(), 0);
        while (!stop.IsCancellationRequested)
        {
            var word = "marker" + times.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) + (char)('a' + perSecond % 26);
            await store.SayAsync(store.Bob, store.Ada, word);
            var watch = Stopwatch.StartNew();
            while (await FindAsync(store, word) == 0 && watch.Elapsed < TimeSpan.FromSeconds(30)) missed++;
            times.Add(watch.Elapsed.TotalMilliseconds);
            await Task.Delay(50, CancellationToken.None);
        }

        await load;
        times.Sort();
        return (times[times.Count / 2], times[^1], missed);
    }

    /// <summary>How many messages the index is behind while nobody searches, watched at its file.</summary>
    public static async Task<long> UnaskedAsync(GrownStore store, int perSecond, TimeSpan time)
    {
        using var stop = new CancellationTokenSource(time);
        var (before, worst) = (store.Indexed(), 0L);
        var sent = 0L;
        var load = LoadAsync(store, perSecond, stop.Token, () => Interlocked.Increment(ref sent));
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(100, CancellationToken.None);
            var stored = Interlocked.Read(ref sent);
            worst = Math.Max(worst, stored - (store.Indexed() - before));
        }

        await load;
        return worst;
    }

    private static async Task<int> FindAsync(GrownStore store, string word) =>
        (await store.Store.SearchAsync(store.Ada.Key, new MessageSearch(SearchTerms.Parse(word), 20), default))!.Messages.Count;

    private static async Task LoadAsync(GrownStore store, int perSecond, CancellationToken stop, Action? stored = null)
    {
        if (perSecond == 0) return;
        var (watch, due) = (Stopwatch.StartNew(), 0L);
        var running = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            for (; due < watch.Elapsed.TotalSeconds * perSecond; due++) running.Add(SayAsync());
            await Task.Delay(5, CancellationToken.None);
        }

        await Task.WhenAll(running);

        async Task SayAsync()
        {
            await store.SayAsync(store.Ada, store.Bob, store.Text());
            stored?.Invoke();
        }
    }
}
