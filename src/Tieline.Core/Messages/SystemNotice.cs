using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tieline.Core.Messages;

/// <summary>The <c>system</c> of a message that tells of a change in the conversation itself.</summary>
internal static class SystemNotice
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="kind">What happened: created, named, added, removed, left, joined, role, ...</param>
    public static string Make(string kind, Action<Utf8JsonWriter>? fields = null)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, kind);
            fields?.Invoke(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void WriteUsers(Utf8JsonWriter json, IEnumerable<string> users)
    {
        json.WriteStartArray("users"u8);
        foreach (var user in users) json.WriteStringValue(user);
        json.WriteEndArray();
    }
}
