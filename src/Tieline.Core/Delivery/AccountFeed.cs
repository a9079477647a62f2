using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Delivery;

/// <summary>
/// The newest events of one account that has lines open here. Lines pull from it at their own pace; what has left it is read from the
/// store. So a slow reader costs a number, not a queue.
/// </summary>
public sealed class AccountFeed(AccountKey account)
{
    // A line that keeps up is a batch behind at most; what is remembered longer is only work for the garbage collector.
    private const int MaxEvents = 128;
    private const int MaxWeight = 512 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<AccountEvent> _recent = new();
    private IFeedListener[] _listeners = [];
    private int _weight;
    private long _head;

    public AccountKey Account { get; } = account;

    /// <summary>The newest position known to be committed.</summary>
    public long Head => Volatile.Read(ref _head);

    public bool IsIdle => _listeners.Length == 0;

    public void Add(IFeedListener listener)
    {
        lock (_lock) _listeners = [.. _listeners, listener];
    }

    public void Remove(IFeedListener listener)
    {
        lock (_lock) _listeners = [.. _listeners.Where(other => !ReferenceEquals(other, listener))];
    }

    /// <summary>A committed event. Positions come in order; a gap empties what is remembered, and the store fills it.</summary>
    /// <returns>False when it was known.</returns>
    public bool Append(AccountEvent @event)
    {
        lock (_lock)
        {
            if (@event.Pos <= _head) return false;
            if (@event.Pos != _head + 1) Drop();
            _recent.Enqueue(@event);
            _weight += @event.Event.Weight;
            while (_recent.Count > MaxEvents || (_weight > MaxWeight && _recent.Count > 1)) _weight -= _recent.Dequeue().Event.Weight;
            Volatile.Write(ref _head, @event.Pos);
            return true;
        }
    }

    public void Wake()
    {
        foreach (var listener in Volatile.Read(ref _listeners)) listener.Wake();
    }

    /// <summary>A position that is known to be committed, without its events: a hint from elsewhere, or the store's own head.</summary>
    public void Raise(long head)
    {
        if (TryRaise(head)) Wake();
    }

    /// <returns>False when as much was known.</returns>
    public bool TryRaise(long head)
    {
        lock (_lock)
        {
            if (head <= _head) return false;
            Drop();
            Volatile.Write(ref _head, head);
            return true;
        }
    }

    /// <summary>Copies the events right after <paramref name="cursor"/>, as far as they are remembered.</summary>
    public int CopyAfter(long cursor, int max, List<AccountEvent> target)
    {
        lock (_lock)
        {
            if (_recent.Count == 0 || _recent.Peek().Pos > cursor + 1) return 0;
            var copied = 0;
            foreach (var @event in _recent)
            {
                if (@event.Pos <= cursor) continue;
                target.Add(@event);
                if (++copied == max) break;
            }

            return copied;
        }
    }

    private void Drop()
    {
        _recent.Clear();
        _weight = 0;
    }
}

/// <summary>A line that wants to know that its feed has moved.</summary>
public interface IFeedListener
{
    /// <summary>Must return at once; called from the writer's thread.</summary>
    void Wake();
}
