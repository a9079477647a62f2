using System.Runtime.CompilerServices;
using Tieline.Client.Conversations;
using Tieline.Client.Outboxes;
using Tieline.Protocol.Frames;

namespace Tieline.Client;

/// <summary>A chat: its messages, and how to write in it. Costs nothing to make; two for the same person or group are the same chat.</summary>
public abstract class Chat
{
    private readonly ChatClient _client;
    private readonly string _key;

    private protected Chat(ChatClient client, string key)
    {
        _client = client;
        _key = key;
    }

    /// <summary>
    /// The newest messages (<see cref="ChatClientOptions.HistoryLimit"/>), then each new one, own and other, in the order of the conversation,
    /// each exactly once, across all interruptions. Ends when the client is closed.
    /// </summary>
    /// <param name="cancel">Ends it.</param>
    public IAsyncEnumerable<Message> Messages(CancellationToken cancel = default) => ReadAsync(changes: false, cancel);

    /// <summary>
    /// What a screen needs: the same messages, and own ones from the moment they are written; a message comes again, with the same
    /// <see cref="Message.ClientId"/>, whenever its state or content has moved. Show by <see cref="Message.Seq"/>, unsent ones at the end.
    /// </summary>
    /// <param name="cancel">Ends it.</param>
    public IAsyncEnumerable<Message> Updates(CancellationToken cancel = default) => ReadAsync(changes: true, cancel);

    /// <summary>
    /// Sends a text. It stands in the outbox when the call returns its task, in the order of the calls, and the task completes when the
    /// server has it on disk, however long that takes. Calling once is enough: the client sends again by itself, and the server stores once.
    /// </summary>
    /// <param name="text">The text. May be empty where a card or attachments go along.</param>
    /// <param name="cancel">Ends the wait only; the message is still sent.</param>
    /// <exception cref="MessageRefusedException">The server refused it for good; it is kept as failed.</exception>
    public Task<Message> SendAsync(string text, CancellationToken cancel = default) => SendAsync(text, null, cancel);

    /// <summary>The same with a card, attachments or the message that is answered.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">What goes along.</param>
    /// <param name="cancel">Ends the wait only.</param>
    /// <exception cref="ArgumentException">There is nothing to send.</exception>
    public Task<Message> SendAsync(string text, SendOptions? options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text) && options?.Card is null && options?.Attachments is null) throw new ArgumentException("There is nothing to send.", nameof(text));
        _client.Connect();
        var now = _client.Options.Time.GetUtcNow();
        var item = new OutboxItem(Guid.CreateVersion7(now).ToString(), _key, text, now)
        {
            Card = options?.Card,
            Attachments = options?.Attachments,
            ReplyTo = options?.ReplyTo,
        };
        return _client.Sender.Add(item).WaitAsync(cancel);
    }

    /// <summary>Sends a failed message once more, with its client id: should it have been stored after all, it is not stored again.</summary>
    /// <param name="failed">A message in <see cref="MessageState.Failed"/>.</param>
    /// <param name="cancel">Ends the wait only.</param>
    public Task<Message> RetryAsync(Message failed, CancellationToken cancel = default) => _client.Sender.Retry(failed.ClientId).WaitAsync(cancel);

    /// <summary>Forgets a failed message.</summary>
    /// <param name="failed">A message in <see cref="MessageState.Failed"/>.</param>
    public Task DiscardAsync(Message failed) => _client.Sender.DiscardAsync(failed.ClientId);

    /// <summary>Older messages than a given one, oldest first; fewer than the limit at the beginning of the conversation.</summary>
    /// <param name="before">Seq of the oldest message that is shown.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="cancel">Ends the request.</param>
    /// <exception cref="ChatRequestException">The server was not reached or refused.</exception>
    public async Task<IReadOnlyList<Message>> OlderAsync(long before, int limit = 50, CancellationToken cancel = default)
    {
        var conversation = _client.Ledger.With(_key, static (c, _) => c?.Id);
        if (conversation is null) return [];
        var page = await _client.HistoryAsync(conversation, before, limit, cancel);
        return [.. page.Messages.Select(_client.Ledger.Shape)];
    }

    /// <summary>The person has seen everything up to this message. Tells the server within a second, and again after an interruption.</summary>
    /// <param name="message">The newest message that was shown; unsent ones do nothing.</param>
    public void MarkRead(Message message)
    {
        if (message.Conversation is null || message.Seq == 0) return;
        _client.Ledger.ReadUpTo(_key, message.Seq);
        _client.Connection.Receipts.Read(message.Conversation, message.Seq);
    }

    /// <summary>Hides everything that is here so far from this account; the other person keeps it. What this client has not heard of yet stays.</summary>
    /// <param name="cancel">Ends the request.</param>
    /// <exception cref="ChatRequestException">The server was not reached or refused.</exception>
    public async Task ClearAsync(CancellationToken cancel = default)
    {
        if (_client.Ledger.With(_key, static (c, _) => (c?.Id, c?.Head)) is ({ } conversation, var head)) await _client.CommandAsync(new ClearFrame(conversation, head), cancel);
    }

    private async IAsyncEnumerable<Message> ReadAsync(bool changes, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, _client.Closing);
        var feed = new Feed(_key);
        var reader = new FeedReader(_client, feed);
        _client.Ledger.Attach(feed);
        try
        {
            _client.Connect();
            if (changes)
            {
                foreach (var waiting in _client.Sender.Waiting(_key)) feed.Push(waiting);
            }

            while (!both.IsCancellationRequested)
            {
                var changed = feed.Changed.Take();
                while (feed.TryTake(out var change))
                {
                    if (changes && feed.IsNews(change)) yield return change;
                }

                if (changes)
                {
                    var (delivered, read) = _client.Ledger.With(_key, static (c, _) => (c?.PeerDelivered ?? 0, c?.PeerRead ?? 0));
                    foreach (var moved in feed.Advance(delivered, read)) yield return moved;
                }

                var batch = await NextAsync(reader, changed, both.Token);
                foreach (var message in batch)
                {
                    if (feed.IsNews(message)) yield return message;
                }
            }

            cancel.ThrowIfCancellationRequested();
        }
        finally
        {
            _client.Ledger.Detach(feed);
        }
    }

    /// <summary>Waits where there is nothing; an end of the wait is for the caller to notice.</summary>
    private static async Task<IReadOnlyList<Message>> NextAsync(FeedReader reader, Task changed, CancellationToken cancel)
    {
        try
        {
            var batch = await reader.NextAsync(changed, cancel);
            if (batch.Count == 0) await changed.WaitAsync(cancel);
            return batch;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return [];
        }
    }
}
