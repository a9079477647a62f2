using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>
/// Reads what a server sends, over a line or as a REST answer. Fields it does not know are skipped, so that a server may add some; a
/// frame of an unknown type is a <see cref="UnknownServerFrame"/>, with its position if it is an event.
/// </summary>
public static partial class ServerFrameReader
{
    /// <exception cref="FrameException">not_json for what is no JSON; invalid for a frame that lacks a field or has one of the wrong type.</exception>
    public static ServerFrame Read(ReadOnlyMemory<byte> utf8)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8);
        }
        catch (JsonException e)
        {
            throw new FrameException(WireError.NotJson, $"The server's frame is not valid JSON (byte {e.BytePositionInLine ?? 0}).");
        }

        using (document) return Read(document.RootElement);
    }

    /// <summary>The same for a frame inside a larger answer, such as the <c>frames</c> of a long poll.</summary>
    public static ServerFrame Read(JsonElement frame)
    {
        if (frame.ValueKind != JsonValueKind.Object) throw new FrameException(WireError.Invalid, "A frame is a JSON object.");
        return Guard(frame, static json => ReadFrame(json));
    }

    /// <summary>One conversation of a list page.</summary>
    public static WireConversation ReadConversation(JsonElement conversation) => Guard(conversation, static json => WithGroup(new WireConversation(
        json.Text("conversation"), json.Text("kind"), json.Optional("user") is { } user ? PersonFrom(user) : null,
        json.Number("activity"), json.Number("head_seq"), json.Number("unread"), json.Optional("last") is { } last ? MessageFrom(last) : null,
        json.Number("read_seq"), json.Number("delivered_seq"), json.Number("peer_read_seq"), json.Number("peer_delivered_seq"),
        json.Flag("muted"), json.Flag("blocked"))
    {
        Request = json.Optional("request") is not null && json.Flag("request"),
        DisappearSeconds = json.OptionalNumber("disappear_s") ?? 0,
        Draft = json.Optional("draft") is { } draft ? new WireDraft(draft.Text("message"), draft.OptionalText("reply_to")) : null,
    }, json));

    public static WirePerson ReadPerson(JsonElement person) => Guard(person, static json => PersonFrom(json));

    private static ServerFrame ReadFrame(JsonElement json) => json.Text("type") switch
    {
        "hello" => ReadHello(json),
        "message" => new MessageFrame(json.Number("pos"), MessageFrom(json)),
        "void" => new VoidFrame(json.Number("pos")),
        "receipt" => new ReceiptFrame(json.Number("pos"), json.Text("conversation"), json.Text("user"), json.Number("delivered_seq"), json.Number("read_seq")),
        "cleared" => new ClearedFrame(json.Number("pos"), json.Text("conversation"), json.Number("seq")),
        "relation" => new RelationFrame(json.Number("pos"), json.Text("user"), json.Flag("blocked"), json.Flag("muted"))
        { MutedUntil = json.Optional("muted_until") is null ? null : json.Time("muted_until") },
        "synced" => new SyncedFrame(json.Number("pos"), json.Flag("more")),
        "snapshot" => new SnapshotFrame(json.Number("pos"), [.. json.Items("conversations").Select(ReadConversation)], json.OptionalNumber("next")),
        "ack" => new AckFrame(json.Text("client_id"), json.Text("id"), json.Text("conversation"), json.Number("seq"), json.Number("pos"),
            json.Time("created_at"), json.Flag("duplicate")),
        "error" => ReadError(json),
        "page" => new PageFrame(json.Text("conversation"), [.. json.Items("messages").Select(MessageFrom)], json.Flag("more")),
        "ping" => new ServerPingFrame(json.Number("pos")),
        "pong" => new ServerPongFrame(json.Number("pos")),
        "token_expiring" => new TokenExpiringFrame((int)json.Number("in_s")),
        "goaway" => new GoawayFrame((int)json.Number("code"), (int)json.Number("retry_after_ms")),
        var other => ReadMessageFrame(other, json) ?? ReadGroupFrame(other, json) ?? ReadLiveFrame(other, json)
            ?? new UnknownServerFrame(other, json.OptionalNumber("pos")),
    };

    private static HelloFrame ReadHello(JsonElement json)
    {
        var limits = json.Optional("limits") ?? throw new FrameException(WireError.Invalid, "limits is missing.");
        return new HelloFrame((int)json.Number("v"), json.Text("epoch"), json.Number("pos"), json.Flag("resumed"), json.Text("session"),
            (int)json.Number("ping_s"), json.Time("server_time"),
            new FrameLimits((int)limits.Number("bytes"), (int)limits.Number("per_s"), (int)limits.Number("burst")),
            [.. json.Items("features").Select(feature => feature.GetString() ?? "")])
        { User = json.OptionalText("user") };
    }

    private static ErrorFrame ReadError(JsonElement json) => new(json.Text("code"), json.Text("message"), json.Flag("retryable"),
        json.OptionalText("client_id"), (int?)json.OptionalNumber("retry_after_ms"));

    private static WireMessage MessageFrom(JsonElement json) => WithFeatures(new WireMessage(json.Text("conversation"), json.Number("seq"), json.Text("id"), json.Text("client_id"),
        json.Text("from_user"), json.OptionalText("to_user"), json.Text("message"), json.Time("created_at"))
    {
        Card = json.Optional("card")?.GetRawText(),
        Attachments = json.Optional("attachments")?.GetRawText(),
        ReplyTo = json.OptionalText("reply_to"),
        EditedAt = json.Optional("edited_at") is null ? null : json.Time("edited_at"),
        Deleted = json.Optional("deleted") is not null && json.Flag("deleted"),
    }, json);

    private static WirePerson PersonFrom(JsonElement json) => new(json.Text("id"), json.Text("name"), json.OptionalText("username"),
        json.OptionalText("avatar"), json.OptionalText("account_type"));

    private static T Guard<T>(JsonElement json, Func<JsonElement, T> read)
    {
        try
        {
            return read(json);
        }
        catch (InvalidOperationException e)
        {
            throw new FrameException(WireError.Invalid, e.Message);
        }
    }
}
