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

    private void ClearMessageChanges()
    {
        Updates.Clear();
        Edits.Clear();
        Hidden.Clear();
        Reactions.Clear();
        Stars.Clear();
        Drafts.Clear();
    }
}
