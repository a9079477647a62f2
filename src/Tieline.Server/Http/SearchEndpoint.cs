using System.Globalization;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

/// <summary>Finds among one's own messages.</summary>
internal static class SearchEndpoint
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;
    private const int MaxQuery = 200;

    public static void Map(Routes routes) => routes.Map("/api/chat/search", ("GET", SearchAsync));

    private static async Task SearchAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var wait = request.Server.Searches.TryTake(me.Key);
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, "Too many searches; wait a little.", retryAfter: wait);

        var (search, nobody) = await ReadAsync(request);
        var page = nobody ? new SearchPage([], null) : await FindAsync(request, me, search);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteStartArray("messages");
            foreach (var message in page.Messages)
            {
                json.WriteStartObject();
                ServerFrameFields.WriteMessage(json, message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("next", page.Next?.ToString(CultureInfo.InvariantCulture));
        });
    }

    private static async Task<SearchPage> FindAsync(ApiRequest request, Account me, MessageSearch search)
    {
        try
        {
            return await request.Store.SearchAsync(me.Key, search, request.Cancel)
                ?? throw new RefusedRequestException(WireError.NotFound, "There is no such conversation.");
        }
        catch (SearchUnavailableException e)
        {
            throw new RefusedRequestException(WireError.Unavailable, e.Message);
        }
    }

    private static async Task<(MessageSearch Search, bool Nobody)> ReadAsync(ApiRequest request)
    {
        var query = request.Text("q") ?? "";
        if (query.Length > MaxQuery) throw new RefusedRequestException(WireError.Invalid, $"q may have at most {MaxQuery} characters.");
        var image = request.Text("has") switch
        {
            null => false,
            "image" => true,
            _ => throw new RefusedRequestException(WireError.Invalid, "has must be image."),
        };
        var from = request.Text("from");
        var terms = SearchTerms.Parse(query);
        if (terms.Terms.Count == 0 && from is null && !image)
            throw new RefusedRequestException(WireError.Invalid, "q must hold a word to look for, or from or has=image must narrow the search.");

        var account = from is not null && AccountIds.IsValid(from) ? await request.Store.FindAccountAsync(AccountLookup.Id, from, request.Cancel) : null;
        var limit = (int)Math.Clamp(request.Number("limit", 1) ?? DefaultLimit, 1, MaxLimit);
        var conversation = request.Text("conversation") is { } id ? new ConversationTarget(null, id) : (ConversationTarget?)null;
        var search = new MessageSearch(terms, limit, conversation, account, Moment(request, "after"), Moment(request, "before"), image, request.Number("cursor"));
        return (search, from is not null && account is null);
    }

    private static Timestamp? Moment(ApiRequest request, string name)
    {
        if (request.Text(name) is not { } text) return null;
        // A plus sign for the offset arrives as a space when it was not escaped.
        return DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment >= DateTimeOffset.UnixEpoch
            ? Timestamp.From(moment) : throw new RefusedRequestException(WireError.Invalid, $"{name} must be a time such as 2026-01-02T03:04:05Z, or a day such as 2026-01-02.");
    }
}
