using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tieline.Server.Sockets;

/// <summary>What an opening handshake (RFC 6455, 4.2.1) lacks, if anything.</summary>
internal enum HandshakeFault
{
    None,

    /// <summary>No upgrade was asked for at all: somebody looks at the address.</summary>
    PlainRequest,

    /// <summary>The key came through but Upgrade or Connection did not: a proxy in front does not forward them.</summary>
    UpgradeStripped,
    Method,
    Version,
    Key,
}

/// <summary>Checks and answers the opening handshake, over HTTP/1.1 and HTTP/2 (RFC 8441).</summary>
internal static class SocketHandshake
{
    public const string Subprotocol = "tieline.v2";
    private const string BearerPrefix = "bearer.";

    public static HandshakeFault Check(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" }) return HandshakeFault.None;
        var headers = context.Request.Headers;
        var upgrade = AsksForWebSocket(context) && HasToken(headers.Connection, "upgrade");
        var key = headers.SecWebSocketKey.ToString();
        if (!upgrade) return key.Length > 0 ? HandshakeFault.UpgradeStripped : HandshakeFault.PlainRequest;
        if (!HttpMethods.IsGet(context.Request.Method)) return HandshakeFault.Method;
        if (headers.SecWebSocketVersion != "13") return HandshakeFault.Version;
        Span<byte> bytes = stackalloc byte[16];
        return headers.SecWebSocketKey.Count == 1 && Convert.TryFromBase64String(key, bytes, out var length) && length == 16 ? HandshakeFault.None : HandshakeFault.Key;
    }

    /// <summary>True when the header Upgrade arrived as it must be.</summary>
    public static bool AsksForWebSocket(HttpContext context) => HasToken(context.Request.Headers.Upgrade, "websocket");

    /// <summary>Answers 101 (or 200 over HTTP/2) and takes the connection over.</summary>
    public static async Task<SocketConnection> AcceptAsync(HttpContext context, int frameLimit)
    {
        var subprotocol = Offered(context).Contains(Subprotocol) ? Subprotocol : null;
        var headers = context.Response.Headers;
        if (subprotocol is not null) headers.SecWebSocketProtocol = subprotocol;
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
            return new SocketConnection(await connect.AcceptAsync(), frameLimit);

        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptOf(context.Request.Headers.SecWebSocketKey.ToString());
        return new SocketConnection(await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync(), frameLimit);
    }

    /// <summary>The token that a browser can only give as a subprotocol.</summary>
    public static string? BearerOf(HttpContext context)
    {
        var offered = Offered(context).FirstOrDefault(protocol => protocol.StartsWith(BearerPrefix, StringComparison.Ordinal));
        if (offered is null) return null;
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(offered.AsSpan(BearerPrefix.Length)));
        }
        catch (FormatException)
        {
            // Some clients put the token in as it is: a JWT is made of base64url and dots, which a subprotocol may hold.
            return offered[BearerPrefix.Length..];
        }
    }

    internal static string AcceptOf(string key)
    {
#pragma warning disable CA5350 // RFC 6455 fixes SHA-1 here; it protects nothing.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    private static string[] Offered(HttpContext context) =>
        context.Request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool HasToken(Microsoft.Extensions.Primitives.StringValues header, string token)
    {
        foreach (var value in header)
            foreach (var part in (value ?? "").Split(','))
                if (part.AsSpan().Trim().Equals(token, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
