using Tieline.Core.Accounts;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

/// <summary>Typing, presence and privacy without a line.</summary>
internal static class LiveEndpoints
{
    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/presence", ("GET", PresenceAsync));
        routes.Map("/api/chat/privacy", ("GET", PrivacyAsync));
    }

    public static async ValueTask TypeAsync(ApiRequest request, Account me, TypingFrame typing)
    {
        if (await request.Server.Live.TypeAsync(me, typing.Conversation, request.Cancel) is { } refused) throw new RefusedRequestException(refused.Error, refused.Why);
    }

    public static async ValueTask WatchAsync(ApiRequest request, Account me, WatchFrame watch)
    {
        Limit(request, me);
        await request.Server.Live.WatchByPostAsync(me, watch.Users, request.Cancel);
    }

    private static async Task PresenceAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        Limit(request, me);
        var users = (request.Text("users") ?? throw new RefusedRequestException(WireError.Invalid, "users is missing: ids, separated by commas."))
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (users.Length > ClientFrameReader.MaxWatched) throw new RefusedRequestException(WireError.Invalid, $"At most {ClientFrameReader.MaxWatched} people are asked for at once.");
        var found = await request.Server.Live.ReadAsync(me.Key, users, request.Cancel);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteStartArray("presence");
            foreach (var presence in found)
            {
                json.WriteStartObject();
                ServerFrameFields.WritePresence(json, presence);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task PrivacyAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var privacy = (await request.Store.ReadStandingAsync(me.Key, request.Cancel)).Privacy;
        await request.Context.ObjectAsync(json =>
        {
            json.WriteBoolean("receipts", privacy.Receipts);
            json.WriteBoolean("online", privacy.Online);
            json.WriteBoolean("last_seen", privacy.LastSeen);
            json.WriteBoolean("typing", privacy.Typing);
        });
    }

    private static void Limit(ApiRequest request, Account me)
    {
        var wait = request.Server.Watches.TryTake(me.Key);
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, "Too many questions for presence; watch over a line instead.", retryAfter: wait);
    }
}
