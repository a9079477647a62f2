namespace Tieline.Core.Search;

/// <summary>One word or run that is looked for: what an index is asked, and what decides.</summary>
/// <param name="Tokens">All of them stand in a message that holds the term.</param>
/// <param name="IsPrefix">True when the last token may go on.</param>
public sealed record SearchTerm(IReadOnlyList<string> Tokens, bool IsPrefix);

/// <summary>
/// What somebody looks for: every word of it, in any order, the last one perhaps not finished. A run of a script without spaces must stand in
/// the text as it is. An index only proposes messages; <see cref="Matches"/> decides, so that every store finds the same.
/// </summary>
public sealed class SearchTerms
{
    /// <summary>More words narrow nothing that anybody would notice.</summary>
    private const int MaxTerms = 16;

    private const char VoicingMark = '\u3099';
    private const char HalfVoicingMark = '\u309A';

    private readonly List<TextPiece> _pieces;

    private SearchTerms(List<TextPiece> pieces) => _pieces = pieces;

    public IReadOnlyList<SearchTerm> Terms => [.. _pieces.Select((piece, at) => TermOf(piece, last: at == _pieces.Count - 1))];

    /// <summary>Empty when the text holds nothing that can be looked for.</summary>
    public static SearchTerms Parse(string text)
    {
        var pieces = TextSplitter.Split(text);
        if (pieces.Count > MaxTerms) pieces.RemoveRange(0, pieces.Count - MaxTerms);
        return new SearchTerms(pieces);
    }

    /// <summary>What an index keeps of a text: its words, of a run each character with the next, and its last character alone. Each once.</summary>
    public static IReadOnlySet<string> TokensOf(string text)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        foreach (var piece in TextSplitter.Split(text))
        {
            for (var i = 0; i + 1 < piece.Units.Count; i++) tokens.Add(piece.Units[i] + piece.Units[i + 1]);
            tokens.Add(piece.Units[^1]);
        }

        return tokens;
    }

    public bool Matches(string text)
    {
        var pieces = TextSplitter.Split(text);
        for (var i = 0; i < _pieces.Count; i++)
        {
            var (asked, last) = (_pieces[i], i == _pieces.Count - 1);
            if (!pieces.Exists(piece => piece.IsRun == asked.IsRun && Holds(piece.Units, asked.Units, last))) return false;
        }

        return true;
    }

    private static SearchTerm TermOf(TextPiece piece, bool last)
    {
        if (!piece.IsRun) return new SearchTerm(piece.Units, last);
        // A single character begins the pair that the index holds, unless it ends its run.
        if (piece.Units.Count == 1) return new SearchTerm(piece.Units, IsPrefix: true);
        return new SearchTerm([.. Enumerable.Range(0, piece.Units.Count - 1).Select(i => piece.Units[i] + piece.Units[i + 1])], last);
    }

    private static bool Holds(IReadOnlyList<string> units, IReadOnlyList<string> asked, bool prefix)
    {
        for (var start = 0; start + asked.Count <= units.Count; start++)
            if (HoldsAt(units, asked, start, prefix)) return true;
        return false;
    }

    private static bool HoldsAt(IReadOnlyList<string> units, IReadOnlyList<string> asked, int start, bool prefix)
    {
        for (var i = 0; i < asked.Count; i++)
        {
            var unit = units[start + i];
            var same = prefix && i == asked.Count - 1 ? GoesOn(unit, asked[i]) : unit == asked[i];
            if (!same) return false;
        }

        return true;
    }

    /// <summary>A tone or a vowel sign may not be typed yet; a kana with a voicing mark is another kana.</summary>
    private static bool GoesOn(string unit, string asked) => unit.StartsWith(asked, StringComparison.Ordinal)
        && (unit.Length == asked.Length || unit[asked.Length] is not (VoicingMark or HalfVoicingMark));
}
