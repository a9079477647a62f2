using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ServerFrameReader
{
    private static ServerFrame? ReadMessageFrame(string type, JsonElement json) => type switch
    {
        "update" => new UpdateFrame(json.Number("pos"), MessageFrom(json)),
        "hidden" => new HiddenFrame(json.Number("pos"), json.Text("conversation"), json.Number("seq")),
        "starred" => new StarredFrame(json.Number("pos"), json.Text("conversation"), json.Number("seq"), json.Flag("starred")),
        "draft" => new DraftedFrame(json.Number("pos"), json.Text("conversation"), json.OptionalText("message"), json.OptionalText("reply_to")),
        "done" => new DoneFrame(json.OptionalText("client_id"), json.Number("changed")),
        _ => null,
    };

    private static WireMessage WithFeatures(WireMessage message, JsonElement json) => message with
    {
        PinnedAt = json.Optional("pinned_at") is null ? null : json.Time("pinned_at"),
        ExpiresAt = json.Optional("expires_at") is null ? null : json.Time("expires_at"),
        Forwarded = json.Optional("forwarded") is not null && json.Flag("forwarded"),
        Quote = json.Optional("quote")?.GetRawText(),
        Mentions = json.Optional("mentions")?.GetRawText(),
        Reactions = json.Optional("reactions")?.GetRawText(),
        Notice = json.Optional("system")?.GetRawText(),
    };
}
