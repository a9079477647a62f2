using System.Globalization;
using System.Text;
using Tieline.Core.Accounts;

namespace Tieline.Server.Bus;

/// <summary>
/// A message of one node to the others: lines of text, so that an operator can read along. The first names the format and the node; a line that a node does not
/// understand is passed over, so that newer and older ones can talk.
/// </summary>
internal static class BusLines
{
    private const string Format = "tieline1";

    /// <summary>Who speaks: the run of a node, and the name it was given.</summary>
    public readonly record struct Speaker(string Instance, string Node);

    public static string Head(Speaker speaker) => $"{Format} {speaker.Instance} {speaker.Node}\n";

    public static void Append(StringBuilder text, AccountKey account, long head) => text.Append(CultureInfo.InvariantCulture, $"h {account.Value} {head}\n");

    public static void Append(StringBuilder text, TypingWord typing) =>
        text.Append(CultureInfo.InvariantCulture, $"t {typing.Conversation} {typing.User} {string.Join(',', typing.Audience.Select(account => account.Value))}\n");

    public static void Append(StringBuilder text, PresenceWord presence) => text.Append(CultureInfo.InvariantCulture, $"p {presence.Account.Value}\n");

    /// <summary>The node stops.</summary>
    public static void AppendLeave(StringBuilder text) => text.Append("x\n");

    /// <summary>Reads who speaks, and what they say.</summary>
    /// <returns>False when it is no such message.</returns>
    public static bool TryRead(string message, out Speaker speaker, List<BusWord> words, out bool leaves)
    {
        (speaker, leaves) = (default, false);
        var rest = message.AsSpan();
        if (Next(ref rest).ToString().Split(' ') is not [Format, var instance, var node]) return false;
        speaker = new Speaker(instance, node);
        List<KeyValuePair<AccountKey, long>>? heads = null;
        while (!rest.IsEmpty)
        {
            var line = Next(ref rest);
            if (line.StartsWith("h "))
            {
                if (TryHint(line[2..], out var hint)) (heads ??= []).Add(hint);
                continue;
            }

            switch (line.ToString().Split(' '))
            {
                case ["t", var conversation, var user, var audience]:
                    words.Add(new TypingWord(conversation, user, [.. audience.Split(',').Select(one => new AccountKey(TryNumber(one, out var key) ? key : 0))]));
                    break;
                case ["p", var account] when TryNumber(account, out var key):
                    words.Add(new PresenceWord(new AccountKey(key)));
                    break;
                case ["x"]:
                    leaves = true;
                    break;
            }
        }

        if (heads is not null) words.Add(new HintsWord(heads));
        return true;
    }

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return line;
    }

    private static bool TryHint(ReadOnlySpan<char> text, out KeyValuePair<AccountKey, long> hint)
    {
        hint = default;
        var space = text.IndexOf(' ');
        if (space < 0 || !TryNumber(text[..space], out var account) || !TryNumber(text[(space + 1)..], out var head)) return false;
        hint = new(new AccountKey(account), head);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
