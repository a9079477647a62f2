using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Core.Storage;

namespace Tieline.Core.Delivery;

/// <summary>One line's place in its account's log. Takes the events after it in order and without gaps, from memory or from the store.</summary>
public sealed class FeedReader : IDisposable
{
    /// <summary>What a reader asks for that is a little behind, as one is that was told of an event on another node: a store may answer many of these together.</summary>
    public const int ShortPage = 64;

    private const int PageSize = 200;

    private readonly IMessageStore _store;
    private readonly Feeds _feeds;
    private readonly IFeedListener _listener;
    private readonly AccountFeed _feed;

    /// <summary>
    /// Up to here only the store may tell. It tells each event as it is now, and memory as it was: taken after the store's word it would
    /// be a step back, such as a receipt that shrinks or a cleared message that comes again.
    /// </summary>
    private long _replayUntil;

    private FeedReader(IMessageStore store, Feeds feeds, AccountKey account, IFeedListener listener)
    {
        _store = store;
        _feeds = feeds;
        _listener = listener;
        _feed = feeds.Join(account, listener);
    }

    /// <summary>Everything up to here has been taken.</summary>
    public long Cursor { get; private set; }

    /// <summary>The newest position known to be committed.</summary>
    public long Head => _feed.Head;

    public bool IsBehind => Cursor < _feed.Head;

    /// <summary>Registers for live events first and looks at the log after, so that nothing falls between the two.</summary>
    public static FeedReader Join(IMessageStore store, Feeds feeds, AccountKey account, IFeedListener listener) => new(store, feeds, account, listener);

    /// <summary>
    /// Goes on after <paramref name="since"/> if that can be done whole: same epoch, not beyond the head, nothing pruned, not too far behind.
    /// </summary>
    /// <returns>False when the client must start from a snapshot; the reader then stands at the head.</returns>
    public async ValueTask<bool> ResumeAsync(string? since, int maxBehind, CancellationToken cancel)
    {
        var known = Protocol.Cursor.TryParse(since, out var cursor) && cursor.Epoch == _store.Epoch;
        var page = await _store.ReadLogAsync(_feed.Account, known ? cursor.Pos : long.MaxValue, 1, cancel);
        _feed.Raise(page.Head);
        _replayUntil = page.Head;
        var whole = known && cursor.Pos <= page.Head && cursor.Pos >= page.Oldest - 1 && page.Head - cursor.Pos <= maxBehind;
        Cursor = whole ? cursor.Pos : page.Head;
        return whole;
    }

    /// <summary>Stands at a position that was read together with a snapshot.</summary>
    public void StandAt(long pos)
    {
        Cursor = pos;
        _feed.Raise(pos);
    }

    /// <summary>Takes the next events, at most <paramref name="max"/>; none when the reader has caught up.</summary>
    /// <exception cref="LogPrunedException">The log no longer holds what comes next: start again from a snapshot.</exception>
    public async ValueTask TakeAsync(List<AccountEvent> target, int max, CancellationToken cancel)
    {
        if (!IsBehind) return;
        if (Cursor < _replayUntil || _feed.CopyAfter(Cursor, max, target) == 0)
        {
            var page = await _store.ReadLogAsync(_feed.Account, Cursor, Math.Min(max, _feed.Head - Cursor < ShortPage ? ShortPage : PageSize), cancel);
            // pos is dense: a page that ends where it should has no hole in it either.
            if (page.Events.Count == 0 || page.Events[^1].Pos != Cursor + page.Events.Count) throw new LogPrunedException();
            _replayUntil = page.Head;
            target.AddRange(page.Events);
        }

        if (target.Count > 0) Cursor = target[^1].Pos;
    }

    public void Dispose() => _feeds.Leave(_feed, _listener);
}

/// <summary>What a line wanted to read has left the log.</summary>
public sealed class LogPrunedException : Exception;
