using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ServerFrameReader
{
    private static ServerFrame? ReadLiveFrame(string type, JsonElement json) => type switch
    {
        "typing" => new ServerTypingFrame(json.Text("conversation"), json.Text("user")),
        "presence" => new PresenceFrame(json.Text("user"), json.Flag("online"), json.Optional("last_seen") is null ? null : json.Time("last_seen")),
        "privacy" => new ServerPrivacyFrame(json.Number("pos"), json.Flag("receipts"), json.Flag("online"), json.Flag("last_seen"), json.Flag("typing")),
        _ => null,
    };
}
