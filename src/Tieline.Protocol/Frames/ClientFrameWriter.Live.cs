using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ClientFrameWriter
{
    private static string? TypeOfLiveCommand(ClientFrame frame) => frame switch
    {
        TypingFrame => "typing",
        WatchFrame => "watch",
        PrivacyFrame => "privacy",
        AcceptFrame => "accept",
        FlagFrame => "flag",
        _ => null,
    };

    private static void WriteLiveCommand(Utf8JsonWriter json, ClientFrame frame)
    {
        switch (frame)
        {
            case TypingFrame typing: json.WriteString("conversation"u8, typing.Conversation); break;
            case WatchFrame watch:
                json.WriteStartArray("users"u8);
                foreach (var user in watch.Users) json.WriteStringValue(user);
                json.WriteEndArray();
                break;
            case PrivacyFrame privacy:
                if (privacy.Receipts is { } receipts) json.WriteBoolean("receipts"u8, receipts);
                if (privacy.Online is { } online) json.WriteBoolean("online"u8, online);
                if (privacy.LastSeen is { } lastSeen) json.WriteBoolean("last_seen"u8, lastSeen);
                if (privacy.Typing is { } shown) json.WriteBoolean("typing"u8, shown);
                break;
            case AcceptFrame accept: json.WriteString("conversation"u8, accept.Conversation); break;
            case FlagFrame flag:
                if (flag.Id is not null) json.WriteString("id"u8, flag.Id);
                if (flag.User is not null) json.WriteString("user"u8, flag.User);
                json.WriteString("reason"u8, flag.Reason);
                if (flag.Text is not null) json.WriteString("text"u8, flag.Text);
                break;
        }
    }
}
