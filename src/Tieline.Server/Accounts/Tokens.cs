using System.Globalization;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tieline.Server.Configuration;

namespace Tieline.Server.Accounts;

/// <summary>What a valid token says.</summary>
/// <param name="Identity">The value of the identity claim: an e-mail or an id.</param>
/// <param name="Expires">Null when the token never expires.</param>
internal sealed record TokenClaims(string Identity, DateTimeOffset? Expires, string? Email, string? Name, string? AccountType);

/// <summary>Either what a token says, or why it is refused, in words for the client's developer.</summary>
internal readonly record struct TokenCheck(TokenClaims? Claims, string? Refusal);

/// <summary>Checks tokens and, with built-in accounts, makes them.</summary>
internal sealed class Tokens(TielineOptions options, byte[]? secret, SigningKeys keys, TimeProvider time)
{
    public const int MaxBytes = 16 * 1024;
    private static readonly TimeSpan _clockSkew = TimeSpan.FromSeconds(30);

    /// <summary>Tokens that are meant to last for ever name moments beyond the calendar; a year is left for sums.</summary>
    private static readonly double _lastMoment = DateTimeOffset.MaxValue.AddYears(-1).ToUnixTimeSeconds();

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false, MaximumTokenSizeInBytes = MaxBytes };

    public async ValueTask<TokenCheck> CheckAsync(string token, CancellationToken cancel)
    {
        if (token.Length > MaxBytes) return Refuse($"it is longer than {MaxBytes} bytes");
        if (Parse(token) is not { IsEncrypted: false } parsed) return Refuse("it is not a JSON Web Token");
        if (string.Equals(parsed.Alg, "none", StringComparison.OrdinalIgnoreCase)) return Refuse("it is not signed");
        await keys.RefreshAsync(unknownKey: false, cancel);
        var wrong = await CheckSignatureAsync(token, parsed);
        if (wrong is not null && !keys.Knows(parsed.Kid))
        {
            await keys.RefreshAsync(unknownKey: true, cancel);
            wrong = await CheckSignatureAsync(token, parsed);
        }

        return wrong is null ? Read(parsed) : Refuse(wrong);
    }

    /// <summary>
    /// A token of a built-in account: HS256, <c>sub</c> = e-mail. Without nbf: it holds from now on, and a node whose clock is behind must not refuse for good what
    /// another one has just given.
    /// </summary>
    public string Issue(string email, string? accountType)
    {
        var now = time.GetUtcNow();
        var claims = new ClaimsIdentity([new Claim("sub", email)]);
        if (accountType is not null) claims.AddClaim(new Claim("account_type", accountType));
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Subject = claims,
            IssuedAt = now.UtcDateTime,
            Expires = now.AddDays(options.TokenDays).UtcDateTime,
            Issuer = options.JwtIssuer,
            Audience = options.JwtAudience,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(secret!), SecurityAlgorithms.HmacSha256),
        });
    }

    /// <summary>The library checks the signature and nothing else: who, for whom and when are compared here, each with a reason of its own.</summary>
    private async ValueTask<string?> CheckSignatureAsync(string token, JsonWebToken parsed)
    {
        var candidates = keys.Candidates(parsed.Alg, parsed.Kid);
        if (candidates.Count == 0)
            return keys.Knows(parsed.Kid) || !SigningKeys.Algorithms.Contains(parsed.Alg) ? "its algorithm is not allowed" : "no key of this server matches it";
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeyResolver = (_, _, _, _) => candidates,
            AlgorithmValidator = (algorithm, key, _, _) => SigningKeys.IsAllowed(key, algorithm),
            RequireSignedTokens = true,
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        return result.IsValid ? null : "its signature does not match";
    }

    private TokenCheck Read(JsonWebToken token)
    {
        if ((options.JwtIssuer ?? keys.DiscoveredIssuer) is { } issuer && token.Issuer != issuer) return Refuse("its issuer is not the expected one");
        if (options.JwtAudience is { } audience && !token.Audiences.Contains(audience)) return Refuse("its audience is not the expected one");
        if (!TryReadMoment(token, "exp", out var expires)) return Refuse("its claim exp is not a number");
        if (!TryReadMoment(token, "nbf", out var notBefore)) return Refuse("its claim nbf is not a number");
        var now = time.GetUtcNow();
        if (expires is { } end && end + _clockSkew < now) return Refuse($"it expired at {Time(end)}");
        if (notBefore is { } start && start - _clockSkew > now) return Refuse($"it is not valid before {Time(start)}");
        if (token.TryGetPayloadValue<object>("email_verified", out var verified) && string.Equals(verified?.ToString(), "false", StringComparison.OrdinalIgnoreCase))
            return Refuse("its e-mail address is not verified");
        if (!token.TryGetPayloadValue<string>(options.IdentityClaim, out var identity) || string.IsNullOrWhiteSpace(identity))
            return Refuse($"it has no claim {options.IdentityClaim}");
        return new TokenCheck(new TokenClaims(identity.Trim(), expires, Text(token, "email"), Text(token, "name"), Text(token, "account_type")), null);
    }

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private static TokenCheck Refuse(string why) => new(null, "Invalid token: " + why);

    /// <returns>False when the claim is there but no number.</returns>
    private static bool TryReadMoment(JsonWebToken token, string claim, out DateTimeOffset? moment)
    {
        moment = null;
        if (!token.TryGetPayloadValue<object>(claim, out var value) || value is null) return true;
        if (!double.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var seconds) || double.IsNaN(seconds)) return false;
        moment = DateTimeOffset.FromUnixTimeSeconds((long)Math.Clamp(seconds, 0, _lastMoment));
        return true;
    }

    private static JsonWebToken? Parse(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenMalformedException)
        {
            return null;
        }
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
