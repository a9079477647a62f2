using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ServerFrameFields
{
    private static string? TypeOfGroupFrame(ServerFrame frame) => frame switch
    {
        ConversationFrame => "conversation",
        LinkFrame => "link",
        _ => null,
    };

    /// <returns>False when the frame is not of this file.</returns>
    private static bool WriteGroupFrame(Utf8JsonWriter json, ServerFrame frame)
    {
        switch (frame)
        {
            case ConversationFrame conversation:
                json.WriteNumber("pos"u8, conversation.Pos);
                json.WritePropertyName("conversation"u8);
                WriteConversation(json, conversation.Conversation);
                return true;
            case LinkFrame link:
                json.WriteString("conversation"u8, link.Conversation);
                json.WriteString("code"u8, link.Code);
                WriteTimestamp(json, "expires_at"u8, link.ExpiresAt);
                return true;
            default:
                return false;
        }
    }

    /// <summary>One member of a page.</summary>
    public static void WriteMember(Utf8JsonWriter json, WireMember member)
    {
        json.WriteStartObject();
        json.WriteStartObject("user"u8);
        WritePerson(json, member.User);
        json.WriteEndObject();
        json.WriteString("role"u8, member.Role);
        if (member.JoinedAt is { } joined) WriteTimestamp(json, "joined_at"u8, joined);
        json.WriteNumber("delivered_seq"u8, member.DeliveredSeq);
        json.WriteNumber("read_seq"u8, member.ReadSeq);
        json.WriteEndObject();
    }

    /// <summary>What a conversation has only where it is a group, or muted.</summary>
    private static void WriteGroupFields(Utf8JsonWriter json, WireConversation conversation)
    {
        if (conversation.MutedUntil is { } until) WriteTimestamp(json, "muted_until"u8, until);
        if (conversation.Group is { } group)
        {
            json.WriteString("name"u8, group.Name);
            json.WriteString("avatar"u8, group.Avatar);
            json.WriteString("role"u8, group.Role);
            json.WriteNumber("members"u8, group.Members);
            json.WriteBoolean("announcements"u8, group.Announcements);
            json.WriteString("history"u8, group.History);
        }

        if (conversation.Left) json.WriteBoolean("left"u8, true);
    }
}
