using System.Text;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Reporting;

/// <summary>
/// Keeps the token, and the login of a forward proxy, out of everything that is printed: servers quote addresses in their error
/// pages, and a quotation may end in the middle of a token, so that the beginning of one is hidden too.
/// </summary>
internal sealed class Masking(DoctorOptions options)
{
    /// <summary>Shorter words are not worth hiding: they stand in too many others.</summary>
    private const int Shortest = 4;

    /// <summary>As much of a token gives nothing away, and is enough to know it by.</summary>
    private const int Known = 8;

    private readonly string[] _secrets = [.. Secrets(options.Target.Token).Concat(Secrets(options.ForwardLogin?.Split(':', 2)[^1])).Distinct().OrderByDescending(s => s.Length)];

    public string Hide(string text)
    {
        foreach (var secret in _secrets) text = Hide(text, secret);
        return text;
    }

    private static string Hide(string text, string secret)
    {
        var head = secret[..Math.Min(Known, secret.Length)];
        var at = text.IndexOf(head, StringComparison.Ordinal);
        if (at < 0) return text;
        var hidden = new StringBuilder();
        var from = 0;
        while (at >= 0)
        {
            var length = head.Length;
            while (length < secret.Length && at + length < text.Length && text[at + length] == secret[length]) length++;
            hidden.Append(text, from, at - from).Append("***");
            from = at + length;
            at = text.IndexOf(head, from, StringComparison.Ordinal);
        }
        return hidden.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>As it goes over the wire, and as a server that decodes it writes it.</summary>
    private static IEnumerable<string> Secrets(string? token) =>
        token is not { Length: >= Shortest } ? [] : new[] { token, Uri.UnescapeDataString(token), Uri.EscapeDataString(Uri.UnescapeDataString(token)) }.Where(s => s.Length >= Shortest);
}
