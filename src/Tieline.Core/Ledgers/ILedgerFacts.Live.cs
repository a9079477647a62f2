using Tieline.Core.Accounts;
using Tieline.Core.Messages;

namespace Tieline.Core.Ledgers;

public partial interface ILedgerFacts
{
    /// <summary>What holds of the account itself.</summary>
    Standing FindStanding(AccountKey account);

    /// <summary>True when both are members of one group.</summary>
    bool ShareGroup(AccountKey one, AccountKey other);

    /// <summary>The number of the newest flag, 0 for none.</summary>
    long LastFlag();

    StoredFlag? FindFlag(long id);

    /// <summary>True when this reporter has a flag about this that nobody has decided.</summary>
    bool HasOpenFlag(AccountKey reporter, AccountKey user, ConversationKey? conversation, long seq);
}
