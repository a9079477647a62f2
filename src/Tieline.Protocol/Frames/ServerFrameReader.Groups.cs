using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ServerFrameReader
{
    private static ServerFrame? ReadGroupFrame(string type, JsonElement json) => type switch
    {
        "conversation" => new ConversationFrame(json.Number("pos"),
            ReadConversation(json.Optional("conversation") ?? throw new FrameException(WireError.Invalid, "conversation is missing."))),
        "link" => new LinkFrame(json.Text("conversation"), json.Text("code"), json.Time("expires_at")),
        _ => null,
    };

    private static WireConversation WithGroup(WireConversation conversation, JsonElement json) => conversation with
    {
        MutedUntil = json.Optional("muted_until") is null ? null : json.Time("muted_until"),
        Group = json.OptionalText("name") is not { } name ? null
            : new WireGroup(name, json.OptionalText("avatar"), json.Text("role"), json.Number("members"), json.Flag("announcements"), json.Text("history")),
        Left = json.Optional("left") is not null && json.Flag("left"),
    };
}
