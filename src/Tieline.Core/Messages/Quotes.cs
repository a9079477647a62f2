using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tieline.Core.Attachments;

namespace Tieline.Core.Messages;

/// <summary>What an answer shows of the message it answers, as that was when the answer was sent.</summary>
internal static class Quotes
{
    private const int MaxElements = 200;

    /// <summary>In UTF-16 units: a character as people see it may carry any number of marks.</summary>
    private const int MaxLength = 2_000;

    public static string Make(string id, string fromUser, string text)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, AttachmentRules.JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            json.WriteString("from_user"u8, fromUser);
            json.WriteString("message"u8, Beginning(text));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The first 200 characters as people see them, none of them cut in two.</summary>
    private static ReadOnlySpan<char> Beginning(string text)
    {
        if (text.Length <= MaxElements) return text;
        var length = 0;
        for (var elements = 0; elements < MaxElements && length < text.Length; elements++)
        {
            var next = StringInfo.GetNextTextElementLength(text.AsSpan(length));
            if (length + next > MaxLength) break;
            length += next;
        }

        return text.AsSpan(0, length);
    }
}
