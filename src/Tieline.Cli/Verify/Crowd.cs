namespace Tieline.Cli.Verify;

/// <summary>
/// Four people who chat with each other over every transport, whatever happens to their server: two on the socket, one on the stream and one on
/// the long poll. Whoever starts them breaks the server as he likes, and in the end asks for the verdict.
/// </summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan _settleWithin = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _over = new();
    private readonly ServerView _view;
    private readonly List<Journal> _people;
    private readonly Load _load;
    private readonly HttpPeer _streaming, _polling;
    private readonly Task _running;

    private Crowd(Uri server, ServerView view, List<Journal> people, HttpMessageHandler? handler)
    {
        (_view, _people) = (view, people);
        _load = new Load([.. people.Select(person => person.Account)]);
        _streaming = new HttpPeer(server, people[2], _load, stream: true, handler);
        _polling = new HttpPeer(server, people[3], _load, stream: false, handler);
        _running = Task.WhenAll(new SocketPeer(server, people[0], _load, handler).RunAsync(_over.Token), new SocketPeer(server, people[1], _load, handler).RunAsync(_over.Token),
            _streaming.RunAsync(_over.Token), _polling.RunAsync(_over.Token));
    }

    public int Sent => _people.Sum(person => person.Count);

    public int Acknowledged => _people.Sum(person => person.Acknowledged);

    /// <summary>Stored, but acknowledged only when they were sent again.</summary>
    public int Duplicates => _people.Sum(person => person.Duplicates);

    /// <summary>True while a message is on its way.</summary>
    public bool IsWaiting => _people.Exists(person => person.HasOpen);

    /// <summary>Signs four people up and lets them begin. The server need not be ready yet.</summary>
    /// <param name="server">Where they find it.</param>
    /// <param name="handler">How they get there; null: directly. It is not disposed.</param>
    /// <exception cref="LineLostException">The server is not ready in time.</exception>
    public static async Task<Crowd> StartAsync(Uri server, HttpMessageHandler? handler, CancellationToken cancel)
    {
        var view = new ServerView(server, handler);
        try
        {
            await view.ReadyAsync(cancel);
            var people = new List<Journal>();
            foreach (var name in (string[])["ann", "ben", "cem", "dia"]) people.Add(await view.SignUpAsync(name, cancel));
            return new Crowd(server, view, people, handler);
        }
        catch
        {
            view.Dispose();
            throw;
        }
    }

    /// <summary>Nobody writes anything new; what is open is acknowledged, everybody reads to the end of his log, and all of it is checked.</summary>
    /// <exception cref="LineLostException">The server is not there any more.</exception>
    public async Task<Verdict> FinishAsync(CancellationToken cancel)
    {
        _load.End();
        await _view.ReadyAsync(cancel);
        // Where this times out, the checker says what is missing, by name.
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < _settleWithin && !await IsSettledAsync(cancel);) await Task.Delay(100, cancel);
        await StopAsync();

        var verdict = Checker.Check([.. _people.Select(person => person.Evidence)], await _view.ReadAllAsync(_people, cancel));
        foreach (var fault in _people.SelectMany(person => person.Faults)) verdict.AddStrange(fault);
        return verdict;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _streaming.Dispose();
        _polling.Dispose();
        _view.Dispose();
        _over.Dispose();
    }

    private async Task StopAsync()
    {
        await _over.CancelAsync();
        await _running;
    }

    private async Task<bool> IsSettledAsync(CancellationToken cancel)
    {
        if (IsWaiting) return false;
        foreach (var person in _people)
        {
            if (person.Cursor.Pos < await _view.HeadAsync(person, cancel)) return false;
        }

        return true;
    }
}
