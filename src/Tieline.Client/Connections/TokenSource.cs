using System.Text;
using System.Text.Json;

namespace Tieline.Client.Connections;

/// <summary>Asks the app for a token, one request at a time, and keeps it until the server refuses it or it is about to run out.</summary>
internal sealed class TokenSource(Func<CancellationToken, Task<string>> ask, TimeProvider time) : IDisposable
{
    /// <summary>An app whose sign-in hangs must not hang the chat with it: it is asked again.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile string? _token;
    private string? _owner;

    public string? Current => _token;

    public void Forget() => _token = null;

    public async ValueTask<string> GetAsync(CancellationToken cancel) => _token ?? await RefreshAsync(null, cancel);

    /// <summary>A token that is not <paramref name="stale"/>. Whoever else refused the same one shares the answer.</summary>
    /// <exception cref="NoTokenException">The app has none: somebody is signed out.</exception>
    public async Task<string> RefreshAsync(string? stale, CancellationToken cancel)
    {
        await _asking.WaitAsync(cancel);
        try
        {
            if (_token is { } known && known != stale) return known;
            _token = null;
            var token = await ask(cancel).WaitAsync(_limit, time, cancel);
            if (string.IsNullOrWhiteSpace(token)) throw new NoTokenException("the app has no token");
            var owner = Owner(token);
            _owner ??= owner;
            if (owner != _owner) throw new NoTokenException("the app gave a token of another account; one client is for one account");
            return _token = token;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>
    /// Names the account of a token for the outbox, without trusting it for anything: the subject of a JWT, or one name for tokens that
    /// cannot be read.
    /// </summary>
    public static string Owner(string token)
    {
        try
        {
            var payload = token.Split('.') is [_, var middle, _] ? middle.Replace('-', '+').Replace('_', '/') : "";
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '='))));
            var issuer = document.RootElement.TryGetProperty("iss", out var iss) ? iss.ToString() : "";
            return document.RootElement.TryGetProperty("sub", out var sub) ? issuer + " " + sub : "";
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return "";
        }
    }

    public void Dispose() => _asking.Dispose();
}

/// <summary>The app gave no token that can be used: somebody is signed out.</summary>
internal sealed class NoTokenException(string message) : Exception(message);
