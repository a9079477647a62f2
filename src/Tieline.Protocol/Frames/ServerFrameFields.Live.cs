using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ServerFrameFields
{
    private static string? TypeOfLiveFrame(ServerFrame frame) => frame switch
    {
        ServerTypingFrame => "typing",
        PresenceFrame => "presence",
        ServerPrivacyFrame => "privacy",
        _ => null,
    };

    /// <returns>False when the frame is not of this file.</returns>
    private static bool WriteLiveFrame(Utf8JsonWriter json, ServerFrame frame)
    {
        switch (frame)
        {
            case ServerTypingFrame typing:
                json.WriteString("conversation"u8, typing.Conversation);
                json.WriteString("user"u8, typing.User);
                return true;
            case PresenceFrame presence:
                WritePresence(json, presence);
                return true;
            case ServerPrivacyFrame privacy:
                json.WriteNumber("pos"u8, privacy.Pos);
                json.WriteBoolean("receipts"u8, privacy.Receipts);
                json.WriteBoolean("online"u8, privacy.Online);
                json.WriteBoolean("last_seen"u8, privacy.LastSeen);
                json.WriteBoolean("typing"u8, privacy.Typing);
                return true;
            default:
                return false;
        }
    }

    public static void WritePresence(Utf8JsonWriter json, PresenceFrame presence)
    {
        json.WriteString("user"u8, presence.User);
        json.WriteBoolean("online"u8, presence.Online);
        if (presence.LastSeen is { } seen) WriteTimestamp(json, "last_seen"u8, seen);
    }
}
