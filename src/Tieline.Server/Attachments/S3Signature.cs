using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tieline.Server.Attachments;

/// <summary>Signs requests by AWS Signature Version 4 (docs.aws.amazon.com: "Create a signed AWS API request"), which every S3-compatible store understands.</summary>
internal sealed class S3Signature(string keyId, string secret, string region, TimeProvider time)
{
    private const string Service = "s3";

    /// <summary>SHA-256 of nothing.</summary>
    public const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <param name="contentHash">SHA-256 of the body in small hexadecimal digits.</param>
    public void Sign(HttpRequestMessage request, string contentHash)
    {
        var now = time.GetUtcNow();
        var moment = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var day = moment[..8];
        request.Headers.TryAddWithoutValidation("x-amz-date", moment);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", contentHash);

        // In the order of their names. Range may be changed by nobody on the way either, where it is there.
        var range = request.Headers.Range?.ToString();
        (string Name, string Value)[] headers = [("host", request.RequestUri!.Authority), .. range is null ? [] : new[] { ("range", range) }, ("x-amz-content-sha256", contentHash), ("x-amz-date", moment)];
        var signed = string.Join(';', headers.Select(header => header.Name));
        // Our object names and prefixes hold no sign that would be encoded.
        var canonical = $"{request.Method}\n{request.RequestUri.AbsolutePath}\n\n{string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n"))}\n{signed}\n{contentHash}";
        var scope = $"{day}/{region}/{Service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential={keyId}/{scope}, SignedHeaders={signed}, Signature={Hex(Mac(KeyOf(day), toSign))}");
    }

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private byte[] KeyOf(string day) => Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes("AWS4" + secret), day), region), Service), "aws4_request");

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
