using System.Buffers;
using System.Text;
using System.Text.Json;
using Tieline.Core.Attachments;

namespace Tieline.Core.Ledgers;

/// <summary>The people that a message names, as JSON: an array of account ids.</summary>
public static class MentionRules
{
    /// <summary>In one message.</summary>
    public const int Max = 50;

    /// <returns>Null for anything but an array of at most <see cref="Max"/> strings.</returns>
    internal static List<string>? Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() > Max) return null;
        var ids = new List<string>(document.RootElement.GetArrayLength());
        foreach (var item in document.RootElement.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) return null;
            ids.Add(item.GetString()!);
        }

        return ids;
    }

    internal static string Write(IEnumerable<string> ids)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, AttachmentRules.JsonOptions))
        {
            json.WriteStartArray();
            foreach (var id in ids) json.WriteStringValue(id);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
