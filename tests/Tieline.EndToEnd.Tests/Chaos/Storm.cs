using System.Globalization;
using System.Text;
using Tieline.Cli.Verify;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>Two faults at a time, most of the time, while a crowd chats.</summary>
internal sealed class Storm(Lab lab, int seed, Action<string> say)
{
    private const int Lanes = 2;

    private readonly SortedDictionary<string, int> _times = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private TimeSpan _longestSilence;

    /// <summary>How often each kind of fault came.</summary>
    public IReadOnlyDictionary<string, int> Times => _times;

    public async Task RunAsync(Crowd crowd, TimeSpan duration)
    {
        var random = new Random(seed);
        var deck = new FaultDeck(lab, random);
        var began = TimeProvider.System.GetTimestamp();
        using var over = new CancellationTokenSource();
        var watching = WatchAsync(crowd, over.Token);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => LaneAsync(deck, new Random(seed + lane + 1), began, duration)));
        await over.CancelAsync();
        await watching;
    }

    public string Table(Crowd crowd, Verdict verdict)
    {
        var table = new StringBuilder();
        void Line(string name, object value) => table.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value} |");
        Line($"seed {seed}", "");
        table.AppendLine("|---|---|");
        Line("sent", crowd.Sent);
        Line("acknowledged", crowd.Acknowledged);
        Line("of them on a resend, stored before", crowd.Duplicates);
        Line("events delivered", crowd.Events);
        Line("pages read", crowd.Readings);
        Line("**lost**", verdict.Lost);
        Line("**doubled**", verdict.Doubled);
        Line("**reordered**", verdict.OutOfOrder);
        Line("gaps, strange", $"{verdict.Gaps}, {verdict.Strange}");
        Line("longest time without an acknowledgement", string.Create(CultureInfo.InvariantCulture, $"{_longestSilence.TotalSeconds:0.0} s"));
        foreach (var (kind, times) in _times) Line(kind, times);
        Line("programs that ended by themselves and were started again", string.Join(", ", lab.Stations.Where(station => station.Ends > 0).Select(station => $"{station.Name} {station.Ends}")));
        return table.ToString();
    }

    private async Task LaneAsync(FaultDeck deck, Random random, long began, TimeSpan duration)
    {
        await Task.Delay(random.Next(0, 1_500));
        while (TimeProvider.System.GetElapsedTime(began) < duration)
        {
            var fault = deck.Draw();
            lock (_lock) _times[fault.Kind] = _times.GetValueOrDefault(fault.Kind) + 1;
            say(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:0.0} s  {fault.Kind}: {fault.What} for {fault.Lasts.TotalSeconds:0.0} s"));
            await fault.Begin();
            try
            {
                await Task.Delay(fault.Lasts);
            }
            finally
            {
                await fault.End();
            }

            await Task.Delay(random.Next(300, 2_000));
        }
    }

    private async Task WatchAsync(Crowd crowd, CancellationToken cancel)
    {
        var (last, at) = (crowd.Acknowledged, TimeProvider.System.GetTimestamp());
        while (!cancel.IsCancellationRequested)
        {
            await Task.Delay(100, CancellationToken.None);
            var silence = TimeProvider.System.GetElapsedTime(at);
            if (silence > _longestSilence) _longestSilence = silence;
            if (crowd.Acknowledged != last) (last, at) = (crowd.Acknowledged, TimeProvider.System.GetTimestamp());
        }
    }
}
