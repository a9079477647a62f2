using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Tieline.Protocol;
using Tieline.Server.Diagnosis;
using Tieline.Server.Postgres;

namespace Tieline.Server.Http;

/// <summary><c>/operate</c>: which attempts failed and why, and what clients report, for the bearer of the operator token.</summary>
internal static class OperateEndpoints
{
    private const int MaxForm = 4 * 1024;

    public static void Map(Routes routes)
    {
        routes.Map("/operate", ("GET", ShowAsync), ("POST", OpenAsync));
        routes.Map("/operate.json", ("GET", JsonAsync));
    }

    private static Task ShowAsync(ApiRequest request)
    {
        var door = request.Server.Door;
        if (!door.Exists) return HtmlAsync(request, OperatePage.Closed(), StatusCodes.Status404NotFound);
        return door.Admits(request.Context.Request) ? HtmlAsync(request, OperatePage.Overview(View(request.Server))) : HtmlAsync(request, OperatePage.Door(null), StatusCodes.Status401Unauthorized);
    }

    private static async Task OpenAsync(ApiRequest request)
    {
        var (server, context) = (request.Server, request.Context);
        if (!server.Door.Exists)
        {
            await HtmlAsync(request, OperatePage.Closed(), StatusCodes.Status404NotFound);
            return;
        }

        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString((await request.BodyAsync(MaxForm)).Span));
        var secure = server.Proxies.Scheme(context) == "https";
        var cookie = new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = secure, Path = "/" };
        if (form.ContainsKey("leave"))
        {
            server.Door.Leave(context.Request);
            context.Response.Cookies.Delete(OperatorDoor.Cookie, cookie);
            SeeOther(context);
            return;
        }

        if (server.Door.WaitOf(server.Proxies.ClientAddress(context)) is var wait && wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            await HtmlAsync(request, OperatePage.Door("Too many tries; wait a minute."), StatusCodes.Status429TooManyRequests);
            return;
        }

        if (server.Door.Open(form["token"].ToString()) is not { } session)
        {
            ServerLog.OperatorRefused(server.Log, server.Proxies.ClientAddress(context));
            await HtmlAsync(request, OperatePage.Door("That is not the operator token of this server."), StatusCodes.Status401Unauthorized);
            return;
        }

        context.Response.Cookies.Append(OperatorDoor.Cookie, session, cookie);
        SeeOther(context);
    }

    private static Task JsonAsync(ApiRequest request)
    {
        var door = request.Server.Door;
        if (!door.Exists) throw new RefusedRequestException(WireError.NotFound, "The setting operator_token is empty, so there is no operator's page.");
        if (!door.Admits(request.Context.Request)) throw new RefusedRequestException(WireError.Unauthorized, "The operator token is missing or wrong: Authorization: Bearer TOKEN, or X-Operator-Token.");
        request.Context.Response.Headers.CacheControl = "no-store";
        return request.Context.ObjectAsync(View(request.Server).Write);
    }

    private static OperateView View(ChatServer server) => new(server.Options.Node, server.Lines.Count, server.Bus.Status, (server.Store as PostgresStore)?.Replicas ?? [], server.Troubles.Recent, server.ClientReports.Recent);

    /// <summary>Relative, so that it holds behind a proxy that adds a prefix.</summary>
    private static void SeeOther(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "operate";
    }

    private static async Task HtmlAsync(ApiRequest request, string html, int status = StatusCodes.Status200OK)
    {
        var response = request.Context.Response;
        var bytes = Encoding.UTF8.GetBytes(html);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers.ContentSecurityPolicy = OperatePage.Policy;
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        if (!HttpMethods.IsHead(request.Context.Request.Method)) await response.Body.WriteAsync(bytes, request.Cancel);
    }
}
