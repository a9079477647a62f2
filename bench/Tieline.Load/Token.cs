using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Tieline.Load;

/// <summary>HS256 tokens that every contender accepts (RFC 7519).</summary>
internal static class Token
{
    private static readonly TimeSpan _life = TimeSpan.FromDays(1);

    public static string Sign(string subject, string secret)
    {
        var expires = DateTimeOffset.UtcNow.Add(_life).ToUnixTimeSeconds();
        var content = Encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + Encode($"{{\"sub\":\"{subject}\",\"exp\":{expires}}}");
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(content));
        return content + "." + Base64Url.EncodeToString(signature);
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
