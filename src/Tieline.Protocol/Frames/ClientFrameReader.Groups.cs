namespace Tieline.Protocol.Frames;

public static partial class ClientFrameReader
{
    private static CommandFrame? ReadGroupCommand(string type, in CommandFields fields) => type switch
    {
        "group_create" => new GroupCreateFrame(fields.NeededClientId, fields.Text("name"), fields.OptionalText("avatar"), fields.Texts("members"),
            HistoryOf(fields), fields.OptionalFlag("announcements")),
        "group_update" => new GroupUpdateFrame(fields.NeededClientId, fields.Text("conversation"), fields.OptionalText("name"), fields.OptionalText("avatar"),
            HistoryOf(fields), fields.OptionalFlag("announcements")),
        "group_add" => new GroupAddFrame(fields.NeededClientId, fields.Text("conversation"), fields.Texts("members")),
        "group_remove" => new GroupRemoveFrame(fields.NeededClientId, fields.Text("conversation"), fields.Text("user")),
        "group_role" => new GroupRoleFrame(fields.NeededClientId, fields.Text("conversation"), fields.Text("user"), RoleOf(fields)),
        "group_leave" => new GroupLeaveFrame(fields.NeededClientId, fields.Text("conversation")),
        "group_join" => new GroupJoinFrame(fields.NeededClientId, fields.Text("code")),
        "group_link" => new GroupLinkFrame(fields.Text("conversation"), fields.OptionalNumber("expires_in_s"), fields.OptionalFlag("revoke") ?? false, fields.ClientId),
        "mute" => ReadMute(fields),
        _ => null,
    };

    private static MuteFrame ReadMute(in CommandFields fields)
    {
        var (to, conversation) = fields.Target();
        var until = fields.OptionalText("until");
        if (until is null or "always") return new MuteFrame(to, conversation, until is null ? null : MuteFrame.Always, fields.ClientId);
        return Timestamp.TryParse(until, out var time) ? new MuteFrame(to, conversation, time, fields.ClientId)
            : throw fields.Invalid("until must be always, null, or a time such as 2026-03-01T09:30:00.000000Z.");
    }

    private static string? HistoryOf(in CommandFields fields) =>
        fields.OptionalText("history") is not { } history || history is "joined" or "all" ? fields.OptionalText("history")
            : throw fields.Invalid("history must be joined or all.");

    private static string RoleOf(in CommandFields fields) =>
        fields.Text("role") is "owner" or "admin" or "member" ? fields.Text("role") : throw fields.Invalid("role must be owner, admin or member.");
}
