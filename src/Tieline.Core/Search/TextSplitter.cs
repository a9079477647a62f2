using System.Globalization;
using System.Text;

namespace Tieline.Core.Search;

/// <summary>A word, or a run of a script that puts no spaces between words.</summary>
/// <param name="Units">The word alone, or the characters of the run, each with the signs that belong to it.</param>
internal readonly record struct TextPiece(IReadOnlyList<string> Units, bool IsRun);

/// <summary>Splits text for searching, the same for every store and for both what is stored and what is asked.</summary>
internal static class TextSplitter
{
    /// <summary>Longer words are cut, on both sides.</summary>
    private const int MaxWord = 64;

    private const int ZeroWidthSpace = 0x200B;

    /// <summary>Scripts without spaces: Thai, Lao, Myanmar, Khmer, Tai and Kana, Bopomofo and Han.</summary>
    private static readonly (int First, int Last)[] _spaceless =
    [
        (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029),
        (0x3038, 0x303B), (0x3041, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),
        (0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
    ];

    public static List<TextPiece> Split(string text)
    {
        var pieces = new List<TextPiece>();
        var word = new StringBuilder();
        var run = new List<string>();
        foreach (var rune in Folding.Fold(text).EnumerateRunes())
        {
            switch (KindOf(rune))
            {
                case RuneKind.Spaceless:
                    EndWord();
                    run.Add(rune.ToString());
                    break;
                case RuneKind.Mark when run.Count > 0:
                    run[^1] += rune.ToString();
                    break;
                case RuneKind.Mark or RuneKind.Letter:
                    EndRun();
                    if (word.Length + rune.Utf16SequenceLength <= MaxWord) word.Append(rune.ToString());
                    break;
                case RuneKind.Symbol:
                    EndWord();
                    EndRun();
                    pieces.Add(new TextPiece([rune.ToString()], false));
                    break;
                case RuneKind.Break:
                    EndWord();
                    EndRun();
                    break;
                case RuneKind.Ignored:
                    break;
            }
        }

        EndWord();
        EndRun();
        return pieces;

        void EndWord()
        {
            if (word.Length > 0) pieces.Add(new TextPiece([word.ToString()], false));
            word.Clear();
        }

        void EndRun()
        {
            if (run.Count > 0) pieces.Add(new TextPiece([.. run], true));
            run.Clear();
        }
    }

    private static RuneKind KindOf(Rune rune)
    {
        if (rune.IsAscii) return char.IsAsciiLetterOrDigit((char)rune.Value) ? RuneKind.Letter : RuneKind.Break;
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark:
                return RuneKind.Mark;
            case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber:
                return IsSpaceless(rune.Value) ? RuneKind.Spaceless : RuneKind.Letter;
            case UnicodeCategory.OtherSymbol:
                return rune == Rune.ReplacementChar ? RuneKind.Break : RuneKind.Symbol;
            case UnicodeCategory.Format:
                // Joiners and direction marks stand inside words.
                return rune.Value == ZeroWidthSpace ? RuneKind.Break : RuneKind.Ignored;
            default:
                return RuneKind.Break;
        }
    }

    private static bool IsSpaceless(int value)
    {
        foreach (var (first, last) in _spaceless)
        {
            if (value < first) return false;
            if (value <= last) return true;
        }

        return false;
    }

    private enum RuneKind
    {
        Break,
        Ignored,
        Letter,
        Mark,
        Spaceless,
        Symbol,
    }
}
