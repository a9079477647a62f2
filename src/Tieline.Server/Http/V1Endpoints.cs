using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

/// <summary>The old app's REST calls, in the shapes its clients know.</summary>
internal static partial class V1Endpoints
{
    private const int ListPage = 200;
    private const int ConversationPage = 200;
    private const int MaxShares = 1_000;

    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/test", ("GET", TestAsync));
        routes.Map("/api/chat/conversation/{userId}", ("GET", ConversationAsync));
        routes.Map("/api/chat/list", ("GET", ListAsync));
        routes.Map("/api/chat/unread-count", ("GET", UnreadCountAsync));
        routes.Map("/api/chat/unread-per-user", ("GET", UnreadPerUserAsync));
        routes.Map("/api/chat/mark-read/{userId}", ("POST", MarkReadAsync));
        routes.Map("/api/chat/share-post", ("POST", SharePostAsync));
        routes.Map("/api/chat/clear/{userId}", ("DELETE", ClearAsync));
        MapRelations(routes);
    }

    private static Task TestAsync(ApiRequest request) => request.Context.ObjectAsync(json =>
    {
        json.WriteString("message", "Chat router is working");
        json.WriteString("status", "ok");
    });

    /// <summary>All messages of the pair, oldest first, streamed page by page; with a limit the newest of them.</summary>
    private static async Task ConversationAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var target = new ConversationTarget(await request.PeerAsync(), null);
        var (limit, before) = (request.Number("limit", 1), request.Number("before_seq"));
        request.Context.Response.ContentType = "application/json; charset=utf-8";
        var json = new Utf8JsonWriter(request.Context.Response.BodyWriter, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        await using (json)
        {
            json.WriteStartArray();
            var after = limit is { } most ? await FirstOfNewestAsync(most) : 0;
            while (after is not null) after = await WritePageAsync(new HistoryRange(ConversationPage, before, after));

            json.WriteEndArray();
        }

        // seq has no holes: the newest so many begin right behind this one.
        async Task<long?> FirstOfNewestAsync(long most)
        {
            var newest = await request.Store.ReadHistoryAsync(me.Key, target, new HistoryRange(1, before), request.Cancel);
            return newest is { Messages: [var message] } ? Math.Max(0, message.Seq - most) : null;
        }

        async Task<long?> WritePageAsync(HistoryRange range)
        {
            var page = await request.Store.ReadHistoryAsync(me.Key, target, range, request.Cancel);
            if (page is null) return null;
            foreach (var message in page.Messages) V1FrameWriter.WriteMessage(json, message);
            await json.FlushAsync(request.Cancel);
            await request.Context.Response.BodyWriter.FlushAsync(request.Cancel);
            return page.More && page.Messages.Count > 0 ? page.Messages[^1].Seq : null;
        }
    }

    private static async Task ListAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var conversations = new List<WireConversation>();
        long? before = null;
        do
        {
            var page = await request.Store.ReadConversationsAsync(me.Key, before, ListPage, request.Cancel);
            conversations.AddRange(page.Conversations);
            before = page.Next;
        }
        while (before is not null);

        await request.Context.JsonAsync(json =>
        {
            json.WriteStartArray();
            foreach (var conversation in conversations)
                if (conversation is { User: { } other, Last: { } last }) WriteListRow(json, me, other, last);
            json.WriteEndArray();
        });
    }

    private static void WriteListRow(Utf8JsonWriter json, Account me, WirePerson other, WireMessage last)
    {
        json.WriteStartObject();
        json.WriteString("other_user_id", other.Id);
        json.WriteString("other_user_name", other.Name);
        json.WriteString("other_user_profile_picture", other.Avatar);
        json.WriteString("account_type", other.AccountType);
        json.WriteString("last_message", V1FrameWriter.TextOf(last));
        json.WriteBoolean("last_from_me", last.FromUser == me.Id);
        ServerFrameFields.WriteTimestamp(json, "created_at"u8, last.CreatedAt);
        json.WriteEndObject();
    }

    private static async Task UnreadCountAsync(ApiRequest request)
    {
        var unread = await request.Store.ReadUnreadAsync((await request.IdentifyAsync()).Account.Key, request.Cancel);
        await request.Context.ObjectAsync(json => json.WriteNumber("unreadCount", unread.Sum(row => row.Unread)));
    }

    private static async Task UnreadPerUserAsync(ApiRequest request)
    {
        var unread = await request.Store.ReadUnreadAsync((await request.IdentifyAsync()).Account.Key, request.Cancel);
        await request.Context.ObjectAsync(json =>
        {
            foreach (var (user, count) in unread) json.WriteNumber(user, count);
        });
    }

    private static async Task MarkReadAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var changed = await SubmitAsync(request, new MoveReceipt(me, new ConversationTarget(await request.PeerAsync(), null), 0, long.MaxValue));
        await request.Context.ObjectAsync(json => json.WriteNumber("marked_count", changed));
    }

    private static async Task ClearAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var changed = await SubmitAsync(request, new Clear(me, new ConversationTarget(await request.PeerAsync(), null)));
        await request.Context.ObjectAsync(json =>
        {
            json.WriteString("message", "Chat cleared successfully");
            json.WriteNumber("deleted_count", changed);
        });
    }

    /// <summary>One post to many people. Whom it cannot reach (unknown, blocked, oneself) is passed over: the count tells.</summary>
    private static async Task SharePostAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var (card, users) = ReadShare(await request.BodyAsync());
        var wait = request.Server.Sends.TryTake(me.Key);
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, "Too many messages; wait a little.", retryAfter: wait);

        var sends = new List<Task<Outcome>>();
        foreach (var user in users.Distinct(StringComparer.Ordinal))
            if (AccountIds.IsValid(user) && await request.Store.FindAccountAsync(AccountLookup.Id, user, request.Cancel) is { } to)
                sends.Add(request.Store.SubmitAsync(new Send(me, Guid.CreateVersion7().ToString(), to, null, request.Server.Options.PostText, card)));
        var outcomes = await Task.WhenAll(sends);
        // A full disk is no answer of "shared to 0": it is to be tried again.
        if (outcomes.OfType<Refused>().FirstOrDefault(refused => refused.Error.Retryable) is { } failed) throw new RefusedRequestException(failed.Error, failed.Why);

        foreach (var stored in outcomes.OfType<Acknowledged>()) ServerLog.Stored(request.Server.Log, me.Id, stored.Ack.Conversation, stored.Ack.Seq);
        var shared = outcomes.Count(outcome => outcome is Acknowledged);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteString("message", $"Post shared to {shared} user(s)");
            json.WriteNumber("shared_count", shared);
        });
    }

    private static (string Card, IReadOnlyList<string> Users) ReadShare(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var (post, users) = (document.RootElement.GetProperty("post_id"), document.RootElement.GetProperty("user_ids"));
            if (post.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) throw new RefusedRequestException(WireError.Invalid, "post_id must be a string or a number.", 422);
            if (users.GetArrayLength() > MaxShares) throw new RefusedRequestException(WireError.Invalid, $"A post can be shared to at most {MaxShares} people at once.", 422);
            return (V1Card.Join(post.GetRawText(), null, null)!, [.. users.EnumerateArray().Select(user => user.GetString() ?? "")]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RefusedRequestException(WireError.Invalid, "The body must be {\"post_id\": ..., \"user_ids\": [\"...\"]}.", 422);
        }
    }

    private static async Task<long> SubmitAsync(ApiRequest request, Command command) => await request.Store.SubmitAsync(command) switch
    {
        Changed changed => changed.Count,
        Refused refused => throw new RefusedRequestException(refused.Error, refused.Why),
        var other => throw new InvalidOperationException($"{command.GetType().Name} ended as {other.GetType().Name}."),
    };
}
