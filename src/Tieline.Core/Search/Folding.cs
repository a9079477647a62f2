using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Tieline.Core.Search;

/// <summary>Makes two writings of one word equal: case, width, accents, ligatures, digits of any script. Signs that carry sound or meaning stay: Indic vowel signs, kana's voicing, Thai tones.</summary>
internal static class Folding
{
    private const char Breve = '\u0306';
    private static readonly FrozenDictionary<int, string> _table = Read(FoldingTable.Entries);

    /// <summary>The marks that are left out: accents, Hebrew points, Arabic vowel signs, variation selectors.</summary>
    private static readonly (int First, int Last)[] _dropped =
    [
        (0x300, 0x36F), (0x483, 0x489), (0x591, 0x5BD), (0x5BF, 0x5BF), (0x5C1, 0x5C2), (0x5C4, 0x5C5), (0x5C7, 0x5C7), (0x610, 0x61A), (0x640, 0x640),
        (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6DC), (0x6DF, 0x6E4), (0x6E7, 0x6E8), (0x6EA, 0x6ED), (0x8D3, 0x8E1), (0x8E3, 0x8FF), (0x1AB0, 0x1AFF),
        (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0x1F3FB, 0x1F3FF), (0xE0100, 0xE01EF),
    ];

    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii) folded.Append((char)Rune.ToLowerInvariant(rune).Value);
            else Append(folded, rune);
        }

        return folded.ToString();
    }

    private static void Append(StringBuilder folded, Rune rune)
    {
        // The Russian short i is a letter of its own, also when it is written in two parts.
        if (rune.Value == Breve && folded.Length > 0 && folded[^1] == 'и') folded[^1] = 'й';
        else if (IsDropped(rune.Value)) return;
        else if (_table.TryGetValue(rune.Value, out var target)) folded.Append(target);
        else if (rune.Value is >= 0xAC00 and <= 0xD7A3) AppendHangul(folded, rune.Value - 0xAC00);
        else if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber) folded.Append((char)('0' + (int)Rune.GetNumericValue(rune)));
        else folded.Append(Rune.ToLowerInvariant(rune).ToString());
    }

    /// <summary>In its letters, so that a syllable which is still being typed finds what it will become.</summary>
    private static void AppendHangul(StringBuilder folded, int syllable)
    {
        folded.Append((char)(0x1100 + (syllable / 588))).Append((char)(0x1161 + (syllable % 588 / 28)));
        if (syllable % 28 > 0) folded.Append((char)(0x11A7 + (syllable % 28)));
    }

    private static bool IsDropped(int value)
    {
        foreach (var (first, last) in _dropped)
        {
            if (value < first) return false;
            if (value <= last) return true;
        }

        return false;
    }

    private static FrozenDictionary<int, string> Read(string entries)
    {
        var table = new Dictionary<int, string>();
        var source = 0;
        foreach (var entry in entries.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var (head, target) = (entry[..entry.IndexOf(':', StringComparison.Ordinal)], entry[(entry.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            var run = head.IndexOfAny(['=', '+']);
            source += Hex(run < 0 ? head : head[..run]);
            var count = run < 0 ? 1 : int.Parse(head.AsSpan(run + 1), CultureInfo.InvariantCulture);
            var step = run >= 0 && head[run] == '+' ? 1 : 0;
            var runes = target.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(Hex).ToArray();
            for (var i = 0; i < count; i++) table[source + i] = string.Concat(runes.Select(rune => char.ConvertFromUtf32(rune + (i * step))));
        }

        return table.ToFrozenDictionary();

        static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
