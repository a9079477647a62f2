using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Tieline.Server.Http;

/// <summary>
/// The exported chat app in a folder. What is there is looked up once; files are sent from the disk, compressed by the export
/// (<c>x.js.br</c>, <c>x.js.gz</c> beside <c>x.js</c>).
/// </summary>
internal sealed class AppFiles
{
    /// <summary>
    /// Nothing but what the app itself is made of. Pictures may come from where the host app keeps them, over TLS; no script and no
    /// style stands in the page. The hash is that of nothing: an empty style element, which the app fills rule by rule.
    /// </summary>
    internal const string Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; connect-src 'self'; img-src 'self' https: data: blob:; media-src 'self' blob:; "
        + "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Page = "/index.html";
    private static readonly (string Name, string Suffix)[] _codings = [("br", ".br"), ("gzip", ".gz")];

    private readonly Dictionary<string, AppFile> _files;

    private AppFiles(Dictionary<string, AppFile> files) => _files = files;

    /// <param name="folder">Where <c>index.html</c> lies.</param>
    /// <returns>Null when the app is not there.</returns>
    public static AppFiles? Find(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "index.html"))) return null;
        var files = new Dictionary<string, AppFile>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (_codings.Any(coding => file.EndsWith(coding.Suffix, StringComparison.Ordinal))) continue;
            files["/" + Path.GetRelativePath(folder, file).Replace('\\', '/')] = AppFile.Read(file);
        }

        return new AppFiles(files);
    }

    /// <summary>Answers with a file, or with the page where a browser is led to a screen of the app. Never below <c>/api</c>.</summary>
    /// <returns>False when the request is for something else.</returns>
    public async Task<bool> TryAnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return false;
        var path = request.Path.Value ?? "/";
        if (path.StartsWith("/api/", StringComparison.OrdinalIgnoreCase) || path.Equals("/api", StringComparison.OrdinalIgnoreCase)) return false;
        if (!TryFind(path, request, out var file)) return false;
        await SendAsync(context, file, path.StartsWith("/_expo/static/", StringComparison.Ordinal) || path.StartsWith("/assets/", StringComparison.Ordinal));
        return true;
    }

    private bool TryFind(string path, HttpRequest request, [NotNullWhen(true)] out AppFile? file)
    {
        if (_files.TryGetValue(path, out file)) return true;
        // A missing script must be a 404: a page in its place is a riddle for whoever looks for the fault.
        var isScreen = !path.StartsWith("/_expo/", StringComparison.Ordinal) && !path.StartsWith("/assets/", StringComparison.Ordinal)
            && (path == "/" || request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase));
        return isScreen && _files.TryGetValue(Page, out file);
    }

    private static async Task SendAsync(HttpContext context, AppFile file, bool immutable)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)";
        headers.CacheControl = immutable ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = "Accept-Encoding";
        headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(file.Tag, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = file.Type;
        var (path, coding) = file.For(context.Request.Headers.AcceptEncoding.ToString());
        if (coding is not null) headers.ContentEncoding = coding;
        var size = new FileInfo(path).Length;
        context.Response.ContentLength = size;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.SendFileAsync(path, 0, size, context.RequestAborted);
    }

    private sealed record AppFile(string Path, string Type, string Tag, IReadOnlyList<string> Codings)
    {
        public static AppFile Read(string path) => new(path, TypeOf(System.IO.Path.GetExtension(path)),
            $"\"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)).AsSpan(0, 12))}\"",
            [.. _codings.Where(coding => File.Exists(path + coding.Suffix)).Select(coding => coding.Name)]);

        public (string Path, string? Coding) For(string accepted)
        {
            if (accepted.Length > 0 && Codings.Count > 0 && StringWithQualityHeaderValue.TryParseList([accepted], out var wanted))
            {
                foreach (var (name, suffix) in _codings)
                {
                    var named = wanted.FirstOrDefault(one => one.Value.Equals(name, StringComparison.OrdinalIgnoreCase));
                    if (named is not null && named.Quality is not 0 && Codings.Contains(name)) return (Path + suffix, name);
                }
            }

            return (Path, null);
        }

        private static string TypeOf(string extension) => extension switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".json" or ".map" => "application/json; charset=utf-8",
            ".webmanifest" => "application/manifest+json; charset=utf-8",
            ".txt" => "text/plain; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            ".jpg" => "image/jpeg",
            ".webp" => "image/webp",
            ".ico" => "image/x-icon",
            ".woff2" => "font/woff2",
            ".ttf" => "font/ttf",
            _ => "application/octet-stream",
        };
    }
}
