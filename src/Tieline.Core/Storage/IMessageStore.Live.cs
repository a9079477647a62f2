using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Presence;

namespace Tieline.Core.Storage;

public partial interface IMessageStore
{
    /// <summary>What lies between a viewer and these people, of those that exist, each once. The viewer itself is not among them.</summary>
    ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<string> of, CancellationToken cancel);

    ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<AccountKey> of, CancellationToken cancel);

    /// <summary>Who may see that somebody types: the other members that neither hide it nor stand behind a block. Nobody in a group of more than <see cref="Sight.MaxTypingMembers"/>.</summary>
    /// <returns>Null when the account is no member.</returns>
    ValueTask<IReadOnlyList<AccountKey>?> ReadTypingAudienceAsync(AccountKey who, string conversation, CancellationToken cancel);

    ValueTask<Standing> ReadStandingAsync(AccountKey account, CancellationToken cancel);

    /// <summary>The moderators' queue, oldest first.</summary>
    /// <param name="open">True: those that nobody has decided; false: those that somebody has.</param>
    ValueTask<IReadOnlyList<StoredFlag>> ReadFlagsAsync(bool open, long after, int limit, CancellationToken cancel);
}

public readonly record struct SeenPerson(AccountKey Account, string Id, Sight Sight);
