using System.Text.Json;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

/// <summary>Messages that were set apart: pinned for all, starred for oneself.</summary>
internal static class MessageEndpoints
{
    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/pins", ("GET", PinsAsync));
        routes.Map("/api/chat/starred", ("GET", StarredAsync));
    }

    private static async Task PinsAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var messages = await request.Store.ReadPinnedAsync(me.Key, await TargetAsync(request), request.Cancel)
            ?? throw new RefusedRequestException(WireError.NotFound, "There is no such conversation.");
        await request.Context.ObjectAsync(json => WriteMessages(json, messages));
    }

    private static async Task StarredAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var limit = (int)Math.Clamp(request.Number("limit", 1) ?? ClientFrameReader.DefaultHistoryLimit, 1, ClientFrameReader.MaxHistoryLimit);
        StarPlace? before = request.Text("before") is not { } text ? null
            : StarPlace.TryParse(text, out var place) ? place : throw new RefusedRequestException(WireError.Invalid, "before must be the next of the page before.");
        var page = await request.Store.ReadStarredAsync(me.Key, before, limit, request.Cancel);
        await request.Context.ObjectAsync(json =>
        {
            WriteMessages(json, page.Messages);
            json.WriteString("next", page.Next?.ToString());
        });
    }

    private static async Task<ConversationTarget> TargetAsync(ApiRequest request)
    {
        var (to, conversation) = (request.Text("to"), request.Text("conversation"));
        if (to is null == conversation is null) throw new RefusedRequestException(WireError.Invalid, "Name the chat once: to (an account) or conversation.");
        if (to is null) return new ConversationTarget(null, conversation);
        var peer = AccountIds.IsValid(to) ? await request.Store.FindAccountAsync(AccountLookup.Id, to, request.Cancel) : null;
        return new ConversationTarget(peer ?? throw new RefusedRequestException(WireError.NotFound, "There is no such account."), null);
    }

    private static void WriteMessages(Utf8JsonWriter json, IReadOnlyList<WireMessage> messages)
    {
        json.WriteStartArray("messages");
        foreach (var message in messages)
        {
            json.WriteStartObject();
            ServerFrameFields.WriteMessage(json, message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
