using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tieline.Core.Ledgers;

/// <summary>What a reaction may be, and how a message shows those it has.</summary>
public static class ReactionRules
{
    public const int MaxBytes = 32;

    /// <summary>Whoever reacted after these is counted and not named.</summary>
    public const int MaxNamed = 20;

    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One character as people see it, of at most 32 bytes and not of ASCII alone. Which ones are emoji changes each year, so no list decides.</summary>
    public static bool IsEmoji(string text)
    {
        if (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > MaxBytes || StringInfo.GetNextTextElementLength(text) != text.Length) return false;
        var foreign = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune)) return false;
            foreign |= !rune.IsAscii;
        }

        return foreign;
    }

    /// <returns><c>[{emoji, count, users}]</c>, the emoji first used first; null for none.</returns>
    public static string? Write(IReadOnlyList<Reaction> reactions)
    {
        if (reactions.Count == 0) return null;
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            json.WriteStartArray();
            foreach (var group in reactions.GroupBy(reaction => reaction.Emoji))
            {
                json.WriteStartObject();
                json.WriteString("emoji"u8, group.Key);
                json.WriteNumber("count"u8, group.Count());
                json.WriteStartArray("users"u8);
                foreach (var reaction in group.Take(MaxNamed)) json.WriteStringValue(reaction.AccountId);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
