using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Tieline.Server.Configuration;

namespace Tieline.Server.Accounts;

/// <summary>Where the shared secret comes from, and which secrets are none.</summary>
internal static class JwtSecrets
{
    public const string FileName = "jwt-secret";
    private const int MinBytes = 32;

    /// <summary>Secrets that stand in tutorials and examples: everybody has them.</summary>
    private static readonly string[] _wellKnown =
    [
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "a-string-secret-at-least-256-bits-long",
        "your-256-bit-secret-your-256-bit-secret",
        "your-secret-key-change-this-in-production",
        "your-super-secret-key-change-in-production",
        "super-secret-jwt-token-with-at-least-32-characters-long",
        "this-is-a-very-secret-key-change-me-please",
    ];

    /// <returns>Null when the secret can be used, else what is wrong with it. Never the secret itself.</returns>
    public static string? Check(string secret)
    {
        var bytes = Encoding.UTF8.GetByteCount(secret);
        if (bytes < MinBytes) return $"is too short: {bytes} bytes, at least {MinBytes} are needed. `openssl rand -base64 48` makes a good one";
        if (_wellKnown.Contains(secret, StringComparer.OrdinalIgnoreCase)) return "is a secret from a published example, known to everybody. `openssl rand -base64 48` makes a good one";
        return secret.Distinct().Count() < 8 || Repeats(secret) ? "repeats itself too much to be a secret. `openssl rand -base64 48` makes a good one" : null;
    }

    /// <summary>True for one short text written again and again: it is as easy to guess as the short one.</summary>
    private static bool Repeats(string secret)
    {
        for (var period = 1; period <= secret.Length / 2; period++)
            if (secret.AsSpan(period).SequenceEqual(secret.AsSpan(0, secret.Length - period))) return true;
        return false;
    }

    /// <summary>The secret to use: given, from its file, or generated into the data folder (mode 600) when no other key is configured.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or holds no good secret.</exception>
    public static byte[]? Load(TielineOptions options)
    {
        if (options.JwtSecret is { } given) return Encoding.UTF8.GetBytes(given);
        if (options.JwtSecretFile is { } file) return Read(file, "jwt_secret_file");
        if (options.Accounts == AccountSource.External) return null;
        var path = Path.Combine(options.Data, FileName);
        if (!File.Exists(path)) Generate(path);
        return Read(path, "the generated secret");
    }

    private static byte[] Read(string path, string what)
    {
        string text;
        try
        {
            text = File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{what}: {e.Message}"]);
        }

        return Check(text) is { } wrong ? throw new ConfigurationException([$"{what}: the secret in {path} {wrong}."]) : Encoding.UTF8.GetBytes(text);
    }

    private static void Generate(string path)
    {
        SyncedFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        SyncedFiles.WriteSecret(path, Encoding.UTF8.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(48))));
    }
}
