namespace Tieline.Cli.Verify;

/// <summary>
/// People who chat with each other over every transport, whatever happens to their server: two on the socket, one on the stream and one on
/// the long poll. Whoever starts them breaks the server as he likes, and in the end asks for the verdict.
/// </summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan _settleWithin = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _over = new();
    private readonly Doors _doors;
    private readonly ServerView _view;
    private readonly List<Journal> _people;
    private readonly Load _load;
    private readonly List<IDisposable> _peers = [];
    private readonly Task _running;

    private Crowd(Doors doors, ServerView view, List<Journal> people, Pace pace, HttpMessageHandler? handler)
    {
        (_doors, _view, _people) = (doors, view, people);
        _load = new Load([.. people.Select(person => person.Account)], pace);
        var running = new List<Task>();
        for (var i = 0; i < people.Count; i++)
        {
            var reader = new Reader(doors, people[i], _load, handler);
            _peers.Add(reader);
            running.Add(reader.RunAsync(_over.Token));
            if (i % 4 < 2) running.Add(new SocketPeer(doors, people[i], _load, handler).RunAsync(_over.Token));
            else
            {
                var peer = new HttpPeer(doors, people[i], _load, stream: i % 4 == 2, handler);
                _peers.Add(peer);
                running.Add(peer.RunAsync(_over.Token));
            }
        }

        _running = Task.WhenAll(running);
    }

    public int Sent => _people.Sum(person => person.Count);

    public int Acknowledged => _people.Sum(person => person.Acknowledged);

    /// <summary>Stored, but acknowledged only when they were sent again.</summary>
    public int Duplicates => _people.Sum(person => person.Duplicates);

    /// <summary>Pages of history that were read meanwhile.</summary>
    public int Readings => _people.Sum(person => person.ReadingCount);

    /// <summary>Events in all logs.</summary>
    public long Events => _people.Sum(person => person.Cursor.Pos);

    /// <summary>True while a message is on its way.</summary>
    public bool IsWaiting => _people.Exists(person => person.HasOpen);

    /// <summary>Signs four people up and lets them begin. The server need not be ready yet.</summary>
    /// <param name="server">Where they find it.</param>
    /// <param name="handler">How they get there; null: directly. It is not disposed.</param>
    /// <exception cref="LineLostException">The server is not ready in time.</exception>
    public static Task<Crowd> StartAsync(Uri server, HttpMessageHandler? handler, CancellationToken cancel) => StartAsync([server], Pace.Fast, handler, cancel);

    /// <summary>The same at several nodes, where each line goes to the next of them.</summary>
    public static async Task<Crowd> StartAsync(IReadOnlyList<Uri> servers, Pace pace, HttpMessageHandler? handler, CancellationToken cancel)
    {
        var doors = new Doors(servers);
        var view = new ServerView(doors, handler);
        try
        {
            await view.ReadyAsync(cancel);
            var people = new List<Journal>();
            foreach (var name in (string[])["ann", "ben", "cem", "dia"]) people.Add(await view.SignUpAsync(name, cancel));
            return new Crowd(doors, view, people, pace, handler);
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

        var unread = new List<string>();
        foreach (var (person, server) in _people.SelectMany(person => _doors.All.Select(server => (person, server))))
        {
            try
            {
                if (await _view.ReadLogAsync(person, server, cancel) is { } log) person.Take(log);
            }
            catch (HttpRequestException e)
            {
                unread.Add($"{person.Account}'s log cannot be read at {server.Authority}: {e.Message}");
            }
        }

        var verdict = Checker.Check([.. _people.Select(person => person.Evidence)], await _view.ReadAllAsync(_people, cancel));
        foreach (var fault in unread) verdict.AddStrange(fault);
        foreach (var fault in _people.SelectMany(person => person.Faults)) verdict.AddStrange(fault);
        return verdict;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var peer in _peers) peer.Dispose();
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
