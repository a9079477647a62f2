using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Storage;

/// <summary>What somebody looks for among the messages that he may see.</summary>
/// <param name="Terms">May be empty where something else narrows.</param>
/// <param name="In">One conversation only.</param>
/// <param name="From">Messages of one sender only.</param>
/// <param name="After">Sent at this moment or later.</param>
/// <param name="Before">Sent before this moment.</param>
/// <param name="Cursor">The <see cref="SearchPage.Next"/> of the page before.</param>
public sealed record MessageSearch(SearchTerms Terms, int Limit, ConversationTarget? In = null, Account? From = null, Timestamp? After = null, Timestamp? Before = null,
    bool HasImage = false, long? Cursor = null);

/// <summary>Messages found, newest first.</summary>
/// <param name="Next">Where the next page begins, null on the last one.</param>
public sealed record SearchPage(IReadOnlyList<WireMessage> Messages, long? Next);

/// <summary>The index cannot be asked now; later it can.</summary>
public sealed class SearchUnavailableException() : Exception("The search index is being made; try again in a moment.");
