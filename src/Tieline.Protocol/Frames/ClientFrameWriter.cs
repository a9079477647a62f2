using System.Buffers;
using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>Writes what a client sends: over a line with its <c>type</c>, or without it as the body of a REST command.</summary>
public static partial class ClientFrameWriter
{
    /// <param name="frame">The frame.</param>
    /// <param name="withType">False for the body of a REST command, whose path already says the type.</param>
    /// <returns>One JSON object in UTF-8.</returns>
    public static byte[] ToUtf8(ClientFrame frame, bool withType = true)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        var json = FrameWriter.Rent(buffer);
        json.WriteStartObject();
        if (withType) json.WriteString("type"u8, TypeOf(frame));
        WriteFields(json, frame);
        json.WriteEndObject();
        FrameWriter.Return(json);
        return buffer.WrittenSpan.ToArray();
    }

    public static string TypeOf(ClientFrame frame) => frame switch
    {
        SendFrame => "send",
        RecvFrame => "recv",
        ReadFrame => "read",
        PingFrame => "ping",
        PongFrame => "pong",
        SyncFrame => "sync",
        HistoryFrame => "history",
        AuthFrame => "auth",
        ClearFrame => "clear",
        _ => TypeOfMessageCommand(frame) ?? TypeOfGroupCommand(frame) ?? TypeOfLiveCommand(frame)
            ?? throw new ArgumentOutOfRangeException(nameof(frame), frame, "No type for this frame."),
    };

    private static void WriteFields(Utf8JsonWriter json, ClientFrame frame)
    {
        if (frame is CommandFrame { ClientId: { } clientId }) json.WriteString("client_id"u8, clientId);
        switch (frame)
        {
            case SendFrame send: WriteSend(json, send); break;
            case RecvFrame recv: json.WriteNumber("pos"u8, recv.Pos); break;
            case ReadFrame read:
                json.WriteString("conversation"u8, read.Conversation);
                json.WriteNumber("seq"u8, read.Seq);
                break;
            case SyncFrame sync: json.WriteString("since"u8, sync.Since); break;
            case HistoryFrame history:
                json.WriteString("conversation"u8, history.Conversation);
                if (history.BeforeSeq is { } before) json.WriteNumber("before_seq"u8, before);
                json.WriteNumber("limit"u8, history.Limit);
                break;
            case AuthFrame auth: json.WriteString("token"u8, auth.Token); break;
            case ClearFrame clear:
                json.WriteString("conversation"u8, clear.Conversation);
                if (clear.Seq is { } upTo) json.WriteNumber("seq"u8, upTo);
                break;
            default:
                WriteMessageCommand(json, frame);
                WriteGroupCommand(json, frame);
                WriteLiveCommand(json, frame);
                break;
        }
    }

    private static void WriteSend(Utf8JsonWriter json, SendFrame send)
    {
        json.WriteString("client_id"u8, send.ClientId);
        if (send.To is not null) json.WriteString("to"u8, send.To);
        if (send.Conversation is not null) json.WriteString("conversation"u8, send.Conversation);
        if (send.ForwardOf is null) json.WriteString("message"u8, send.Text);
        else json.WriteString("forward_of"u8, send.ForwardOf);
        if (send.ReplyTo is not null) json.WriteString("reply_to"u8, send.ReplyTo);
        ServerFrameFields.WriteRaw(json, "attachments"u8, send.Attachments);
        ServerFrameFields.WriteRaw(json, "card"u8, send.Card);
        ServerFrameFields.WriteRaw(json, "mentions"u8, send.Mentions);
    }
}
