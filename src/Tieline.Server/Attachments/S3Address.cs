using System.Net;

namespace Tieline.Server.Attachments;

/// <summary>Where an S3-compatible store is: <c>s3://bucket/prefix?endpoint=https://s3.example&amp;region=eu-central-1</c>.</summary>
/// <param name="Root">What object names are put behind; ends with a slash.</param>
internal sealed record S3Address(Uri Root, string Region)
{
    public const string Form = "folder, or s3://bucket/prefix?endpoint=https://...&region=...";

    private const string DefaultRegion = "us-east-1";

    public Uri Of(string name) => new(Root, name);

    /// <returns>What is wrong, null when nothing is.</returns>
    public static string? Check(string value) => value == "folder" || TryParse(value, out var problem) is not null ? null : problem;

    /// <returns>Null when it is no address of a store.</returns>
    public static S3Address? TryParse(string value, out string problem)
    {
        problem = $"must be {Form}";
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Scheme != "s3") return null;
        var bucket = address.Host;
        if (bucket.Length is < 3 or > 63 || !bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-'))
            return Wrong("must name a bucket of 3 to 63 small letters, digits, dots and dashes", out problem);
        var (endpoint, region) = ((string?)null, DefaultRegion);
        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, text) = pair.Split('=', 2) is [var left, var right] ? (left, WebUtility.UrlDecode(right)) : (pair, "");
            if (name == "endpoint") endpoint = text;
            else if (name == "region") region = text;
            else return Wrong($"knows endpoint and region behind its ?, not {name}", out problem);
        }

        if (region.Length == 0 || !region.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')) return Wrong("has a region that is none", out problem);
        var prefix = address.AbsolutePath.Trim('/') is { Length: > 0 } path ? path + "/" : "";
        if (!prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.')) return Wrong("has a prefix with other signs than letters, digits, / - _ and .", out problem);
        // The provider's own service is reached by the bucket's name; everybody else's by a path, which needs no names of their own.
        if (endpoint is null) return new S3Address(new Uri($"https://{bucket}.s3.{region}.amazonaws.com/{prefix}"), region);
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var server) && server.Scheme is "https" or "http" && server.AbsolutePath == "/" && server.Query.Length == 0 && server.UserInfo.Length == 0
            ? new S3Address(new Uri(server, $"{bucket}/{prefix}"), region)
            : Wrong("has an endpoint that is no https:// or http:// address without a path", out problem);
    }

    private static S3Address? Wrong(string why, out string problem)
    {
        problem = why;
        return null;
    }
}
