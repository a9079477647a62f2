namespace Tieline.Cli.Verify;

/// <summary>How fast one person writes.</summary>
/// <param name="MaxBurst">Messages at once, at most.</param>
/// <param name="MinPauseMs">Between two bursts, at least.</param>
/// <param name="MaxPauseMs">Between two bursts, at most.</param>
/// <param name="MaxOpen">So many without an acknowledgement, and nothing new is written.</param>
internal sealed record Pace(int MaxBurst, int MinPauseMs, int MaxPauseMs, int MaxOpen)
{
    /// <summary>As fast as one machine that does nothing else takes it.</summary>
    public static Pace Fast { get; } = new(16, 10, 60, 5_000);

    /// <summary>For minutes, over a network that is being broken: about fifteen messages a second.</summary>
    public static Pace Steady { get; } = new(5, 80, 320, 64);
}

/// <summary>Who sends to whom, how fast, and until when. Bounded: it is meant for a machine that does other work too.</summary>
internal sealed class Load(IReadOnlyList<string> accounts, Pace pace)
{
    private volatile bool _over;

    /// <summary>True once nobody writes anything new; what is open is still sent again.</summary>
    public bool IsOver => _over;

    public void End() => _over = true;

    /// <summary>The next few messages of a person, after a pause.</summary>
    public async Task<IReadOnlyList<SentMessage>> NextAsync(Journal journal, CancellationToken cancel)
    {
        await Task.Delay(Random.Shared.Next(pace.MinPauseMs, pace.MaxPauseMs), cancel);
        var burst = new List<SentMessage>();
        for (var i = Random.Shared.Next(1, pace.MaxBurst + 1); i > 0 && !_over && journal.OpenCount < pace.MaxOpen; i--)
        {
            var others = accounts.Where(account => account != journal.Account).ToList();
            burst.Add(journal.Write(others[Random.Shared.Next(others.Count)]));
        }

        return burst;
    }

    /// <summary>Runs a line again and again until everything is over; between two tries it waits as a client would, only less long.</summary>
    public static async Task RepeatAsync(Func<CancellationToken, Task> line, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await line(cancel);
            }
            catch (Exception e) when (IsLoss(e, cancel))
            {
                // The server was killed under it.
            }

            try
            {
                await Task.Delay(Random.Shared.Next(10, 50), cancel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static bool IsLoss(Exception e, CancellationToken cancel) =>
        e is LineLostException or HttpRequestException or IOException or System.Net.WebSockets.WebSocketException or System.Text.Json.JsonException
        || (e is OperationCanceledException && (cancel.IsCancellationRequested || e is TaskCanceledException));
}
