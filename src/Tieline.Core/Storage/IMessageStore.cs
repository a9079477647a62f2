using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Search;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Storage;

/// <summary>
/// The one seam between the chat and a database. Everything that is written goes through <see cref="Submit"/>; everything that is read
/// is of one committed state. Every implementation inherits the specification in the tests.
/// </summary>
public partial interface IMessageStore : IAsyncDisposable
{
    /// <summary>Random id of the database, part of every cursor. Changed by a restore, so that old cursors are refused.</summary>
    string Epoch { get; }

    /// <summary>
    /// Queues a command. Its outcome is given after the commit is on disk (synced), never before. Commands of one caller are decided in
    /// the order submitted; a batch is stored whole or not at all. Events reach the store's listener before the outcomes are given.
    /// A send that was refused for now or lost holds those behind it on its line. A command that cannot be stored costs no other anything.
    /// </summary>
    void Submit(Submission submission);

    /// <summary>Events of an account's log after <paramref name="after"/>, oldest first, each in its present state. At most <paramref name="limit"/>, fewer where they are long, at least one if there is one.</summary>
    ValueTask<LogPage> ReadLogAsync(AccountKey account, long after, int limit, CancellationToken cancel);

    /// <summary>The conversations of an account, newest first, with the head of its log, all of one moment.</summary>
    /// <param name="before">The activity of the last one on the page before; null for the first page.</param>
    ValueTask<ConversationPage> ReadConversationsAsync(AccountKey account, long? before, int limit, CancellationToken cancel);

    /// <summary>Messages that the account may see, oldest first. Null when it is not a member.</summary>
    ValueTask<HistoryPage?> ReadHistoryAsync(AccountKey account, ConversationTarget target, HistoryRange range, CancellationToken cancel);

    /// <summary>
    /// Messages that the account may see and that <see cref="SearchTerms.Matches"/>, newest first. What was committed before is found, unless
    /// the index is more than a second behind: then what it holds. Edited and deleted messages are shown as they are, never as they were.
    /// </summary>
    /// <returns>Null when the account is no member of the conversation asked for.</returns>
    /// <exception cref="SearchUnavailableException">There is no index yet.</exception>
    ValueTask<SearchPage?> SearchAsync(AccountKey account, MessageSearch search, CancellationToken cancel);

    /// <summary>Unread messages by the other person's id, only where there are any.</summary>
    ValueTask<IReadOnlyList<(string User, long Unread)>> ReadUnreadAsync(AccountKey account, CancellationToken cancel);

    /// <summary>Whom the account has blocked or muted, oldest first.</summary>
    ValueTask<IReadOnlyList<(Account Other, Relation Relation)>> ReadRelationsAsync(AccountKey account, CancellationToken cancel);

    /// <summary>What <paramref name="of"/> has set towards <paramref name="to"/>.</summary>
    ValueTask<Relation> ReadRelationAsync(AccountKey of, AccountKey to, CancellationToken cancel);

    /// <summary>The first answer to a send, if it was stored.</summary>
    ValueTask<SentRecord?> FindSentAsync(AccountKey sender, string clientId, CancellationToken cancel);

    ValueTask<Account?> FindAccountAsync(AccountLookup by, string value, CancellationToken cancel);

    /// <summary>Accounts whose username or e-mail begins with <paramref name="prefix"/>.</summary>
    ValueTask<IReadOnlyList<Account>> SearchAccountsAsync(string prefix, int limit, CancellationToken cancel);

    ValueTask<string?> FindPasswordHashAsync(AccountKey account, CancellationToken cancel);

    /// <summary>A finished upload that is not doomed, whoever asks: the caller checks who may know of it.</summary>
    ValueTask<Attachment?> FindAttachmentAsync(string id, CancellationToken cancel);

    /// <summary>The same, if a message of this conversation carries it now.</summary>
    ValueTask<Attachment?> FindAttachmentInAsync(string conversation, string id, CancellationToken cancel);

    /// <summary>The attachment with this id where it is the picture of a group now.</summary>
    ValueTask<Attachment?> FindPictureAsync(string id, CancellationToken cancel);

    /// <summary>The same with a conversation in which the account may see a message that carries it; null when there is none.</summary>
    ValueTask<(Attachment Attachment, string Conversation)?> FindVisibleAttachmentAsync(AccountKey account, string id, CancellationToken cancel);

    /// <summary>What no message carries: finished before that moment and never sent, or no longer carried by the message that did; and what is doomed.</summary>
    ValueTask<IReadOnlyList<(string Id, bool Doomed)>> ReadUnusedAttachmentsAsync(DateTimeOffset before, int limit, CancellationToken cancel);

    /// <summary>Removes events older than <paramref name="before"/> from the logs; messages stay. Each log keeps its newest event.</summary>
    ValueTask<long> PruneLogsAsync(DateTimeOffset before, CancellationToken cancel);

    /// <summary>
    /// Removes messages of before that moment, with everything that belonged to them: client ids, edits, reactions, stars, files, what search knows. Numbers stay taken, logs stay dense
    /// (they are void there). A store may keep for longer what lies with younger ones. May go on beside sends, and of several nodes at once one does it.
    /// </summary>
    /// <returns>How many messages went.</returns>
    ValueTask<long> DropMessagesAsync(DateTimeOffset before, CancellationToken cancel);

    /// <summary>Writes and syncs something of no meaning.</summary>
    /// <returns>Null when the store can be written, else why not.</returns>
    ValueTask<string?> CheckWritableAsync(CancellationToken cancel);
}

public enum AccountLookup
{
    Id,
    Email,
    Username,
}

/// <param name="Head">The newest position of the log at that moment.</param>
/// <param name="Oldest">The oldest position still kept; head + 1 when the log is empty.</param>
public sealed record LogPage(IReadOnlyList<AccountEvent> Events, long Head, long Oldest);

public sealed record ConversationPage(long Head, IReadOnlyList<WireConversation> Conversations, long? Next);

/// <summary>Which messages of a conversation: the <paramref name="Limit"/> before <paramref name="Before"/> (null: the newest), or, with <paramref name="After"/>, the ones right after it.</summary>
public readonly record struct HistoryRange(int Limit, long? Before = null, long? After = null);

/// <param name="More">True when there are more in the direction that was read.</param>
public sealed record HistoryPage(ConversationKey Key, string Conversation, IReadOnlyList<WireMessage> Messages, bool More);

/// <summary>A command on its way to the disk, and whoever waits for it.</summary>
public abstract class Submission(Command command)
{
    public Command Command { get; } = command;

    /// <summary>Called once, on the writer's thread: must return at once and not throw.</summary>
    public abstract void Complete(Outcome outcome);

    /// <summary>The same for one of a batch: <see cref="Settle"/> follows when all of the batch have their outcome, so that what they tell one line can leave in one write.</summary>
    public virtual void CompleteInBatch(Outcome outcome) => Complete(outcome);

    /// <summary>All of the batch have their outcome.</summary>
    public virtual void Settle()
    {
    }

    /// <summary>Called instead when nobody can say whether the command was stored.</summary>
    public abstract void Lose(Exception reason);
}

/// <summary>Hears of every committed batch, in commit order, before the outcomes are given.</summary>
public interface ICommitListener
{
    void Committed(IReadOnlyList<LoggedEvent> events);

    /// <summary>The same without waking anybody yet: <see cref="Wake"/> follows when the outcomes are given.</summary>
    void Append(IReadOnlyList<LoggedEvent> events) => Committed(events);

    /// <summary>Wakes whoever waits for what was appended.</summary>
    void Wake()
    {
    }
}
