using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ServerFrameFields
{
    private static string? TypeOfMessageFrame(ServerFrame frame) => frame switch
    {
        UpdateFrame => "update",
        HiddenFrame => "hidden",
        StarredFrame => "starred",
        DraftedFrame => "draft",
        DoneFrame => "done",
        _ => null,
    };

    /// <returns>False when the frame is not of this file.</returns>
    private static bool WriteMessageFrame(Utf8JsonWriter json, ServerFrame frame)
    {
        switch (frame)
        {
            case DoneFrame done:
                if (done.ClientId is not null) json.WriteString("client_id"u8, done.ClientId);
                json.WriteNumber("changed"u8, done.Changed);
                return true;
            case HiddenFrame hidden:
                json.WriteNumber("pos"u8, hidden.Pos);
                json.WriteString("conversation"u8, hidden.Conversation);
                json.WriteNumber("seq"u8, hidden.Seq);
                return true;
            case StarredFrame starred:
                json.WriteNumber("pos"u8, starred.Pos);
                json.WriteString("conversation"u8, starred.Conversation);
                json.WriteNumber("seq"u8, starred.Seq);
                json.WriteBoolean("starred"u8, starred.Starred);
                return true;
            case DraftedFrame draft:
                json.WriteNumber("pos"u8, draft.Pos);
                json.WriteString("conversation"u8, draft.Conversation);
                json.WriteString("message"u8, draft.Text);
                if (draft.ReplyTo is not null) json.WriteString("reply_to"u8, draft.ReplyTo);
                return true;
            default:
                return false;
        }
    }

    private static void WriteDraft(Utf8JsonWriter json, WireDraft draft)
    {
        json.WriteStartObject("draft"u8);
        json.WriteString("message"u8, draft.Text);
        if (draft.ReplyTo is not null) json.WriteString("reply_to"u8, draft.ReplyTo);
        json.WriteEndObject();
    }

    /// <summary>What a message has only where somebody used it.</summary>
    private static void WriteMessageFeatures(Utf8JsonWriter json, WireMessage message)
    {
        if (message.PinnedAt is { } pinned) WriteTimestamp(json, "pinned_at"u8, pinned);
        if (message.ExpiresAt is { } expires) WriteTimestamp(json, "expires_at"u8, expires);
        if (message.Forwarded) json.WriteBoolean("forwarded"u8, true);
        WriteRaw(json, "quote"u8, message.Quote);
        WriteRaw(json, "mentions"u8, message.Mentions);
        WriteRaw(json, "reactions"u8, message.Reactions);
        WriteRaw(json, "system"u8, message.Notice);
    }
}
