using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

/// <summary>
/// What a store tells the ledger from inside the storing transaction. Every answer is of the committed state, plus nothing else: the
/// ledger itself remembers what the present batch has changed.
/// </summary>
public partial interface ILedgerFacts
{
    /// <summary>The newest position in an account's log, 0 for none.</summary>
    long Head(AccountKey account);

    ConversationState? FindDirect(AccountKey one, AccountKey other);

    ConversationState? FindConversation(string id);

    ConversationState? FindConversation(ConversationKey key);

    /// <summary>The first answer to this sender's <paramref name="clientId"/>, for the life of the message and its tombstone.</summary>
    SentRecord? FindSent(AccountKey sender, string clientId);

    Relation FindRelation(AccountKey of, AccountKey to);

    /// <summary>Up to where the account's devices have received its log.</summary>
    long ReceivedPos(AccountKey account);

    /// <summary>The newest message of others in each conversation, among the log's events after <paramref name="after"/> up to <paramref name="upTo"/>.</summary>
    IReadOnlyList<(ConversationKey Conversation, long Seq)> MessagesBetween(AccountKey account, long after, long upTo);

    /// <summary>How many messages of <paramref name="sender"/> have a seq above <paramref name="after"/> up to <paramref name="upTo"/>.</summary>
    long CountSent(ConversationKey conversation, AccountKey sender, long after, long upTo);

    /// <summary>Who has sent a message with a seq above <paramref name="after"/> up to <paramref name="upTo"/>, each once.</summary>
    IReadOnlyList<AccountKey> Senders(ConversationKey conversation, long after, long upTo);

    /// <summary>The group whose present join link has this code, expired or not.</summary>
    ConversationKey? FindGroupByLink(string code);

    Account? FindAccountById(string id);

    Account? FindAccountByEmail(string normalizedEmail);

    Account? FindAccountByUsername(string normalizedUsername);

    /// <summary>A finished upload that is not doomed.</summary>
    Attachment? FindAttachment(string id);

    /// <summary>True when a message carries it.</summary>
    bool IsAttachmentUsed(string id);

    /// <summary>A key that no account has had.</summary>
    AccountKey NextAccountKey();

    /// <summary>A key that no conversation has had.</summary>
    ConversationKey NextConversationKey();
}

/// <summary>What is kept of a send so that a resend gets the same answer.</summary>
public sealed record SentRecord(string Conversation, long Seq, long Pos, Timestamp CreatedAt, byte[] Hash);
