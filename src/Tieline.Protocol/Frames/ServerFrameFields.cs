using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>The fields of every server frame, in the order of <c>protocol/README.md</c>. Also used for the parts that REST answers share with frames.</summary>
public static partial class ServerFrameFields
{
    internal static void Write(Utf8JsonWriter json, ServerFrame frame)
    {
        json.WriteString("type"u8, TypeOf(frame));
        switch (frame)
        {
            case HelloFrame hello: WriteHello(json, hello); break;
            case VoidFrame @void: json.WriteNumber("pos"u8, @void.Pos); break;
            case ReceiptFrame receipt:
                json.WriteNumber("pos"u8, receipt.Pos);
                json.WriteString("conversation"u8, receipt.Conversation);
                json.WriteString("user"u8, receipt.User);
                json.WriteNumber("delivered_seq"u8, receipt.DeliveredSeq);
                json.WriteNumber("read_seq"u8, receipt.ReadSeq);
                break;
            case ClearedFrame cleared:
                json.WriteNumber("pos"u8, cleared.Pos);
                json.WriteString("conversation"u8, cleared.Conversation);
                json.WriteNumber("seq"u8, cleared.Seq);
                break;
            case RelationFrame relation:
                json.WriteNumber("pos"u8, relation.Pos);
                json.WriteString("user"u8, relation.User);
                json.WriteBoolean("blocked"u8, relation.Blocked);
                json.WriteBoolean("muted"u8, relation.Muted);
                if (relation.MutedUntil is { } until) WriteTimestamp(json, "muted_until"u8, until);
                break;
            case SyncedFrame synced:
                json.WriteNumber("pos"u8, synced.Pos);
                json.WriteBoolean("more"u8, synced.More);
                break;
            case SnapshotFrame snapshot: WriteSnapshot(json, snapshot); break;
            case AckFrame ack: WriteAck(json, ack); break;
            case ErrorFrame error: WriteError(json, error); break;
            case PageFrame page: WritePage(json, page); break;
            case ServerPingFrame ping: json.WriteNumber("pos"u8, ping.Pos); break;
            case ServerPongFrame pong: json.WriteNumber("pos"u8, pong.Pos); break;
            case TokenExpiringFrame expiring: json.WriteNumber("in_s"u8, expiring.InSeconds); break;
            case GoawayFrame goaway:
                json.WriteNumber("code"u8, goaway.Code);
                json.WriteNumber("retry_after_ms"u8, goaway.RetryAfterMs);
                break;
            default:
                if (WriteMessageFrame(json, frame) || WriteGroupFrame(json, frame) || WriteLiveFrame(json, frame)) break;
                throw new ArgumentOutOfRangeException(nameof(frame), frame, "No writer for this frame.");
        }
    }

    public static void WriteMessage(Utf8JsonWriter json, WireMessage message)
    {
        json.WriteString("conversation"u8, message.Conversation);
        json.WriteNumber("seq"u8, message.Seq);
        json.WriteString("id"u8, message.Id);
        json.WriteString("client_id"u8, message.ClientId);
        json.WriteString("from_user"u8, message.FromUser);
        json.WriteString("to_user"u8, message.ToUser);
        json.WriteString("message"u8, message.Text);
        WriteTimestamp(json, "created_at"u8, message.CreatedAt);
        if (message.EditedAt is { } edited) WriteTimestamp(json, "edited_at"u8, edited);
        if (message.Deleted) json.WriteBoolean("deleted"u8, true);
        if (message.ReplyTo is not null) json.WriteString("reply_to"u8, message.ReplyTo);
        WriteRaw(json, "attachments"u8, message is { Attachments: { } stored, Links: { } links } ? links.Show(message.Conversation, stored) : message.Attachments);
        WriteRaw(json, "card"u8, message.Card);
        WriteMessageFeatures(json, message);
    }

    public static void WritePerson(Utf8JsonWriter json, WirePerson person)
    {
        json.WriteString("id"u8, person.Id);
        json.WriteString("name"u8, person.Name);
        json.WriteString("username"u8, person.Username);
        json.WriteString("avatar"u8, person.Avatar);
        json.WriteString("account_type"u8, person.AccountType);
    }

    public static void WriteError(Utf8JsonWriter json, ErrorFrame error)
    {
        if (error.ClientId is not null) json.WriteString("client_id"u8, error.ClientId);
        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteBoolean("retryable"u8, error.Retryable);
        if (error.RetryAfterMs is { } wait) json.WriteNumber("retry_after_ms"u8, wait);
    }

    public static void WriteTimestamp(Utf8JsonWriter json, ReadOnlySpan<byte> name, Timestamp time)
    {
        Span<byte> text = stackalloc byte[Timestamp.Length];
        json.WriteString(name, text[..time.WriteUtf8(text)]);
    }

    public static void WriteRaw(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null) return;
        json.WritePropertyName(name);
        json.WriteRawValue(value, skipInputValidation: true);
    }

    public static string TypeOf(ServerFrame frame) => frame switch
    {
        HelloFrame => "hello",
        MessageFrame => "message",
        VoidFrame => "void",
        ReceiptFrame => "receipt",
        ClearedFrame => "cleared",
        RelationFrame => "relation",
        SyncedFrame => "synced",
        SnapshotFrame => "snapshot",
        AckFrame => "ack",
        ErrorFrame => "error",
        PageFrame => "page",
        ServerPingFrame => "ping",
        ServerPongFrame => "pong",
        TokenExpiringFrame => "token_expiring",
        GoawayFrame => "goaway",
        UnknownServerFrame unknown => unknown.Type,
        _ => TypeOfMessageFrame(frame) ?? TypeOfGroupFrame(frame) ?? TypeOfLiveFrame(frame)
            ?? throw new ArgumentOutOfRangeException(nameof(frame), frame, "No type for this frame."),
    };

    private static void WriteHello(Utf8JsonWriter json, HelloFrame hello)
    {
        json.WriteNumber("v"u8, hello.Version);
        json.WriteString("epoch"u8, hello.Epoch);
        json.WriteNumber("pos"u8, hello.Pos);
        json.WriteBoolean("resumed"u8, hello.Resumed);
        json.WriteString("session"u8, hello.Session);
        if (hello.User is not null) json.WriteString("user"u8, hello.User);
        json.WriteNumber("ping_s"u8, hello.PingSeconds);
        WriteTimestamp(json, "server_time"u8, hello.ServerTime);
        json.WriteStartObject("limits"u8);
        json.WriteNumber("bytes"u8, hello.Limits.Bytes);
        json.WriteNumber("per_s"u8, hello.Limits.PerSecond);
        json.WriteNumber("burst"u8, hello.Limits.Burst);
        json.WriteEndObject();
        json.WriteStartArray("features"u8);
        foreach (var feature in hello.Features) json.WriteStringValue(feature);
        json.WriteEndArray();
    }

    private static void WriteSnapshot(Utf8JsonWriter json, SnapshotFrame snapshot)
    {
        json.WriteNumber("pos"u8, snapshot.Pos);
        json.WriteStartArray("conversations"u8);
        foreach (var conversation in snapshot.Conversations) WriteConversation(json, conversation);
        json.WriteEndArray();
        if (snapshot.Next is { } next) json.WriteNumber("next"u8, next);
    }

    public static void WriteConversation(Utf8JsonWriter json, WireConversation conversation)
    {
        json.WriteStartObject();
        json.WriteString("conversation"u8, conversation.Conversation);
        json.WriteString("kind"u8, conversation.Kind);
        if (conversation.User is { } user)
        {
            json.WriteStartObject("user"u8);
            WritePerson(json, user);
            json.WriteEndObject();
        }

        json.WriteNumber("activity"u8, conversation.Activity);
        json.WriteNumber("head_seq"u8, conversation.HeadSeq);
        json.WriteNumber("unread"u8, conversation.Unread);
        if (conversation.Last is { } last)
        {
            json.WriteStartObject("last"u8);
            WriteMessage(json, last);
            json.WriteEndObject();
        }
        else json.WriteNull("last"u8);

        json.WriteNumber("read_seq"u8, conversation.ReadSeq);
        json.WriteNumber("delivered_seq"u8, conversation.DeliveredSeq);
        json.WriteNumber("peer_read_seq"u8, conversation.PeerReadSeq);
        json.WriteNumber("peer_delivered_seq"u8, conversation.PeerDeliveredSeq);
        json.WriteBoolean("muted"u8, conversation.Muted);
        json.WriteBoolean("blocked"u8, conversation.Blocked);
        WriteGroupFields(json, conversation);
        if (conversation.Request) json.WriteBoolean("request"u8, true);
        if (conversation.DisappearSeconds > 0) json.WriteNumber("disappear_s"u8, conversation.DisappearSeconds);
        if (conversation.Draft is { } draft) WriteDraft(json, draft);
        json.WriteEndObject();
    }

    private static void WriteAck(Utf8JsonWriter json, AckFrame ack)
    {
        json.WriteString("client_id"u8, ack.ClientId);
        json.WriteString("id"u8, ack.Id);
        json.WriteString("conversation"u8, ack.Conversation);
        json.WriteNumber("seq"u8, ack.Seq);
        json.WriteNumber("pos"u8, ack.Pos);
        WriteTimestamp(json, "created_at"u8, ack.CreatedAt);
        json.WriteBoolean("duplicate"u8, ack.Duplicate);
    }

    private static void WritePage(Utf8JsonWriter json, PageFrame page)
    {
        json.WriteString("conversation"u8, page.Conversation);
        json.WriteStartArray("messages"u8);
        foreach (var message in page.Messages)
        {
            json.WriteStartObject();
            WriteMessage(json, message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("more"u8, page.More);
    }
}
