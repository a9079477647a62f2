using Tieline.Client.Conversations;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Outboxes;

internal sealed partial class Sender
{
    /// <summary>A line that acknowledges is not to be doubted.</summary>
    public void AcknowledgeOnLine(AckFrame ack)
    {
        lock (_lock) _doubted = false;
        Acknowledge(ack);
    }

    /// <summary>The server has it.</summary>
    public void Acknowledge(AckFrame ack) => Confirm(ack.ClientId, static (entry, ack) => Shape(entry) with
    {
        Id = ack.Id,
        Conversation = ack.Conversation,
        Seq = ack.Seq,
        CreatedAt = ack.CreatedAt.ToDateTimeOffset(),
        State = MessageState.Sent,
    }, ack);

    /// <summary>A stored message of anybody: if it is one of ours, it has arrived, whatever became of its ack.</summary>
    /// <param name="message">What was stored.</param>
    /// <param name="self">This account's id, where it is known.</param>
    public void Saw(WireMessage message, string? self)
    {
        lock (_lock)
        {
            // The receiver could know our client id only from the stored message, but must not be able to confirm with a message of his own.
            if (!_byId.TryGetValue(message.ClientId, out var node)) return;
            // Before it is known who we are, only of a direct chat is it certain whose message it is.
            var to = ChatKey.Person(node.Value.Item.To);
            if (self is null ? to is null || to == message.FromUser : message.FromUser != self) return;
        }

        Confirm(message.ClientId, static (entry, wire) => Shape(entry) with
        {
            Id = wire.Id,
            Conversation = wire.Conversation,
            Seq = wire.Seq,
            From = wire.FromUser,
            CreatedAt = wire.CreatedAt.ToDateTimeOffset(),
            State = MessageState.Sent,
        }, message);
    }

    /// <summary>The server refused a frame.</summary>
    public void Refused(ErrorFrame error)
    {
        if (error.ClientId is null) return;
        if (error.Code == WireError.Unauthorized.Code) return; // about the line, which says so itself
        if (!error.Retryable)
        {
            Fail(error.ClientId, new MessageError(error.Code, error.Message));
            return;
        }

        lock (_lock)
        {
            if (!_byId.TryGetValue(error.ClientId, out var node)) return;
            // Everything behind it is held by the server and has to be sent again as well.
            for (LinkedListNode<Entry>? next = node; next is not null; next = next.Next) next.Value.SentOn = null;
        }

        if (error.Code != WireError.Held.Code) Later(error.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null, error.Code);
        _changed.Set();
    }

    private void Confirm<T>(string clientId, Func<Entry, T, Message> shape, T what)
    {
        Entry entry;
        Message message;
        lock (_lock)
        {
            if (!_byId.Remove(clientId, out var node))
            {
                if (!_failed.Remove(clientId, out var failed)) return;
                entry = failed; // refused once, but another device or path had stored it
            }
            else
            {
                _queue.Remove(node);
                entry = node.Value;
            }

            entry.Item = entry.Item with { Error = null };
            message = shape(entry, what);
            _progress = time.GetTimestamp();
            _notBefore = 0;
            backoff.Reset();
        }

        entry.Stored.TrySetResult(message);
        Moved?.Invoke(entry.Item.To, message);
        _ = StoreAsync(store => store.RemoveAsync(clientId, CancellationToken.None));
        _changed.Set();
    }

    private void Fail(string clientId, MessageError error)
    {
        Entry entry;
        Message message;
        lock (_lock)
        {
            if (!_byId.Remove(clientId, out var node)) return;
            _queue.Remove(node);
            entry = node.Value;
            entry.Item = entry.Item with { Error = error };
            entry.SentOn = null;
            _failed[clientId] = entry;
            message = Shape(entry);
            _progress = time.GetTimestamp();
        }

        log($"send: refused for good ({error.Code})");
        entry.Stored.TrySetException(new MessageRefusedException(message));
        Moved?.Invoke(entry.Item.To, message);
        _ = StoreAsync(store => store.PutAsync(entry.Item, CancellationToken.None));
        _changed.Set();
    }
}
