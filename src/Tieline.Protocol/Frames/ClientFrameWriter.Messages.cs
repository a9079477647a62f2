using System.Text.Json;

namespace Tieline.Protocol.Frames;

public static partial class ClientFrameWriter
{
    private static string? TypeOfMessageCommand(ClientFrame frame) => frame switch
    {
        EditFrame => "edit",
        DeleteFrame => "delete",
        ReactFrame => "react",
        PinFrame => "pin",
        StarFrame => "star",
        DraftFrame => "draft",
        DisappearFrame => "disappear",
        _ => null,
    };

    private static void WriteMessageCommand(Utf8JsonWriter json, ClientFrame frame)
    {
        switch (frame)
        {
            case EditFrame edit:
                json.WriteString("id"u8, edit.Id);
                json.WriteString("message"u8, edit.Text);
                break;
            case DeleteFrame delete:
                json.WriteString("id"u8, delete.Id);
                json.WriteString("for"u8, delete.ForAll ? "all"u8 : "me"u8);
                break;
            case ReactFrame react:
                json.WriteString("id"u8, react.Id);
                json.WriteString("emoji"u8, react.Emoji);
                break;
            case PinFrame pin:
                json.WriteString("id"u8, pin.Id);
                json.WriteBoolean("on"u8, pin.On);
                break;
            case StarFrame star:
                json.WriteString("id"u8, star.Id);
                json.WriteBoolean("on"u8, star.On);
                break;
            case DraftFrame draft:
                WriteTarget(json, draft.To, draft.Conversation);
                json.WriteString("message"u8, draft.Text);
                if (draft.ReplyTo is not null) json.WriteString("reply_to"u8, draft.ReplyTo);
                break;
            case DisappearFrame disappear:
                WriteTarget(json, disappear.To, disappear.Conversation);
                json.WriteNumber("seconds"u8, disappear.Seconds);
                break;
        }
    }

    private static void WriteTarget(Utf8JsonWriter json, string? to, string? conversation)
    {
        if (to is not null) json.WriteString("to"u8, to);
        if (conversation is not null) json.WriteString("conversation"u8, conversation);
    }
}
