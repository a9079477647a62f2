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

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxBytes };

    public async ValueTask<TokenCheck> CheckAsync(string token, CancellationToken cancel)
    {
        if (token.Length > MaxBytes) return Refuse($"it is longer than {MaxBytes} bytes");
        await keys.RefreshAsync(unknownKey: false, cancel);
        var result = await _handler.ValidateTokenAsync(token, Parameters());
        if (!result.IsValid && !keys.Knows(Parse(token)?.Kid))
        {
            await keys.RefreshAsync(unknownKey: true, cancel);
            result = await _handler.ValidateTokenAsync(token, Parameters());
        }

        return result.IsValid ? Read((JsonWebToken)result.SecurityToken) : Refuse(Explain(result.Exception, token));
    }

    /// <summary>A token of a built-in account: HS256, <c>sub</c> = e-mail.</summary>
    public string Issue(string email, string? accountType)
    {
        var now = time.GetUtcNow();
        var claims = new ClaimsIdentity([new Claim("sub", email)]);
        if (accountType is not null) claims.AddClaim(new Claim("account_type", accountType));
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Subject = claims,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = now.AddDays(options.TokenDays).UtcDateTime,
            Issuer = options.JwtIssuer,
            Audience = options.JwtAudience,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(secret!), SecurityAlgorithms.HmacSha256),
        });
    }

    private TokenValidationParameters Parameters()
    {
        var issuer = options.JwtIssuer ?? keys.DiscoveredIssuer;
        return new TokenValidationParameters
        {
            IssuerSigningKeys = keys.Current,
            // A key set's ids decide which key is meant; the shared secret has none, so a token without kid may be anybody's.
            TryAllIssuerSigningKeys = true,
            RequireSignedTokens = true,
            RequireExpirationTime = false,
            ValidateIssuer = issuer is not null,
            ValidIssuer = issuer,
            ValidateAudience = options.JwtAudience is not null,
            ValidAudience = options.JwtAudience,
            ClockSkew = _clockSkew,
            LifetimeValidator = (notBefore, expires, _, parameters) => CheckLifetime(notBefore, expires, parameters.ClockSkew),
            AlgorithmValidator = (algorithm, key, _, _) => SigningKeys.IsAllowed(key, algorithm),
        };
    }

    private bool CheckLifetime(DateTime? notBefore, DateTime? expires, TimeSpan skew)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (expires is { } end && end + skew < now)
            throw new SecurityTokenExpiredException { Expires = end };
        return notBefore is { } start && start - skew > now ? throw new SecurityTokenNotYetValidException { NotBefore = start } : true;
    }

    private TokenCheck Read(JsonWebToken token)
    {
        if (token.TryGetPayloadValue<object>("email_verified", out var verified) && string.Equals(verified?.ToString(), "false", StringComparison.OrdinalIgnoreCase))
            return Refuse("its e-mail address is not verified");
        if (!token.TryGetPayloadValue<string>(options.IdentityClaim, out var identity) || string.IsNullOrWhiteSpace(identity))
            return Refuse($"it has no claim {options.IdentityClaim}");
        var expires = token.ValidTo == DateTime.MinValue ? (DateTimeOffset?)null : new DateTimeOffset(token.ValidTo, TimeSpan.Zero);
        return new TokenCheck(new TokenClaims(identity.Trim(), expires, Text(token, "email"), Text(token, "name"), Text(token, "account_type")), null);
    }

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private static TokenCheck Refuse(string why) => new(null, "Invalid token: " + why);

    private string Explain(Exception? reason, string token) => reason switch
    {
        _ when string.Equals(Parse(token)?.Alg, "none", StringComparison.OrdinalIgnoreCase) => "it is not signed",
        SecurityTokenExpiredException expired => $"it expired at {Time(expired.Expires)}",
        SecurityTokenNotYetValidException early => $"it is not valid before {Time(early.NotBefore)}",
        SecurityTokenInvalidIssuerException => "its issuer is not the expected one",
        SecurityTokenInvalidAudienceException => "its audience is not the expected one",
        SecurityTokenInvalidAlgorithmException => "its algorithm is not allowed",
        SecurityTokenMalformedException or ArgumentException => "it is not a JSON Web Token",
        SecurityTokenInvalidSignatureException when Parse(token)?.Kid is { Length: > 0 } kid && !keys.Knows(kid) => "no key of this server matches it",
        SecurityTokenInvalidSignatureException => "its signature does not match",
        _ => "it cannot be validated",
    };

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

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
