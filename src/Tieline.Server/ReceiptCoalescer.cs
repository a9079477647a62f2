using System.Collections.Concurrent;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;

namespace Tieline.Server;

/// <summary>
/// Receipts move many times a second and only the last place counts: per account the first is stored at once, what follows within a second as one.
/// Losing what waits here costs nothing, since clients tell their place again when they return.
/// </summary>
internal sealed class ReceiptCoalescer : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly IMessageStore _store;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly ConcurrentDictionary<AccountKey, Waiting> _waiting = new();

    public ReceiptCoalescer(IMessageStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        _timer = time.CreateTimer(_ => FlushDue(all: false), null, _tick, _tick);
    }

    private sealed class Waiting(Account account)
    {
        public Account Account { get; } = account;
        public long FlushedAt { get; set; } = long.MinValue;
        public long Pos { get; set; }
        public Dictionary<(AccountKey? Peer, ConversationKey? Key, string? Id), (ConversationTarget Target, long Delivered, long Read, Action<Refused>? Refused)> Moves { get; } = [];
    }

    /// <summary>Everything up to <paramref name="pos"/> of the account's log reached a device.</summary>
    public void Received(Account account, long pos) => Add(account, waiting => waiting.Pos = Math.Max(waiting.Pos, pos));

    /// <param name="refused">Called when the conversation is not there for this account.</param>
    public void Move(Account account, ConversationTarget target, long deliveredSeq, long readSeq, Action<Refused>? refused = null) => Add(account, waiting =>
    {
        var key = (target.Peer?.Key, target.Key, target.Conversation);
        waiting.Moves.TryGetValue(key, out var before);
        waiting.Moves[key] = (target, Math.Max(before.Delivered, deliveredSeq), Math.Max(before.Read, readSeq), refused);
    });

    /// <summary>Stores all that waits; called before the store stops.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        FlushDue(all: true);
    }

    private void Add(Account account, Action<Waiting> change)
    {
        while (true)
        {
            var waiting = _waiting.GetOrAdd(account.Key, static (_, account) => new Waiting(account), account);
            lock (waiting)
            {
                // It may just have been removed as idle.
                if (!_waiting.TryGetValue(account.Key, out var current) || !ReferenceEquals(current, waiting)) continue;
                change(waiting);
                if (IsDue(waiting)) Flush(waiting);
                return;
            }
        }
    }

    private bool IsDue(Waiting waiting) => waiting.FlushedAt == long.MinValue || _time.GetElapsedTime(waiting.FlushedAt) >= _interval;

    private void FlushDue(bool all)
    {
        foreach (var (key, waiting) in _waiting)
        {
            lock (waiting)
            {
                if (!all && !IsDue(waiting)) continue;
                if (waiting.Pos == 0 && waiting.Moves.Count == 0) _waiting.TryRemove(key, out _);
                else Flush(waiting);
            }
        }
    }

    private void Flush(Waiting waiting)
    {
        if (waiting.Pos > 0) _store.Submit(new Unawaited(new MarkDelivered(waiting.Account, waiting.Pos), null));
        foreach (var (target, delivered, read, refused) in waiting.Moves.Values)
            _store.Submit(new Unawaited(new MoveReceipt(waiting.Account, target, delivered, read), refused));
        waiting.Pos = 0;
        waiting.Moves.Clear();
        waiting.FlushedAt = _time.GetTimestamp();
    }

    private sealed class Unawaited(Command command, Action<Refused>? refused) : Submission(command)
    {
        public override void Complete(Outcome outcome)
        {
            if (outcome is Refused refusal) refused?.Invoke(refusal);
        }

        public override void Lose(Exception reason)
        {
        }
    }
}
