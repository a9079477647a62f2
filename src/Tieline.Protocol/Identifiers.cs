using System.Buffers;

namespace Tieline.Protocol;

/// <summary>The characters that opaque ids on the wire are made of, and the rule for a sender's <c>client_id</c>.</summary>
public static class Identifiers
{
    public const int MaxClientIdLength = 64;

    internal static readonly SearchValues<char> AllowedCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~|:@-");

    /// <summary>True for 1 to 64 of the allowed characters. A UUIDv7 is what clients should use; any other unique text is taken too.</summary>
    public static bool IsValidClientId(ReadOnlySpan<char> clientId) =>
        clientId.Length is > 0 and <= MaxClientIdLength && !clientId.ContainsAnyExcept(AllowedCharacters);
}
