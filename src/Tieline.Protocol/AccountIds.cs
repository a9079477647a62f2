namespace Tieline.Protocol;

/// <summary>The rule for account ids: opaque, case-sensitive, 1 to 128 of <c>A-Z a-z 0-9 . _ ~ | : @ -</c>.</summary>
public static class AccountIds
{
    public const int MaxLength = 128;

    /// <summary>The word that means "my own account" in a path.</summary>
    public const string Me = "me";

    /// <summary>True for an id that an account may have. <c>me</c> and names starting with <c>_</c> are reserved for paths.</summary>
    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is > 0 and <= MaxLength && id[0] != '_' && !id.SequenceEqual(Me) && !id.ContainsAnyExcept(Identifiers.AllowedCharacters);
}
