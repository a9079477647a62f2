using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Storage;

public partial interface IMessageStore
{
    /// <summary>Who is in a conversation and how far each has received and read it. Null for somebody who is not in it.</summary>
    /// <param name="after">The id of the last member on the page before; null for the first page.</param>
    ValueTask<MembersPage?> ReadMembersAsync(AccountKey account, ConversationTarget target, string? after, int limit, CancellationToken cancel);
}

/// <param name="Next">What to give as <c>after</c> for the next page, null at the end.</param>
public sealed record MembersPage(IReadOnlyList<WireMember> Members, string? Next);
