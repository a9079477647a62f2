using Microsoft.AspNetCore.Http;
using Tieline.Server.Configuration;

namespace Tieline.Server.Http;

/// <summary>Cross-origin rules: any origin unless <c>origins</c> is set, never with credentials, on errors too. The token is the defence, not the origin.</summary>
internal static class Cors
{
    private const string Methods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";
    /// <summary>What clients of tus send.</summary>
    private const string Uploads = "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, X-HTTP-Method-Override, X-Request-ID";

    /// <summary>What they read of the answers.</summary>
    private const string Exposed = "X-Tieline, Retry-After, Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Upload-Length, Upload-Offset, Upload-Expires, "
        + "Content-Range, Content-Disposition";

    private const string RequestHeaders = "Authorization, Content-Type, Last-Event-ID, Range, " + Uploads;
    private const string MaxAgeSeconds = "600";

    /// <returns>True when the request was a preflight and is answered.</returns>
    public static bool Answer(HttpContext context, TielineOptions options)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0) return false;
        var headers = context.Response.Headers;
        var any = options.Origins == "*";
        if (!any) headers.Vary = "Origin";
        if (IsAllowed(origin, options))
        {
            headers.AccessControlAllowOrigin = any ? "*" : origin;
            headers.AccessControlExposeHeaders = Exposed;
        }

        if (!HttpMethods.IsOptions(context.Request.Method) || !context.Request.Headers.ContainsKey("Access-Control-Request-Method")) return false;
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = RequestHeaders;
        headers.AccessControlMaxAge = MaxAgeSeconds;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    public static bool IsAllowed(string origin, TielineOptions options) => options.Origins == "*" || options.OriginList.Contains(origin, StringComparer.OrdinalIgnoreCase);
}
