using System.Text.RegularExpressions;

namespace Tieline.Server.Diagnosis;

/// <summary>Takes secrets out of text that others wrote: tokens in addresses, headers, subprotocols, and anything that looks like a JSON Web Token.</summary>
internal static partial class Masking
{
    private const string Masked = "(masked)";

    public static string Mask(string text)
    {
        text = JsonWebToken().Replace(text, Masked);
        text = Parameter().Replace(text, "$1" + Masked);
        text = Header().Replace(text, "$1" + Masked);
        text = Subprotocol().Replace(text, "bearer." + Masked);
        // One report is one line of the log.
        return text.ReplaceLineEndings(" ").Replace('\0', ' ');
    }

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_-]*")]
    private static partial Regex JsonWebToken();

    [GeneratedRegex(@"((?:token|ticket|access_token)[""']?\s*[=:]\s*[""']?)[^&\s""',}]+", RegexOptions.IgnoreCase)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"((?:authorization|cookie)[""']?\s*[=:]\s*[""']?)[^\r\n""}]+", RegexOptions.IgnoreCase)]
    private static partial Regex Header();

    [GeneratedRegex(@"bearer\.[A-Za-z0-9_=-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Subprotocol();
}
