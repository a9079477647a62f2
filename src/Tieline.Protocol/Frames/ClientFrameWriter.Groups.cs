using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ClientFrameWriter
{
    private static string? TypeOfGroupCommand(ClientFrame frame) => frame switch
    {
        GroupCreateFrame => "group_create",
        GroupUpdateFrame => "group_update",
        GroupAddFrame => "group_add",
        GroupRemoveFrame => "group_remove",
        GroupRoleFrame => "group_role",
        GroupLeaveFrame => "group_leave",
        GroupJoinFrame => "group_join",
        GroupLinkFrame => "group_link",
        MuteFrame => "mute",
        _ => null,
    };

    private static void WriteGroupCommand(Utf8JsonWriter json, ClientFrame frame)
    {
        switch (frame)
        {
            case GroupCreateFrame create:
                WriteGroup(json, create.Name, create.Avatar, create.History, create.Announcements);
                WriteMembers(json, create.Members);
                break;
            case GroupUpdateFrame update:
                json.WriteString("conversation"u8, update.Conversation);
                WriteGroup(json, update.Name, update.Avatar, update.History, update.Announcements);
                break;
            case GroupAddFrame add:
                json.WriteString("conversation"u8, add.Conversation);
                WriteMembers(json, add.Members);
                break;
            case GroupRemoveFrame remove:
                json.WriteString("conversation"u8, remove.Conversation);
                json.WriteString("user"u8, remove.User);
                break;
            case GroupRoleFrame role:
                json.WriteString("conversation"u8, role.Conversation);
                json.WriteString("user"u8, role.User);
                json.WriteString("role"u8, role.Role);
                break;
            case GroupLeaveFrame leave: json.WriteString("conversation"u8, leave.Conversation); break;
            case GroupJoinFrame join: json.WriteString("code"u8, join.Code); break;
            case GroupLinkFrame link:
                json.WriteString("conversation"u8, link.Conversation);
                if (link.ExpiresInSeconds is { } seconds) json.WriteNumber("expires_in_s"u8, seconds);
                if (link.Revoke) json.WriteBoolean("revoke"u8, true);
                break;
            case MuteFrame mute:
                json.WriteString(mute.To is null ? "conversation"u8 : "to"u8, mute.To ?? mute.Conversation);
                json.WriteString("until"u8, mute.Until == MuteFrame.Always ? "always" : mute.Until?.ToString());
                break;
        }
    }

    private static void WriteGroup(Utf8JsonWriter json, string? name, string? avatar, string? history, bool? announcements)
    {
        if (name is not null) json.WriteString("name"u8, name);
        if (avatar is not null) json.WriteString("avatar"u8, avatar);
        if (history is not null) json.WriteString("history"u8, history);
        if (announcements is { } on) json.WriteBoolean("announcements"u8, on);
    }

    private static void WriteMembers(Utf8JsonWriter json, IReadOnlyList<string> members)
    {
        json.WriteStartArray("members"u8);
        foreach (var member in members) json.WriteStringValue(member);
        json.WriteEndArray();
    }
}
