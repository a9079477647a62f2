using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

public sealed partial class LedgerChanges
{
    /// <summary>Messages that were stored before and are now like this, the last word of the batch for each.</summary>
    public Dictionary<(ConversationKey Conversation, long Seq), StoredMessage> Updates { get; } = [];

    /// <summary>Texts that an edit replaced, for moderators.</summary>
    public List<(ConversationKey Conversation, long Seq, string Text)> Edits { get; } = [];

    public List<(ConversationKey Conversation, long Seq, AccountKey Account)> Hidden { get; } = [];

    /// <summary>What each account now shows for a message; null: it has taken its reaction back.</summary>
    public Dictionary<(ConversationKey Conversation, long Seq, AccountKey Account), string?> Reactions { get; } = [];

    public Dictionary<(AccountKey Account, ConversationKey Conversation, long Seq), bool> Stars { get; } = [];
    public Dictionary<(AccountKey Account, ConversationKey Conversation), DraftText?> Drafts { get; } = [];

    /// <summary>
    /// Messages that have disappeared, each among <see cref="Updates"/> too, as a tombstone. From here on they are nobody's: void in every
    /// log, in no history, list, search, and no fact of the ledger. Their numbers stay taken, and a resend still gets its first answer.
    /// </summary>
    public HashSet<(ConversationKey Conversation, long Seq)> Gone { get; } = [];

    /// <summary>How long messages of a conversation now stay; 0: for ever.</summary>
    public Dictionary<ConversationKey, long> DisappearSeconds { get; } = [];

    private void ClearMessageChanges()
    {
        Gone.Clear();
        DisappearSeconds.Clear();
        Updates.Clear();
        Edits.Clear();
        Hidden.Clear();
        Reactions.Clear();
        Stars.Clear();
        Drafts.Clear();
    }
}
