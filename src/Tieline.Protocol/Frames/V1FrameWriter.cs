using System.Buffers;
using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>The first protocol, whose byte shape is fixed by the apps in people's hands.</summary>
public static class V1FrameWriter
{
    /// <summary>A live message: <c>post_id</c>, <c>story_id</c> and <c>story_data</c> stand only where the message has them.</summary>
    public static byte[] Message(WireMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + message.Text.Length);
        var json = FrameWriter.Rent(buffer);
        json.WriteStartObject();
        json.WriteString("type"u8, "message"u8);
        WriteFields(json, message, withNulls: false);
        json.WriteString("client_id"u8, message.ClientId);
        json.WriteEndObject();
        FrameWriter.Return(json);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The first frame on a socket: the newest messages, oldest first, with nulls for what a message does not have.</summary>
    public static byte[] History(IReadOnlyList<WireMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var json = FrameWriter.Rent(buffer);
        json.WriteStartObject();
        json.WriteString("type"u8, "history"u8);
        json.WriteStartArray("messages"u8);
        foreach (var message in messages) WriteMessage(json, message);
        json.WriteEndArray();
        json.WriteEndObject();
        FrameWriter.Return(json);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A message as it stands in a history and in <c>GET /conversation</c>.</summary>
    public static void WriteMessage(Utf8JsonWriter json, WireMessage message)
    {
        json.WriteStartObject();
        WriteFields(json, message, withNulls: true);
        json.WriteString("client_id"u8, message.ClientId);
        json.WriteEndObject();
    }

    /// <summary>v1 knows no tombstone and no notice: it shows words in place of the text. In a direct chat there is one kind of notice.</summary>
    public static string TextOf(WireMessage message) => message.Deleted ? "This message was deleted"
        : message.Notice is not null && message.ToUser is not null ? "How long messages stay here was changed" : message.Text;

    private static void WriteFields(Utf8JsonWriter json, WireMessage message, bool withNulls)
    {
        json.WriteString("id"u8, message.Id);
        json.WriteString("from_user"u8, message.FromUser);
        json.WriteString("to_user"u8, message.ToUser);
        json.WriteString("message"u8, TextOf(message));
        ServerFrameFields.WriteTimestamp(json, "created_at"u8, message.CreatedAt);
        var (postId, storyId, storyData) = V1Card.Split(message.Card);
        WriteCardField(json, "post_id"u8, postId, withNulls);
        WriteCardField(json, "story_id"u8, storyId, withNulls);
        WriteCardField(json, "story_data"u8, storyData, withNulls);
    }

    private static void WriteCardField(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value, bool withNulls)
    {
        if (value is not null) ServerFrameFields.WriteRaw(json, name, value);
        else if (withNulls) json.WriteNull(name);
    }
}
