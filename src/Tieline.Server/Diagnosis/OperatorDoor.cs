using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tieline.Core.Limits;

namespace Tieline.Server.Diagnosis;

/// <summary>
/// Who may see the operator's page: who bears the operator token, in a header, or once in a form for a browser, which then holds
/// a random session and never the token. No address and no log carries either.
/// </summary>
internal sealed class OperatorDoor(string? token, TimeProvider time)
{
    public const string Cookie = "tieline_operator";
    private const int MaxSessions = 100;
    private static readonly TimeSpan _sessionLife = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _sessions = new(StringComparer.Ordinal);
    private readonly KeyedLimit<string> _tries = new(5 / 60.0, 10, time);

    /// <summary>False where no operator token is set: then nobody is the operator.</summary>
    public bool Exists => token is not null;

    /// <summary>A request with the token in <c>X-Operator-Token</c> or as a bearer.</summary>
    public bool Knows(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return IsToken(request.Headers["X-Operator-Token"].ToString())
            || (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && IsToken(authorization["Bearer ".Length..].Trim()));
    }

    /// <summary>A request with the token, or of a browser that has shown it.</summary>
    public bool Admits(HttpRequest request) =>
        Knows(request) || (Exists && request.Cookies.TryGetValue(Cookie, out var session) && _sessions.TryGetValue(session, out var until) && time.GetUtcNow() < until);

    /// <summary>How long this address has to wait before its next guess.</summary>
    public TimeSpan WaitOf(string address) => _tries.TryTake(address);

    /// <returns>A session to put into the cookie; null where it is not the token.</returns>
    public string? Open(string given)
    {
        if (!IsToken(given)) return null;
        var now = time.GetUtcNow();
        foreach (var old in _sessions.Where(s => s.Value <= now).ToList()) _sessions.TryRemove(old);
        while (_sessions.Count >= MaxSessions && _sessions.MinBy(s => s.Value) is { Key: { } oldest } && _sessions.TryRemove(oldest, out _)) { /* the oldest makes room */ }
        var session = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _sessions[session] = now + _sessionLife;
        return session;
    }

    public void Leave(HttpRequest request)
    {
        if (request.Cookies.TryGetValue(Cookie, out var session)) _sessions.TryRemove(session, out _);
    }

    // Compared as digests: the time it takes tells nothing of the length either.
    private bool IsToken(string given) => token is not null && given.Length > 0
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
