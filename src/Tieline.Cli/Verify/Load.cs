namespace Tieline.Cli.Verify;

/// <summary>Who sends to whom, how fast, and until when. Bounded: it is meant for a machine that does other work too.</summary>
internal sealed class Load(IReadOnlyList<string> accounts)
{
    private const int MaxBurst = 16;
    private static readonly (int Min, int Max) _pauseMs = (10, 60);
    private volatile bool _over;

    /// <summary>True once nobody writes anything new; what is open is still sent again.</summary>
    public bool IsOver => _over;

    public void End() => _over = true;

    /// <summary>The next few messages of a person, after a pause.</summary>
    public async Task<IReadOnlyList<SentMessage>> NextAsync(Journal journal, CancellationToken cancel)
    {
        await Task.Delay(Random.Shared.Next(_pauseMs.Min, _pauseMs.Max), cancel);
        var burst = new List<SentMessage>();
        for (var i = Random.Shared.Next(1, MaxBurst + 1); i > 0 && !_over; i--)
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
