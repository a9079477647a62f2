using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Presence;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Server.Bus;
using Tieline.Server.Sockets;

namespace Tieline.Server.Live;

/// <summary>
/// Who is online on any node. Each node says of its own accounts when they come and go, and says it anew each minute, so that what the bus has lost is there again.
/// </summary>
internal sealed class SharedPresence : IDisposable
{
    private const int AnewEverySeconds = 60;
    private const int Chunk = 500;
    private const int MaxAgain = 10_000;

    private readonly OnlineBoard _board;
    private readonly IBus _bus;
    private readonly ILogger _log;
    private readonly AsyncSignal _wake = new();
    private readonly Lock _lock = new();

    // True: news, which the others are told; false: only said anew.
    private Dictionary<AccountKey, bool> _due = [];
    private readonly List<KeyValuePair<AccountKey, bool>> _again = [];
    private int _round;
    private volatile bool _stopped;

    public SharedPresence(OnlineBoard board, IBus bus, ILogger log)
    {
        (_board, _bus, _log) = (board, bus, log);
        if (bus.IsShared) _ = ShowAsync();
    }

    /// <summary>Says, soon, how it stands with an account here.</summary>
    public void Show(AccountKey account)
    {
        if (!_bus.IsShared) return;
        lock (_lock) _due[account] = true;
        _wake.Set();
    }

    /// <summary>Says it of everybody, as news.</summary>
    public void ShowAll() => Show(_ => true, areNews: true);

    /// <summary>Called once a second: every account has its turn once a minute.</summary>
    public void Tick()
    {
        lock (_lock)
        {
            foreach (var (account, isNews) in _again) _due[account] = isNews || _due.GetValueOrDefault(account);
            _again.Clear();
            if (_due.Count > 0) _wake.Set();
        }

        var now = _round++ % AnewEverySeconds;
        Show(account => account.Value % AnewEverySeconds == now, areNews: false);
    }

    /// <summary>How it stands with these accounts on all nodes together; or, where the others cannot be asked, on this one.</summary>
    public async ValueTask<(IReadOnlyDictionary<AccountKey, Sighting> There, bool IsWhole)> LookAsync(IReadOnlyList<SeenPerson> sights)
    {
        var elsewhere = _bus.IsShared ? await _bus.LookAsync([.. sights.Where(sight => sight.Sight.ShowsOnline || sight.Sight.ShowsLastSeen).Select(sight => sight.Account)]) : null;
        var there = sights.DistinctBy(sight => sight.Account).ToDictionary(sight => sight.Account, sight =>
        {
            var said = elsewhere?.GetValueOrDefault(sight.Account) ?? default;
            return new Sighting(sight.Account, _board.IsOnline(sight.Account) || said.Online, Later(Later(_board.SeenAt(sight.Account), said.Seen), sight.Sight.Seen));
        });
        return (there, !_bus.IsShared || elsewhere is not null);
    }

    public void Dispose()
    {
        _stopped = true;
        _wake.Set();
    }

    private static Timestamp? Later(Timestamp? one, Timestamp? other) => one is null || (other is { } that && that > one) ? other : one;

    private void Show(Func<AccountKey, bool> which, bool areNews)
    {
        if (!_bus.IsShared) return;
        var online = _board.Online(which);
        if (online.Count == 0) return;
        lock (_lock)
        {
            foreach (var account in online) _due[account] = areNews || _due.GetValueOrDefault(account);
        }

        _wake.Set();
    }

    private async Task ShowAsync()
    {
        while (!_stopped)
        {
            await _wake.WaitAsync();
            Dictionary<AccountKey, bool> due;
            lock (_lock) (due, _due) = (_due, []);
            foreach (var some in due.Chunk(Chunk)) await ShowAsync(some);
        }
    }

    /// <summary>As it stands now and not as it was when it was to be said: so the last word is the right one.</summary>
    private async Task ShowAsync(KeyValuePair<AccountKey, bool>[] due)
    {
        try
        {
            if (!await _bus.ShowAsync([.. due.Select(one => new Sighting(one.Key, _board.IsOnline(one.Key), _board.SeenAt(one.Key)))]))
            {
                // Once more with the next tick; when the bus is back after a longer time everybody is said anew.
                lock (_lock)
                {
                    if (_again.Count < MaxAgain) _again.AddRange(due);
                }

                return;
            }

            foreach (var (account, isNews) in due)
                if (isNews) _bus.Tell(new PresenceWord(account));
        }
        catch (Exception e)
        {
            ServerLog.PresenceFailed(_log, e);
        }
    }
}
