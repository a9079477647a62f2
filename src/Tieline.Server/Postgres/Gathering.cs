namespace Tieline.Server.Postgres;

/// <summary>
/// Questions of many, put together: while one batch is asked, what comes meanwhile is gathered and is the next, or goes beside it when it has become a crowd. So load
/// makes batches longer and not more. What is answered was asked after it was added.
/// </summary>
/// <param name="most">Questions in a batch.</param>
/// <param name="ask">Asks a batch and answers each of it; must not throw.</param>
internal sealed class Gathering<T>(int most, Func<List<T>, Task> ask)
{
    /// <summary>A batch that takes longer, such as on a connection that is dead, holds up nobody who came after it.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(250);

    /// <summary>So many wait before another batch goes beside those that are asked.</summary>
    private const int Crowd = 16;

    private const int MaxRunning = 4;

    private readonly Lock _lock = new();
    private readonly Queue<T> _waiting = new();
    private int _running;

    public void Add(T question)
    {
        lock (_lock)
        {
            _waiting.Enqueue(question);
            if (_running == MaxRunning || _waiting.Count < _running * Crowd) return;
            _running++;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        // Those who were woken by the same word come first, and are asked for together.
        await Task.Yield();
        while (Take() is { } batch)
        {
            try
            {
                await ask(batch).WaitAsync(_patience);
            }
            catch (TimeoutException)
            {
                // It is answered when it is; meanwhile the next goes.
            }
        }
    }

    private List<T>? Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _running--;
                return null;
            }

            var batch = new List<T>(Math.Min(_waiting.Count, most));
            while (batch.Count < most && _waiting.TryDequeue(out var question)) batch.Add(question);
            return batch;
        }
    }
}
