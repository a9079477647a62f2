using Tieline.Client.Connections;
using Tieline.Client.Conversations;
using Tieline.Client.Http;
using Tieline.Client.Lines;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Outboxes;

/// <summary>How messages may leave at the moment.</summary>
internal enum SendPath
{
    /// <summary>A WebSocket is about to open: wait for it.</summary>
    Hold,
    Post,
    Line,
}

/// <summary>
/// The queue of unconfirmed messages of one account. Every path sends from the oldest and skips none; what is refused for good steps out
/// of the queue, what is refused for now stops it. A message leaves when anything shows that it is stored: an ack, the answer to a POST, its
/// echo, a page of history.
/// </summary>
internal sealed partial class Sender(ChatHttp http, TokenSource tokens, IOutbox outbox, Backoff backoff, Timings timings, TimeProvider time, Action<string> log) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _queue = new();
    private readonly Dictionary<string, Entry> _failed = [];
    private readonly Dictionary<string, LinkedListNode<Entry>> _byId = [];
    private readonly Signal _changed = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _storing;
    private static readonly TimeSpan _lastWait = TimeSpan.FromSeconds(2);
    private SendPath _path = SendPath.Hold;
    private Line? _line;
    private bool _restored, _signedOut;
    private int _maxBytes = 64 * 1024;

    /// <summary>A message of the queue has a new state. Raised under no lock.</summary>
    public event Action<string, Message>? Moved;

    /// <summary>Puts a message at the end of the queue; the order of calls is the order of sending.</summary>
    /// <returns>Completes when it is stored on the server.</returns>
    public Task<Message> Add(OutboxItem item)
    {
        var entry = new Entry(item);
        lock (_lock)
        {
            entry.Ready = timings.StoreLimit == TimeSpan.Zero;
            _byId[item.ClientId] = _queue.AddLast(entry);
        }

        _ = KeepAsync(entry);
        return entry.Stored.Task;
    }

    /// <summary>All unconfirmed and failed messages to a chat, oldest first.</summary>
    public IReadOnlyList<Message> Waiting(string key)
    {
        lock (_lock) return [.. _failed.Values.Concat(_queue).Where(entry => entry.Item.To == key).OrderBy(entry => entry.Item.CreatedAt).Select(Shape)];
    }

    /// <summary>Takes over what an earlier process left. Once, before anything is sent.</summary>
    public async Task RestoreAsync(string account, CancellationToken cancel)
    {
        if (_restored) return;
        IReadOnlyList<OutboxItem> kept = [];
        try
        {
            using var limit = new CancellationTokenSource(timings.Request, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
            kept = await outbox.LoadAsync(account, both.Token).AsTask().WaitAsync(both.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            log($"outbox: cannot be read, unsent messages are kept in memory only ({e.Message})");
        }

        var restored = new List<Entry>();
        lock (_lock)
        {
            foreach (var item in kept.Reverse())
            {
                if (_byId.ContainsKey(item.ClientId) || _failed.ContainsKey(item.ClientId)) continue;
                var entry = new Entry(item) { Ready = true };
                // Nobody of this process awaits it; its failure is news, not an unobserved exception.
                _ = entry.Stored.Task.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                if (item.Error is null) _byId[item.ClientId] = _queue.AddFirst(entry);
                else _failed[item.ClientId] = entry;
                restored.Insert(0, entry);
            }

            _restored = true;
        }

        _loaded.TrySetResult();
        foreach (var entry in restored) Moved?.Invoke(entry.Item.To, Shape(entry));
        _changed.Set();
    }

    /// <summary>The connection says how messages may leave now.</summary>
    public void Use(SendPath path, Line? line, int maxBytes = 0)
    {
        lock (_lock)
        {
            if (maxBytes > 0) _maxBytes = maxBytes;
            if (_path == path && _line == line) return;
            (_path, _line) = (path, line);
            _doubted = false;
            if (path == SendPath.Line)
            {
                _progress = time.GetTimestamp();
                _notBefore = 0;
                _posting?.Cancel(); // the line is better, and the same client id makes the overlap harmless
            }
        }

        _changed.Set();
    }

    /// <summary>Sends what was refused for now without waiting any longer.</summary>
    public void Hurry()
    {
        lock (_lock)
        {
            _notBefore = 0;
            backoff.Reset();
        }

        _changed.Set();
    }

    /// <summary>Forgets everything: somebody signed out, and nothing may be sent in another name.</summary>
    public async Task WipeAsync(CancellationToken cancel)
    {
        List<Entry> entries;
        lock (_lock)
        {
            _signedOut = true;
            entries = [.. _queue, .. _failed.Values];
            _queue.Clear();
            _byId.Clear();
            _failed.Clear();
            _posting?.Cancel();
        }

        foreach (var entry in entries) entry.Stored.TrySetCanceled(CancellationToken.None);
        await StoreAsync(store => store.ClearAsync(cancel)).WaitAsync(cancel);
    }

    /// <summary>Puts a failed message back at the end of the queue, with its client id.</summary>
    public Task<Message> Retry(string clientId)
    {
        Entry entry;
        lock (_lock)
        {
            if (_byId.TryGetValue(clientId, out var waiting)) return waiting.Value.Stored.Task;
            if (!_failed.Remove(clientId, out var failed)) throw new InvalidOperationException("Only a failed message can be sent again.");
            entry = new Entry(failed.Item with { Error = null });
            _byId[clientId] = _queue.AddLast(entry);
        }

        _ = KeepAsync(entry);
        return entry.Stored.Task;
    }

    /// <summary>Forgets a failed message.</summary>
    public async Task DiscardAsync(string clientId)
    {
        lock (_lock)
        {
            if (!_failed.Remove(clientId)) throw new InvalidOperationException("Only a failed message can be discarded: one that is being sent may have arrived already.");
        }

        await StoreAsync(store => store.RemoveAsync(clientId, CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        List<Entry> entries;
        lock (_lock) entries = [.. _queue];
        foreach (var entry in entries) entry.Stored.TrySetException(new ObjectDisposedException(nameof(ChatClient), "The client was closed before the server confirmed the message."));
        foreach (var entry in entries) _ = entry.Stored.Task.Exception; // observed
        Task? storing;
        lock (_lock) storing = _loaded.Task.IsCompleted ? _storing : null;
        try
        {
            if (storing is not null) await storing.WaitAsync(_lastWait);
        }
        catch (TimeoutException)
        {
            log("outbox: the store hangs and is left alone");
        }

        await outbox.DisposeAsync();
    }

    internal static Message Shape(Entry entry) => new()
    {
        ClientId = entry.Item.ClientId,
        To = ChatKey.Person(entry.Item.To),
        Conversation = ChatKey.Conversation(entry.Item.To),
        Text = entry.Item.Text,
        CreatedAt = entry.Item.CreatedAt,
        IsMine = true,
        State = entry.Item.Error is null ? MessageState.Sending : MessageState.Failed,
        Error = entry.Item.Error,
        Card = entry.Item.Card,
        Attachments = entry.Item.Attachments,
        ReplyTo = entry.Item.ReplyTo,
    };

    /// <summary>Kept first, then shown and sent; but a store that hangs does not stop a message.</summary>
    private async Task KeepAsync(Entry entry)
    {
        var keeping = StoreAsync(store => store.PutAsync(entry.Item, CancellationToken.None));
        if (!keeping.IsCompleted)
        {
            try
            {
                await keeping.WaitAsync(timings.StoreLimit, time);
            }
            catch (TimeoutException)
            {
                log("outbox: the store is slow, sending without it");
            }
        }

        lock (_lock) entry.Ready = true;
        Moved?.Invoke(entry.Item.To, Shape(entry));
        _changed.Set();
    }

    /// <summary>One call of the store after the other, in the order they were asked for, and none before it is loaded.</summary>
    private Task StoreAsync(Func<IOutbox, ValueTask> action)
    {
        lock (_lock) return _storing = AfterAsync(_storing ?? _loaded.Task, action);
    }

    private async Task AfterAsync(Task before, Func<IOutbox, ValueTask> action)
    {
        await before;
        try
        {
            await action(outbox);
        }
        catch (Exception e)
        {
            log($"outbox: {e.Message}");
        }
    }

    /// <summary>A message in the queue.</summary>
    internal sealed class Entry(OutboxItem item)
    {
        public OutboxItem Item { get; set; } = item;
        public TaskCompletionSource<Message> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>It is in the store, or the store is too slow.</summary>
        public bool Ready { get; set; }

        /// <summary>The line it was written to; another line means that it has to be sent again.</summary>
        public Line? SentOn { get; set; }

        public SendFrame Frame => new(Item.ClientId, ChatKey.Person(Item.To), ChatKey.Conversation(Item.To), Item.Text, Item.Card, Item.ReplyTo, Item.Attachments);
    }
}
