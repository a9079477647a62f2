using Tieline.Core.Accounts;
using Tieline.Core.Messages;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

public partial interface ILedgerFacts
{
    /// <summary>A message as it stands; null where there is none, or where it has disappeared.</summary>
    StoredMessage? FindMessage(ConversationKey conversation, long seq);

    /// <summary>Who has deleted this message for itself only.</summary>
    IReadOnlyCollection<AccountKey> HiddenFrom(ConversationKey conversation, long seq);

    /// <summary>The reactions to a message, in the order in which they were set.</summary>
    IReadOnlyList<Reaction> Reactions(ConversationKey conversation, long seq);

    long CountPinned(ConversationKey conversation);

    bool IsStarred(AccountKey account, ConversationKey conversation, long seq);

    DraftText? FindDraft(AccountKey account, ConversationKey conversation);

    /// <summary>Messages that should have disappeared at this moment and have not, the longest overdue first.</summary>
    IReadOnlyList<(ConversationKey Conversation, long Seq)> FindExpired(Timestamp now, int limit);
}
