using System.Globalization;
using System.Text.Json;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

/// <summary>The moderators' queue, for whoever has the operator token.</summary>
internal static class ModerationEndpoints
{
    private const int DefaultPage = 50;
    private const int MaxPage = 200;
    private const int MaxBody = 4 * 1024;

    private static readonly (string Name, FlagAction Action)[] _actions =
        [("dismiss", FlagAction.Dismiss), ("delete_message", FlagAction.DeleteMessage), ("suspend_user", FlagAction.SuspendUser), ("restore_user", FlagAction.RestoreUser)];

    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/moderation/flags", ("GET", ListAsync));
        routes.Map("/api/chat/moderation/flags/{flag}", ("POST", DecideAsync));
    }

    private static async Task ListAsync(ApiRequest request)
    {
        Guard(request);
        var open = request.Text("state") switch
        {
            null or "open" => true,
            "closed" => false,
            _ => throw new RefusedRequestException(WireError.Invalid, "state must be open or closed."),
        };
        var limit = (int)Math.Clamp(request.Number("limit", 1) ?? DefaultPage, 1, MaxPage);
        var flags = await request.Store.ReadFlagsAsync(open, request.Number("after") ?? 0, limit + 1, request.Cancel);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteStartArray("flags");
            foreach (var flag in flags.Take(limit)) Write(json, flag);
            json.WriteEndArray();
            if (flags.Count > limit) json.WriteNumber("next", flags[limit - 1].Id);
            else json.WriteNull("next");
        });
    }

    private static async Task DecideAsync(ApiRequest request)
    {
        Guard(request);
        if (!long.TryParse((string)request.Context.Request.RouteValues["flag"]!, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw new RefusedRequestException(WireError.NotFound, "There is no such flag.");
        var outcome = await request.Store.SubmitAsync(new DecideFlag(id, ActionIn(await request.BodyAsync(MaxBody))));
        if (outcome is Refused refused) throw new RefusedRequestException(refused.Error, refused.Why);
        await request.Context.FrameAsync(new DoneFrame(null, ((Changed)outcome).Count));
    }

    private static FlagAction ActionIn(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("action", out var named) && named.ValueKind == JsonValueKind.String)
                foreach (var (name, action) in _actions)
                    if (named.ValueEquals(name)) return action;
        }
        catch (JsonException)
        {
            // Said below: whatever it is, it names no action.
        }

        throw new RefusedRequestException(WireError.Invalid, $"action must be one of {string.Join(", ", _actions.Select(action => action.Name))}.");
    }

    private static void Write(Utf8JsonWriter json, StoredFlag flag)
    {
        json.WriteStartObject();
        json.WriteNumber("id", flag.Id);
        json.WriteString("reporter", flag.ReporterId);
        json.WriteString("user", flag.UserId);
        if (flag.ConversationId is { } conversation)
        {
            json.WriteString("conversation", conversation);
            json.WriteString("message_id", MessageIds.Make(conversation, flag.Seq));
        }

        json.WriteString("reason", ClientFrameReader.FlagReasons[(int)flag.Reason]);
        json.WriteString("text", flag.Text);
        json.WriteString("created_at", flag.CreatedAt.ToString());
        if (flag.Decision is { } decision)
        {
            json.WriteString("action", Array.Find(_actions, action => action.Action == decision).Name);
            json.WriteString("decided_at", flag.DecidedAt.ToString());
        }

        json.WritePropertyName("context");
        json.WriteRawValue(flag.Context, skipInputValidation: true);
        json.WriteEndObject();
    }

    private static void Guard(ApiRequest request)
    {
        if (!DiagnosisEndpoints.IsOperator(request)) throw new RefusedRequestException(WireError.Forbidden, "This is for the operator: X-Operator-Token is missing or wrong, or operator_token is not set.");
    }
}
