using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;

namespace Tieline.Core.Tests.Delivery;

internal sealed partial class LogOnly
{
    public ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<string> of, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SeenPerson>> ReadSightsAsync(AccountKey viewer, IReadOnlyList<AccountKey> of, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<AccountKey>?> ReadTypingAudienceAsync(AccountKey who, string conversation, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Standing> ReadStandingAsync(AccountKey account, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<StoredFlag>> ReadFlagsAsync(bool open, long after, int limit, CancellationToken cancel) => throw new NotSupportedException();
}
