using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Accounts;
using Tieline.Server.Diagnosis;
using Tieline.Server.Sockets;

namespace Tieline.Server.Http;

/// <summary>
/// The way in: <c>/api/chat/ws/{userId}</c>. Everything that reaches it is logged and remembered. A good handshake is accepted first and judged after,
/// because a browser shows its page nothing of an answer that is not 101.
/// </summary>
internal static class SocketEndpoint
{
    private static readonly TimeSpan _closeWithin = TimeSpan.FromSeconds(2);

    public static void Map(Routes routes) => routes.MapAny("/api/chat/ws/{userId}", AnswerAsync);

    private static async Task AnswerAsync(ApiRequest request)
    {
        var (server, context) = (request.Server, request.Context);
        var seen = SeenRequest.From(context);
        var address = server.Proxies.ClientAddress(context);
        var attempt = server.Attempts.Begin(request.Text("attempt"), address, seen);
        LogAttempt(server, context, attempt, address);

        if (SocketHandshake.Check(context) is var fault and not HandshakeFault.None)
        {
            await RefuseHandshakeAsync(request, attempt, fault);
            return;
        }

        if (server.IsStopping)
        {
            attempt.Status = 503;
            server.Attempts.Share(attempt);
            throw new RefusedRequestException(WireError.Restarting, "The server restarts; come back in a moment.", retryAfter: TimeSpan.FromSeconds(1));
        }

        attempt.Status = context.Request.Protocol == "HTTP/1.1" ? StatusCodes.Status101SwitchingProtocols : StatusCodes.Status200OK;
        attempt.Result = "accepted";
        server.Attempts.Share(attempt);
        await using var socket = await SocketHandshake.AcceptAsync(context, server.Options.FrameBytes);
        ServerLog.UpgradeAccepted(server.Log, attempt.Id);
        if (await OpenLineAsync(request, socket, attempt) is { } line) await line.RunAsync(request.Cancel);
    }

    /// <summary>Who it is and whom they want to talk to; closes the socket with the reason when either is missing.</summary>
    private static async Task<SocketLine?> OpenLineAsync(ApiRequest request, SocketConnection socket, Attempt attempt)
    {
        var server = request.Server;
        var target = (string)request.Context.Request.RouteValues["userId"]!;
        var v2 = target == AccountIds.Me;
        var origin = request.Context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !Cors.IsAllowed(origin, server.Options))
            return await RefuseAsync(v2 ? CloseCodes.Forbidden : CloseCodes.PolicyViolation, $"Origin {origin} is not allowed: add it to origins", WireError.Forbidden);

        if (await IdentifyAsync(request) is not { } check) return await RefuseAsync(CloseCodes.TryAgainLater, BurntTicket.Unknown, WireError.Unavailable);
        if (check.Identity is null && server.Anonymous.TryTake(server.Proxies.ClientAddress(request.Context)) > TimeSpan.Zero)
            return await RefuseAsync(v2 ? CloseCodes.SlowDown : CloseCodes.PolicyViolation, "Too many connections without a good token from this address", WireError.RateLimited);
        if (check.Identity is not { } identity) return await RefuseAsync(v2 ? CloseCodes.Unauthorized : CloseCodes.PolicyViolation, check.Refusal!, WireError.Unauthorized);
        attempt.Result = "authenticated";
        server.Attempts.Share(attempt);
        ServerLog.Authenticated(server.Log, attempt.Id, identity.Account.Id);
        if (v2)
        {
            ServerLog.Connected(server.Log, identity.Account.Id, "all", "v2");
            return new V2Line(server, socket, identity, attempt, request.Text("since"));
        }

        var peer = AccountIds.IsValid(target) ? await server.Store.FindAccountAsync(AccountLookup.Id, target, request.Cancel) : null;
        if (peer is null) return await RefuseAsync(CloseCodes.PolicyViolation, "User not found", WireError.NotFound);
        if (peer.Key == identity.Account.Key) return await RefuseAsync(CloseCodes.PolicyViolation, "Cannot chat with yourself", WireError.Self);
        ServerLog.Connected(server.Log, identity.Account.Id, peer.Id, "v1");
        return new V1Line(server, socket, identity.Account, peer, attempt);

        async Task<SocketLine?> RefuseAsync(int code, string why, WireError error)
        {
            (attempt.CloseCode, attempt.Reason, attempt.Result) = (code, why, "refused");
            server.Attempts.Share(attempt);
            ServerLog.AttemptRefused(server.Log, attempt.Id, code, why);
            if (!error.Retryable) Trouble(request, attempt, CauseOf(error, attempt.Request), code, why);
            if (v2) await socket.SendAsync(FrameWriter.ToUtf8(ErrorFrame.Of(error, why)), request.Cancel);
            await socket.CloseAsync(code, why, request.Cancel);
            await socket.AwaitCloseAsync(_closeWithin);
            return null;
        }
    }

    /// <returns>Null where it cannot be known now.</returns>
    private static async ValueTask<IdentityCheck?> IdentifyAsync(ApiRequest request)
    {
        if (request.Text("ticket") is { } ticket)
        {
            var burnt = await request.Server.Tickets.BurnAsync(ticket, TicketUse.Socket, request.Cancel);
            // Nobody's fault, and nothing that a fresh token would mend.
            if (!burnt.IsKnown) return null;
            return new IdentityCheck(burnt.Identity, burnt.Identity is null ? BurntTicket.Invalid : null);
        }

        return await request.Server.Identities.CheckAsync(SocketHandshake.BearerOf(request.Context) ?? ApiRequest.TokenOf(request.Context), request.Cancel);
    }

    private static async Task RefuseHandshakeAsync(ApiRequest request, Attempt attempt, HandshakeFault fault)
    {
        var headers = request.Context.Request.Headers;
        var (error, why) = fault switch
        {
            HandshakeFault.PlainRequest => (WireError.UpgradeRequired,
                "This is a WebSocket address, and the request asks for no upgrade: the header Upgrade: websocket is missing. In a browser's address bar that is normal."),
            HandshakeFault.UpgradeStripped => (WireError.UpgradeRequired,
                $"A WebSocket handshake arrived without its upgrade: Sec-WebSocket-Key is here, but Upgrade is \"{headers.Upgrade}\" and Connection is \"{headers.Connection}\". "
                + "A proxy in front of this server does not forward them. For nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";"),
            HandshakeFault.Method => (WireError.BadHandshake, $"A WebSocket handshake is a GET, this is {request.Context.Request.Method}."),
            HandshakeFault.Version => (WireError.BadHandshake, $"Sec-WebSocket-Version must be 13, it is \"{headers.SecWebSocketVersion}\"."),
            _ => (WireError.BadHandshake,
                $"Sec-WebSocket-Key must be 16 random bytes in base64, \"{Shorten(headers.SecWebSocketKey.ToString())}\" is not. To try by hand: "
                + "curl -i --http1.1 -N -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H \"Sec-WebSocket-Key: $(openssl rand -base64 16)\" "
                + $"'{AddressOf(request)}'"),
        };
        attempt.Status = error.Status;
        if (CauseOf(fault, request.Context) is { } cause) Trouble(request, attempt, cause, error.Status, fault == HandshakeFault.UpgradeStripped ? "upgrade taken away" : Masking.Mask(why));
        attempt.Result = fault == HandshakeFault.UpgradeStripped ? "upgrade_stripped" : fault == HandshakeFault.PlainRequest ? "plain_request" : "bad_handshake";
        request.Server.Attempts.Share(attempt);
        if (fault == HandshakeFault.UpgradeStripped)
            ServerLog.UpgradeStripped(request.Server.Log, attempt.Id, request.Context.Connection.RemoteIpAddress?.ToString() ?? "", request.Context.Request.Protocol,
                Masking.Mask(headers.Connection.ToString()), Masking.Mask(headers.Via.ToString()));
        if (fault == HandshakeFault.Version) request.Context.Response.Headers.SecWebSocketVersion = "13";
        if (error == WireError.UpgradeRequired)
        {
            request.Context.Response.Headers.Upgrade = "websocket";
            request.Context.Response.Headers.Connection = "Upgrade";
        }

        await request.Context.RefuseAsync(error, why, more: json =>
        {
            if (fault is HandshakeFault.PlainRequest or HandshakeFault.UpgradeStripped) json.WriteString("missing", SocketHandshake.AsksForWebSocket(request.Context) ? "Connection" : "Upgrade");
            json.WriteStartObject("saw");
            attempt.Request.Write(json, toOperator: false);
            json.WriteEndObject();
        });
    }

    private static void Trouble(ApiRequest request, Attempt attempt, string cause, int answer, string why) =>
        request.Server.Troubles.Add(cause, new FailedAttempt(attempt.At, attempt.Id, request.Server.Proxies.ClientAddress(request.Context),
            request.Context.Connection.RemoteIpAddress?.ToString() ?? "", answer, why.Length <= 200 ? why : why[..200] + "...", attempt.Request));

    /// <summary>Null where nobody tried to open a socket: a person looks at the address.</summary>
    private static string? CauseOf(HandshakeFault fault, HttpContext context) => fault switch
    {
        HandshakeFault.PlainRequest => null,
        HandshakeFault.UpgradeStripped => SocketHandshake.AsksForWebSocket(context) ? "proxy.connection_header_wrong" : "proxy.upgrade_headers_missing",
        HandshakeFault.Version when context.Request.Headers.SecWebSocketVersion.Count == 0 => "proxy.ws_version_stripped",
        HandshakeFault.Key when context.Request.Headers.SecWebSocketKey.Count == 0 => "proxy.ws_key_stripped",
        _ => "client.bad_handshake",
    };

    private static string CauseOf(WireError error, SeenRequest seen) =>
        error == WireError.Forbidden ? "backend.origin_refused"
        : error != WireError.Unauthorized ? "client.unknown_peer"
        : seen.HasToken || seen.HasTicket ? "client.bad_token" : "client.no_token";

    private static void LogAttempt(ChatServer server, HttpContext context, Attempt attempt, string address)
    {
        var headers = context.Request.Headers;
        ServerLog.AttemptSeen(server.Log, attempt.Id, address, attempt.Request.Path, context.Request.Protocol, Masking.Mask(headers.Upgrade.ToString()), Masking.Mask(headers.Connection.ToString()),
            headers.SecWebSocketKey.Count > 0, attempt.Request.HasToken || attempt.Request.HasTicket, Masking.Mask(headers.Via.ToString()), Masking.Mask(headers["X-Forwarded-For"].ToString()));
    }

    /// <summary>The address as the client knows it, without its query, fit to stand between single quotes.</summary>
    private static string AddressOf(ApiRequest request)
    {
        var (scheme, host) = (request.Server.Proxies.Scheme(request.Context), request.Context.Request.Host.ToUriComponent());
        return Masking.Mask($"{scheme}://{host}{request.Context.Request.Path.ToUriComponent()}").Replace("'", "%27", StringComparison.Ordinal);
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 40)}...");
}
