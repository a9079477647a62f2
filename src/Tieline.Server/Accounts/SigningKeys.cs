using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Tieline.Server.Configuration;

namespace Tieline.Server.Accounts;

/// <summary>
/// The keys that tokens may be signed with, each pinned to its own algorithms: a public RSA key can never be used as an HS256 secret.
/// A key set is fetched at first use, again every hour, and at most every 30 s when a token names a key that is not known.
/// </summary>
internal sealed class SigningKeys(TielineOptions options, byte[]? secret, HttpClient http, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan _freshFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _fetching = new(1);
    private readonly SecurityKey? _secretKey = secret is null ? null : new SymmetricSecurityKey(secret);
    private IReadOnlyList<SecurityKey> _published = [];
    private DateTimeOffset _triedAt = DateTimeOffset.MinValue;
    private DateTimeOffset _fetchedAt = DateTimeOffset.MinValue;

    /// <summary>The issuer that discovery named, null when none did.</summary>
    public string? DiscoveredIssuer { get; private set; }

    /// <summary>The algorithms that some key can be of.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256, Ed25519Key.Algorithm];

    /// <summary>True when a key of the set has this name. Without a name nobody can tell.</summary>
    public bool Knows(string? id) => !string.IsNullOrEmpty(id) && _published.Any(key => key.KeyId == id);

    /// <summary>The keys that may have signed: of that algorithm, and of that name where both have one. The shared secret has no name.</summary>
    public IReadOnlyList<SecurityKey> Candidates(string algorithm, string? id)
    {
        var candidates = _published.Where(key => IsAllowed(key, algorithm) && (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(key.KeyId) || key.KeyId == id)).ToList();
        if (_secretKey is not null && IsAllowed(_secretKey, algorithm) && !Knows(id)) candidates.Add(_secretKey);
        return candidates;
    }

    private bool HasSource => options.Jwks is not null || options.Authority is not null;

    /// <summary>Sees to it that the key set is there and not stale.</summary>
    /// <param name="unknownKey">True when a token named a key that is not in the set.</param>
    public async ValueTask RefreshAsync(bool unknownKey, CancellationToken cancel)
    {
        if (!HasSource || !IsDue(unknownKey)) return;
        await _fetching.WaitAsync(cancel);
        try
        {
            if (!IsDue(unknownKey)) return;
            _triedAt = time.GetUtcNow();
            _published = await FetchAsync(cancel);
            _fetchedAt = _triedAt;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or UnauthorizedAccessException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException
                                  || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            ServerLog.KeySetUnavailable(log, options.Jwks ?? options.Authority!, e);
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>Not more often than every 30 s; and then when a key is missing, or when the hour is over, also after an attempt that failed.</summary>
    private bool IsDue(bool unknownKey)
    {
        var now = time.GetUtcNow();
        return now - _triedAt >= _retryAfter && (unknownKey || now - _fetchedAt >= _freshFor);
    }

    /// <summary>The algorithms a key may be used with.</summary>
    public static bool IsAllowed(SecurityKey key, string algorithm) => key switch
    {
        SymmetricSecurityKey => algorithm == SecurityAlgorithms.HmacSha256,
        Ed25519Key => algorithm == Ed25519Key.Algorithm,
        JsonWebKey { Kty: "RSA" } => algorithm == SecurityAlgorithms.RsaSha256,
        JsonWebKey { Kty: "EC", Crv: "P-256" } => algorithm == SecurityAlgorithms.EcdsaSha256,
        _ => false,
    };

    private async Task<IReadOnlyList<SecurityKey>> FetchAsync(CancellationToken cancel)
    {
        var source = options.Jwks;
        if (source is null)
        {
            using var discovery = JsonDocument.Parse(await http.GetStringAsync(options.Authority!.TrimEnd('/') + "/.well-known/openid-configuration", cancel));
            DiscoveredIssuer = discovery.RootElement.GetProperty("issuer").GetString();
            source = discovery.RootElement.GetProperty("jwks_uri").GetString()!;
        }

        var text = source.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? await http.GetStringAsync(source, cancel) : await File.ReadAllTextAsync(source, cancel);
        return Parse(text);
    }

    internal static IReadOnlyList<SecurityKey> Parse(string keySet)
    {
        using var document = JsonDocument.Parse(keySet);
        var keys = new List<SecurityKey>();
        foreach (var key in document.RootElement.GetProperty("keys").EnumerateArray())
        {
            if (Field(key, "use") is { } use && use != "sig") continue;
            switch (Field(key, "kty"), Field(key, "crv"))
            {
                case ("OKP", "Ed25519") when Base64Url.DecodeFromChars(Field(key, "x")) is { Length: Ed25519Key.Length } publicKey:
                    keys.Add(new Ed25519Key(publicKey, Field(key, "kid")));
                    break;
                case ("RSA", _) or ("EC", "P-256"):
                    keys.Add(new JsonWebKey(key.GetRawText()));
                    break;
            }
        }

        return keys;
    }

    private static string? Field(JsonElement key, string name) => key.TryGetProperty(name, out var value) ? value.GetString() : null;
}
