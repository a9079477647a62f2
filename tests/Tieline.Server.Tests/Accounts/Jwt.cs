using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Tieline.Server.Tests.Accounts;

/// <summary>Tokens made by hand, good and bad: no library stands between a test and the bytes.</summary>
internal static class Jwt
{
    public static string Make(object header, object payload, Func<byte[], byte[]> sign)
    {
        var body = Encode(JsonSerializer.SerializeToUtf8Bytes(header)) + "." + Encode(JsonSerializer.SerializeToUtf8Bytes(payload));
        return body + "." + Encode(sign(Encoding.ASCII.GetBytes(body)));
    }

    public static string Hs256(string secret, object payload) => Make(new { alg = "HS256", typ = "JWT" }, payload, bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), bytes));

    public static (JsonElement Header, JsonElement Payload) Read(string token)
    {
        var parts = token.Split('.');
        return (JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement, JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement);
    }

    /// <summary>A moment as tokens count it.</summary>
    public static long In(TimeSpan time) => DateTimeOffset.UtcNow.Add(time).ToUnixTimeSeconds();

    public static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}

/// <summary>A key pair of somebody who gives out tokens, with its public half as a JSON Web Key.</summary>
internal sealed record TestKey(string Algorithm, string Kid, object Jwk, Func<byte[], byte[]> Sign)
{
    public string Token(object payload) => Jwt.Make(new { alg = Algorithm, kid = Kid, typ = "JWT" }, payload, Sign);

    public static string KeySet(params TestKey[] keys) => JsonSerializer.Serialize(new { keys = keys.Select(key => key.Jwk) });

    public static TestKey Make(string algorithm, string kid) => algorithm switch
    {
        "RS256" => Rsa(kid),
        "ES256" => Ec(kid),
        "EdDSA" => Ed25519(kid),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such key."),
    };

    private static TestKey Rsa(string kid)
    {
        var rsa = RSA.Create(2048);
        var key = rsa.ExportParameters(false);
        return new TestKey("RS256", kid, new { kty = "RSA", use = "sig", kid, n = Jwt.Encode(key.Modulus!), e = Jwt.Encode(key.Exponent!) },
            bytes => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static TestKey Ec(string kid)
    {
        var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = ec.ExportParameters(false);
        return new TestKey("ES256", kid, new { kty = "EC", crv = "P-256", kid, x = Jwt.Encode(key.Q.X!), y = Jwt.Encode(key.Q.Y!) }, bytes => ec.SignData(bytes, HashAlgorithmName.SHA256));
    }

    private static TestKey Ed25519(string kid)
    {
        var key = new Ed25519PrivateKeyParameters(RandomNumberGenerator.GetBytes(32), 0);
        return new TestKey("EdDSA", kid, new { kty = "OKP", crv = "Ed25519", kid, x = Jwt.Encode(key.GeneratePublicKey().GetEncoded()) }, bytes =>
        {
            var signer = new Ed25519Signer();
            signer.Init(true, key);
            signer.BlockUpdate(bytes, 0, bytes.Length);
            return signer.GenerateSignature();
        });
    }
}
