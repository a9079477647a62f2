using System.Collections.Concurrent;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;

namespace Tieline.Core.Delivery;

/// <summary>The feeds of the accounts that have lines open on this node.</summary>
public sealed class Feeds : ICommitListener
{
    private readonly ConcurrentDictionary<AccountKey, AccountFeed> _feeds = new();
    private readonly Lock _lock = new();

    /// <summary>Accounts with at least one line.</summary>
    public int Count => _feeds.Count;

    /// <summary>Registers a line. From here on nothing committed is missed; what came before is in the store.</summary>
    public AccountFeed Join(AccountKey account, IFeedListener listener)
    {
        lock (_lock)
        {
            var feed = _feeds.GetOrAdd(account, static key => new AccountFeed(key));
            feed.Add(listener);
            return feed;
        }
    }

    public void Leave(AccountFeed feed, IFeedListener listener)
    {
        lock (_lock)
        {
            feed.Remove(listener);
            if (feed.IsIdle) _feeds.TryRemove(feed.Account, out _);
        }
    }

    public void Committed(IReadOnlyList<LoggedEvent> events)
    {
        foreach (var logged in events)
            if (_feeds.TryGetValue(logged.Account, out var feed))
            {
                if (logged.Event.ToldByStore) feed.Raise(logged.Pos);
                else feed.Publish(new AccountEvent(logged.Pos, logged.Event));
            }
    }
}
