using System.Globalization;
using System.Text;
using Tieline.Core.Search;

namespace Tieline.Server.Sqlite;

/// <summary>
/// How the splitter's tokens stand in FTS5. Each is kept under a scope: of a direct chat once for each of its two people, of a group once. Whoever
/// searches asks his own scope and those of his groups, so that the cost does not grow with what others wrote. No tokenizer changes these
/// terms: what is ASCII in them is small letters and digits, and FTS5's "ascii" takes everything else as letters.
/// </summary>
internal static class SqliteSearchTerms
{
    /// <summary>No word holds these two signs, so no text can pose as a mark.</summary>
    private const string Mark = "\u00B7\u00A7";
    private const char Separator = '\u00B7';

    public const string Image = Mark + "image";

    /// <summary>Every message has it: under a scope these are all of its messages.</summary>
    public const string Any = Mark + "any";

    public static string From(long account) => Mark + "f" + Digits(account);

    public static string In(long conversation) => Mark + "c" + Digits(conversation);

    public static string OfAccount(long account) => "a" + Digits(account);

    public static string OfGroup(long conversation) => "g" + Digits(conversation);

    /// <summary>The text that FTS5 is given for a message.</summary>
    public static string Document(IEnumerable<string> scopes, IReadOnlySet<string> tokens, IReadOnlyCollection<string> marks)
    {
        var text = new StringBuilder();
        foreach (var scope in scopes)
        {
            foreach (var token in tokens) text.Append(scope).Append(Separator).Append(token).Append(' ');
            foreach (var mark in marks) text.Append(scope).Append(mark).Append(' ');
        }

        return text.ToString();
    }

    /// <summary>The MATCH expression: in any of the scopes, all of the terms.</summary>
    /// <param name="beginnings">False to leave out what may go on, for which FTS5 gathers every hit before it gives the first; where nothing else is asked for, it is then all messages.</param>
    public static string Expression(IEnumerable<string> scopes, SearchTerms terms, IReadOnlyCollection<string> marks, bool beginnings = true)
    {
        var text = new StringBuilder();
        foreach (var scope in scopes)
        {
            text.Append(text.Length > 0 ? " OR (" : "(");
            var start = text.Length;
            foreach (var term in terms.Terms)
            {
                for (var i = 0; i < term.Tokens.Count; i++)
                {
                    var goesOn = term.IsPrefix && i == term.Tokens.Count - 1;
                    if (beginnings || !goesOn) And(scope + Separator + term.Tokens[i], goesOn);
                }
            }

            foreach (var mark in marks) And(scope + mark, prefix: false);
            if (text.Length == start) And(scope + Any, prefix: false);
            text.Append(')');

            void And(string term, bool prefix)
            {
                if (text.Length > start) text.Append(" AND ");
                text.Append('"').Append(term).Append(prefix ? "\" *" : "\"");
            }
        }

        return text.ToString();
    }

    private static string Digits(long number) => number.ToString("x", CultureInfo.InvariantCulture);
}
