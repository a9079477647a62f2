using System.Collections.Concurrent;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Presence;
using Tieline.Core.Storage;

namespace Tieline.Core.Delivery;

/// <summary>The feeds of the accounts that have lines open on this node.</summary>
/// <param name="online">Told of each line that opens and closes, a poll that waits among them.</param>
public sealed class Feeds(OnlineBoard? online = null) : ICommitListener
{
    private readonly ConcurrentDictionary<AccountKey, AccountFeed> _feeds = new();
    private readonly Lock _lock = new();

    // Appended to since the last waking; touched by the store's writer alone.
    private readonly HashSet<AccountFeed> _moved = [];

    /// <summary>Accounts with at least one line.</summary>
    public int Count => _feeds.Count;

    /// <summary>The accounts with lines here, and how far each log is known to have come.</summary>
    public IEnumerable<(AccountKey Account, long Head)> Heads => _feeds.Select(feed => (feed.Key, feed.Value.Head));

    /// <summary>Another node has committed something in this log: the lines here read it from the store. May come late, twice, or for nobody here.</summary>
    public void Raise(AccountKey account, long head)
    {
        if (_feeds.TryGetValue(account, out var feed)) feed.Raise(head);
    }

    /// <summary>Registers a line. From here on nothing committed is missed; what came before is in the store.</summary>
    public AccountFeed Join(AccountKey account, IFeedListener listener)
    {
        AccountFeed joined;
        lock (_lock)
        {
            var feed = _feeds.GetOrAdd(account, static key => new AccountFeed(key));
            feed.Add(listener);
            joined = feed;
        }

        online?.Opened(account);
        return joined;
    }

    public void Leave(AccountFeed feed, IFeedListener listener)
    {
        lock (_lock)
        {
            feed.Remove(listener);
            if (feed.IsIdle) _feeds.TryRemove(feed.Account, out _);
        }

        online?.Closed(feed.Account);
    }

    public void Committed(IReadOnlyList<LoggedEvent> events)
    {
        Append(events);
        Wake();
    }

    public void Append(IReadOnlyList<LoggedEvent> events)
    {
        foreach (var logged in events)
            if (_feeds.TryGetValue(logged.Account, out var feed)
                && (logged.Event.ToldByStore ? feed.TryRaise(logged.Pos) : feed.Append(new AccountEvent(logged.Pos, logged.Event)))) _moved.Add(feed);
    }

    public void Wake()
    {
        foreach (var feed in _moved) feed.Wake();
        _moved.Clear();
    }
}
