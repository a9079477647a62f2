using Tieline.Client.Connections;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Conversations;

/// <summary>One reader's place in one chat: what comes after it is taken from memory or, where that has forgotten it, from history.</summary>
internal sealed class FeedReader(ChatClient client, Feed feed)
{
    private const int PageSize = 200;

    private readonly Backoff _backoff = new(client.Options.Timings, client.Options.Random);
    private int _epoch;
    private long? _last;

    /// <summary>The next messages, oldest first; none when there is nothing new or the server cannot be asked now.</summary>
    public async Task<IReadOnlyList<Message>> NextAsync(Task changed, CancellationToken cancel)
    {
        if (feed.Epoch != _epoch)
        {
            (_epoch, _last) = (feed.Epoch, null);
            feed.Restart();
        }

        var place = client.Ledger.With(feed.Key, (conversation, known) => new Place(
            known, conversation?.Id, conversation?.Head ?? 0, conversation is not null && _last is { } last ? conversation.After(last)?.ConvertAll(m => client.Ledger.Shape(m, conversation)) : null));
        if (!place.Known) return [];
        try
        {
            if (place.Conversation is null)
            {
                if (client.Ledger.NextPage is null) _last ??= 0;
                else await client.MoreConversationsAsync(cancel);
                return [];
            }

            if (place.Remembered is { } remembered)
            {
                _last = place.Head;
                return remembered;
            }

            var messages = _last is null ? await NewestAsync(place.Conversation, cancel) : await BetweenAsync(place.Conversation, _last.Value, cancel);
            // A seq may have been hidden from this account: the head counts as read although no message has it.
            _last = Math.Max(Math.Max(_last ?? 0, place.Head), messages.Count > 0 ? messages[^1].Seq : 0);
            _backoff.Reset();
            return [.. messages.Select(client.Ledger.Shape)];
        }
        catch (ChatRequestException)
        {
            await Task.WhenAny(changed, Task.Delay(_backoff.Next(), client.Options.Time, cancel));
            cancel.ThrowIfCancellationRequested();
            feed.Changed.Set();
            return [];
        }
    }

    private async Task<IReadOnlyList<WireMessage>> NewestAsync(string conversation, CancellationToken cancel) =>
        (await client.HistoryAsync(conversation, null, Math.Clamp(client.Options.HistoryLimit, 1, PageSize), cancel)).Messages;

    private async Task<IReadOnlyList<WireMessage>> BetweenAsync(string conversation, long last, CancellationToken cancel)
    {
        var pages = new Stack<IReadOnlyList<WireMessage>>();
        long? before = null;
        while (true)
        {
            var page = await client.HistoryAsync(conversation, before, PageSize, cancel);
            pages.Push(page.Messages);
            if (!page.More || page.Messages.Count == 0 || page.Messages[0].Seq <= last + 1) break;
            before = page.Messages[0].Seq;
        }

        return [.. pages.SelectMany(page => page).Where(message => message.Seq > last)];
    }

    private readonly record struct Place(bool Known, string? Conversation, long Head, IReadOnlyList<Message>? Remembered);
}
