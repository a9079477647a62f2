using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Delivery;

/// <summary>A store that has one account's log and nothing else. It can be made to do something in the middle of a read.</summary>
internal sealed partial class LogOnly(string epoch) : IMessageStore
{
    private readonly List<AccountEvent> _log = [];

    public string Epoch { get; } = epoch;
    public int Reads { get; private set; }

    /// <summary>Happens once, after the next read has seen the log and before its answer is there.</summary>
    public Action? WhileReading { get; set; }

    public AccountEvent Append()
    {
        var @event = new AccountEvent(_log.Count == 0 ? 1 : _log[^1].Pos + 1, VoidEvent.Instance);
        _log.Add(@event);
        return @event;
    }

    public void Append(int count)
    {
        for (var i = 0; i < count; i++) Append();
    }

    public void Lose(Predicate<long> positions) => _log.RemoveAll(@event => positions(@event.Pos));

    public ValueTask<LogPage> ReadLogAsync(AccountKey account, long after, int limit, CancellationToken cancel)
    {
        Reads++;
        var page = new LogPage([.. _log.Where(@event => @event.Pos > after).Take(limit)], _log.Count == 0 ? 0 : _log[^1].Pos, _log.Count == 0 ? 1 : _log[0].Pos);
        var happening = WhileReading;
        WhileReading = null;
        happening?.Invoke();
        return new ValueTask<LogPage>(page);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Submit(Submission submission) => throw new NotSupportedException();

    public ValueTask<ConversationPage> ReadConversationsAsync(AccountKey account, long? before, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<HistoryPage?> ReadHistoryAsync(AccountKey account, ConversationTarget target, HistoryRange range, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<WireMessage>?> ReadPinnedAsync(AccountKey account, ConversationTarget target, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<StarredPage> ReadStarredAsync(AccountKey account, StarPlace? before, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<MembersPage?> ReadMembersAsync(AccountKey account, ConversationTarget target, string? after, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<SearchPage?> SearchAsync(AccountKey account, MessageSearch search, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<(string User, long Unread)>> ReadUnreadAsync(AccountKey account, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<(Account Other, Relation Relation)>> ReadRelationsAsync(AccountKey account, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Relation> ReadRelationAsync(AccountKey of, AccountKey to, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<SentRecord?> FindSentAsync(AccountKey sender, string clientId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Account?> FindAccountAsync(AccountLookup by, string value, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Account>> SearchAccountsAsync(string prefix, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<string?> FindPasswordHashAsync(AccountKey account, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Attachment?> FindAttachmentAsync(string id, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Attachment?> FindAttachmentInAsync(string conversation, string id, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Attachment?> FindPictureAsync(string id, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<(Attachment Attachment, string Conversation)?> FindVisibleAttachmentAsync(AccountKey account, string id, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<(string Id, bool Doomed)>> ReadUnusedAttachmentsAsync(DateTimeOffset before, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<long> DropMessagesAsync(DateTimeOffset before, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<long> PruneLogsAsync(DateTimeOffset before, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancel) => throw new NotSupportedException();
}
