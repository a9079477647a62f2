using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Reporting;

/// <summary>Keeps the token out of everything that is printed: servers quote addresses in their error pages.</summary>
internal sealed class Masking(Target target)
{
    private readonly string[] _secrets =
        target.Token is not { Length: > 3 } token ? [] : [token, Uri.UnescapeDataString(token)];

    public string Hide(string text)
    {
        foreach (var secret in _secrets) text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text;
    }
}
