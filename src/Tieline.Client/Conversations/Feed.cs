using System.Collections.Concurrent;
using Tieline.Client.Connections;

namespace Tieline.Client.Conversations;

/// <summary>
/// One reader of one chat. New messages are not queued for it: it is told that there are some, and pulls them from what is remembered or
/// from history, so a slow reader costs nothing and a lost hint loses nothing. Only changes of what was seen before are handed over.
/// </summary>
internal sealed class Feed(string key)
{
    private const int MaxSeen = 8192;

    private readonly ConcurrentQueue<Message> _changes = new();
    private readonly Dictionary<string, Message> _seen = [];
    private readonly Queue<string> _order = new();
    private readonly SortedDictionary<long, string> _awaited = [];
    private long _delivered, _read;

    /// <summary>Of the chat that is read.</summary>
    public string Key { get; } = key;
    public Signal Changed { get; } = new();

    /// <summary>Counts the databases: another one means that seqs start anew.</summary>
    public int Epoch { get; set; }

    public void Push(Message message)
    {
        _changes.Enqueue(message);
        Changed.Set();
    }

    public bool TryTake(out Message message) => _changes.TryDequeue(out message!);

    /// <summary>True where this says something new: a message not seen before, a further state, another content. States never step back.</summary>
    public bool IsNews(Message message)
    {
        var name = message.ClientId + (message.IsMine ? "" : " " + message.From);
        if (message is { IsMine: true, State: MessageState.Sent or MessageState.Delivered, Seq: > 0 }) _awaited[message.Seq] = name;
        if (_seen.TryGetValue(name, out var known))
        {
            var content = (message.EditedAt, message.Deleted, message.Reactions, message.PinnedAt) != (known.EditedAt, known.Deleted, known.Reactions, known.PinnedAt);
            var retried = known.State == MessageState.Failed && message.State == MessageState.Sending && message.CreatedAt >= known.CreatedAt;
            if (!content && !retried && message.State <= known.State) return false;
        }
        else
        {
            _order.Enqueue(name);
            if (_order.Count > MaxSeen) _seen.Remove(_order.Dequeue());
        }

        _seen[name] = message;
        return true;
    }

    /// <summary>Seqs start anew.</summary>
    public void Restart()
    {
        _awaited.Clear();
        (_delivered, _read) = (0, 0);
    }

    /// <summary>Receipts say "up to here": gives the own messages that were seen and have come further by it.</summary>
    public IReadOnlyList<Message> Advance(long delivered, long read)
    {
        if (delivered <= _delivered && read <= _read) return [];
        (_delivered, _read) = (delivered, read);
        var moved = new List<Message>();
        foreach (var (seq, key) in _awaited.TakeWhile(pair => pair.Key <= Math.Max(delivered, read)).ToList())
        {
            var state = seq <= read ? MessageState.Read : MessageState.Delivered;
            if (state == MessageState.Read) _awaited.Remove(seq);
            if (_seen.TryGetValue(key, out var message) && message.State < state) moved.Add(_seen[key] = message with { State = state });
        }

        return moved;
    }
}
