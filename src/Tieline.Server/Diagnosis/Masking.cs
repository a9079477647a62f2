using System.Text.RegularExpressions;

namespace Tieline.Server.Diagnosis;

/// <summary>Takes secrets out of text that others wrote: tokens in addresses, headers, subprotocols, and anything that looks like a JSON Web Token.</summary>
internal static partial class Masking
{
    private const string Masked = "(masked)";

    public static string Mask(string text)
    {
        text = JsonWebToken().Replace(text, Masked);
        text = Header().Replace(text, "$1" + Masked);
        text = Parameter().Replace(text, "$1" + Masked);
        text = Scheme().Replace(text, "$1 " + Masked);
        text = Subprotocol().Replace(text, "bearer." + Masked);
        // One line of the log stays one line.
        return ControlCharacters().Replace(text, " ");
    }

    /// <summary>Three parts of base64url, of which the first begins as every JSON object does; also when the whole was encoded once more for a subprotocol.</summary>
    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*)*|ZXlK[A-Za-z0-9_=-]{20,}")]
    private static partial Regex JsonWebToken();

    /// <summary>In an address, in JSON, and in JSON within a string of JSON.</summary>
    [GeneratedRegex(@"((?:token|ticket|password|secret)(?:\\?[""'])?\s*(?:[=:]|%3D)\s*(?:\\?[""'])?)(?!\(masked\))[^&\s""'\\,}]+", RegexOptions.IgnoreCase)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"((?:authorization|cookie)(?:\\?[""'])?\s*[=:,]\s*(?:\\?[""'])?)[^\r\n""'\\}]+", RegexOptions.IgnoreCase)]
    private static partial Regex Header();

    [GeneratedRegex(@"\b(bearer|basic) +(?!\(masked\))[A-Za-z0-9._~+/=-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"bearer\.(?!\(masked\))[A-Za-z0-9._~+/=-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Subprotocol();

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029]+")]
    private static partial Regex ControlCharacters();
}
