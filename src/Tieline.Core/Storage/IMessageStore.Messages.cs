using System.Globalization;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Storage;

public partial interface IMessageStore
{
    /// <summary>What is pinned in a conversation and the account may see, the newest pin first. Null when it is not a member.</summary>
    ValueTask<IReadOnlyList<WireMessage>?> ReadPinnedAsync(AccountKey account, ConversationTarget target, CancellationToken cancel);

    /// <summary>What the account has starred and may still see, the newest star first. Tombstones are left out.</summary>
    /// <param name="before">The <see cref="StarredPage.Next"/> of the page before; null for the first page.</param>
    ValueTask<StarredPage> ReadStarredAsync(AccountKey account, StarPlace? before, int limit, CancellationToken cancel);
}

/// <param name="Next">Where the next page begins, null on the last one.</param>
public sealed record StarredPage(IReadOnlyList<WireMessage> Messages, StarPlace? Next);

/// <summary>The place of a star in the order of stars: when it was set, and what it is on, for several may be set at once.</summary>
public readonly record struct StarPlace(Timestamp At, string Conversation, long Seq)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.Microseconds}.{MessageIds.Make(Conversation, Seq)}");

    public static bool TryParse(string text, out StarPlace place)
    {
        place = default;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || !long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            || !MessageIds.TryParse(text[(dot + 1)..], out var conversation, out var seq)) return false;
        place = new StarPlace(new Timestamp(at), conversation, seq);
        return true;
    }
}
