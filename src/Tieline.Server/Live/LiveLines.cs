using Tieline.Core.Accounts;

namespace Tieline.Server.Live;

/// <summary>Which lines are open of whom, and who watches whom. Thread-safe.</summary>
internal sealed class LiveLines
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AccountKey, List<LiveLine>> _open = [];
    private readonly Dictionary<AccountKey, HashSet<LiveLine>> _watchers = [];

    public void Add(LiveLine line)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(line.Account.Key, out var lines)) _open.Add(line.Account.Key, lines = []);
            lines.Add(line);
        }
    }

    public void Remove(LiveLine line)
    {
        lock (_lock)
        {
            Forget(line);
            if (!_open.TryGetValue(line.Account.Key, out var lines)) return;
            lines.Remove(line);
            if (lines.Count == 0) _open.Remove(line.Account.Key);
        }
    }

    public IReadOnlyList<LiveLine> Of(AccountKey account)
    {
        lock (_lock) return _open.TryGetValue(account, out var lines) ? [.. lines] : [];
    }

    /// <summary>Those who watch anybody.</summary>
    public IReadOnlyList<AccountKey> Viewers
    {
        get
        {
            lock (_lock) return [.. _watchers.Values.SelectMany(watchers => watchers).Select(line => line.Account.Key).Distinct()];
        }
    }

    public IReadOnlyList<LiveLine> WatchersOf(AccountKey account)
    {
        lock (_lock) return _watchers.TryGetValue(account, out var watchers) ? [.. watchers] : [];
    }

    /// <summary>Replaces what a line watches. A line that has just closed watches nobody.</summary>
    public void Watch(LiveLine line, IReadOnlyList<AccountKey> accounts)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(line.Account.Key, out var lines) || !lines.Contains(line)) return;
            Forget(line);
            line.Watch(accounts);
            foreach (var account in accounts)
            {
                if (!_watchers.TryGetValue(account, out var watchers)) _watchers.Add(account, watchers = []);
                watchers.Add(line);
            }
        }
    }

    private void Forget(LiveLine line)
    {
        foreach (var account in line.Watched)
        {
            if (!_watchers.TryGetValue(account, out var watchers)) continue;
            watchers.Remove(line);
            if (watchers.Count == 0) _watchers.Remove(account);
        }
    }
}
