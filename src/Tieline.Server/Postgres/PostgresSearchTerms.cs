using System.Globalization;
using System.Text;
using Tieline.Core.Search;

namespace Tieline.Server.Postgres;

/// <summary>
/// How the splitter's tokens stand in a tsvector. Each is kept under a scope: of a direct chat once for each of its two people, of a group once. Whoever
/// searches asks his own scope and those of his groups, so that the cost does not grow with what others wrote.
/// </summary>
internal static class PostgresSearchTerms
{
    /// <summary>No word holds these two signs, so no text can pose as a mark.</summary>
    private const string Mark = "\u00B7\u00A7";
    private const char Separator = '\u00B7';

    public const string Image = Mark + "image";

    public static string From(long account) => Mark + "f" + Digits(account);

    public static string In(long conversation) => Mark + "c" + Digits(conversation);

    public static string OfAccount(long account) => "a" + Digits(account);

    public static string OfGroup(long conversation) => "g" + Digits(conversation);

    /// <summary>The text of the tsvector of a message.</summary>
    /// <param name="low">One person of a direct chat; null in a group.</param>
    public static string Document(long conversation, long sender, long? low, long? high, string text, string? attachments)
    {
        string[] scopes = low is { } one && high is { } other ? [OfAccount(one), OfAccount(other)] : [OfGroup(conversation)];
        var marks = new List<string> { From(sender) };
        if (low is not null) marks.Add(In(conversation));
        if (SearchedAttachments.HoldImage(attachments)) marks.Add(Image);
        return Document(scopes, SearchTerms.TokensOf(text), marks);
    }

    private static string Document(IEnumerable<string> scopes, IReadOnlySet<string> tokens, IReadOnlyCollection<string> marks)
    {
        var text = new StringBuilder();
        foreach (var scope in scopes)
        {
            foreach (var token in tokens) Quote(text, scope + Separator + token).Append(' ');
            foreach (var mark in marks) Quote(text, scope + mark).Append(' ');
        }

        return text.ToString();
    }

    /// <summary>The text of the tsquery: in any of the scopes, all of the terms.</summary>
    public static string Expression(IEnumerable<string> scopes, SearchTerms terms, IReadOnlyCollection<string> marks)
    {
        var text = new StringBuilder();
        foreach (var scope in scopes)
        {
            text.Append(text.Length > 0 ? " | (" : "(");
            var start = text.Length;
            foreach (var term in terms.Terms)
            {
                for (var i = 0; i < term.Tokens.Count; i++) And(scope + Separator + term.Tokens[i], term.IsPrefix && i == term.Tokens.Count - 1);
            }

            foreach (var mark in marks) And(scope + mark, prefix: false);
            text.Append(')');

            void And(string term, bool prefix)
            {
                if (text.Length > start) text.Append(" & ");
                Quote(text, term).Append(prefix ? ":*" : "");
            }
        }

        return text.ToString();
    }

    private static StringBuilder Quote(StringBuilder text, string lexeme) =>
        text.Append('\'').Append(lexeme.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)).Append('\'');

    private static string Digits(long number) => number.ToString("x", CultureInfo.InvariantCulture);
}
