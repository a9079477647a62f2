using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Tieline.Doctor.Tests.Peers;

/// <summary>How the application behind the proxies behaves.</summary>
internal sealed record AppStyle
{
    /// <summary>A plain GET of the socket's path gets a framework's 404 instead of a telling 426.</summary>
    public bool Dumb { get; init; }

    /// <summary>No WebSocket library: a handshake is a GET to it.</summary>
    public bool NoSockets { get; init; }

    public bool NoEcho { get; init; }

    /// <summary>Knows no proxies and refuses what they pass on, as Home Assistant does.</summary>
    public bool DistrustsProxies { get; init; }

    /// <summary>What a handshake without its upgrade gets, in place of the telling 426.</summary>
    public string Refusal { get; init; } = "";

    public bool InsistsOnHttp11 { get; init; }
    public bool RefusesBeforeUpgrade { get; init; }
    public string[] Hosts { get; init; } = [];
    public string[] Origins { get; init; } = [];
    public int LargestFrame { get; init; } = int.MaxValue;
    public string Server { get; init; } = "";
    public X509Certificate2? Certificate { get; init; }
}

/// <summary>A chat application as small as it can be: a test address, an echo, and a socket that sends history and echoes.</summary>
internal sealed class FakeApp(AppStyle style, IPAddress? address = null, int port = 0) : Peer((s, c) => ServeAsync(style, s, c), address, port)
{
    private static async Task ServeAsync(AppStyle style, Stream stream, CancellationToken cancel)
    {
        if (style.Certificate is not null)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = style.Certificate, ApplicationProtocols = [SslApplicationProtocol.Http11] }, cancel);
            stream = tls;
        }
        if (await HeadAsync(stream, cancel) is not { } request) return;
        var lines = request.Head.Split("\r\n");
        var words = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(l => l.Split(':', 2)).Where(p => p.Length == 2).Select(p => (Name: p[0].Trim(), Value: p[1].Trim())).ToList();
        if (words.Length != 3 || lines.Skip(1).Any(l => !l.Contains(':')) || !words[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            await SendAsync(stream, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", cancel);
            return;
        }
        string? Header(string name) => headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).FirstOrDefault();
        var upgrade = !style.NoSockets && Header("Upgrade")?.Equals("websocket", StringComparison.OrdinalIgnoreCase) == true && Header("Connection")?.Contains("upgrade", StringComparison.OrdinalIgnoreCase) == true;
        var own = style.Server.Length > 0 ? $"Server: {style.Server}\r\n" : "";
        string Json(string status, string body, string more = "") => Answer(status, "application/json", body, own + more);
        var url = words[1];
        var path = url.Split('?')[0];
        var host = (Header("Host") ?? "").Split(':')[0];
        if (style.DistrustsProxies && Header("X-Forwarded-For") is not null) await SendAsync(stream, Answer("400 Bad Request", "text/plain; charset=utf-8", "400: Bad Request", "Server: Python/3.13 aiohttp/3.11\r\n"), cancel);
        else if (style.Hosts.Length > 0 && !style.Hosts.Contains(host)) await SendAsync(stream, Answer("400 Bad Request", "text/plain", "Invalid host header"), cancel);
        else if (style.Origins.Length > 0 && Header("Origin") is { } origin && !style.Origins.Contains(origin)) await SendAsync(stream, Answer("403 Forbidden", "text/plain", "Origin not allowed"), cancel);
        else if (path == "/api/chat/test") await SendAsync(stream, Json("200 OK", """{"message":"Chat router is working","status":"ok"}"""), cancel);
        else if (path.EndsWith("/_diag", StringComparison.Ordinal) && !style.NoEcho) await SendAsync(stream, Json("200 OK", Echo(words, headers, upgrade)), cancel);
        else if (!path.StartsWith("/api/chat/ws/", StringComparison.Ordinal) || path.Length <= "/api/chat/ws/".Length) await SendAsync(stream, Json("404 Not Found", """{"detail":"Not Found"}"""), cancel);
        else if (!upgrade && style.Refusal.Length > 0) await SendAsync(stream, style.Refusal, cancel);
        else if (!upgrade) await SendAsync(stream, style.Dumb || style.NoSockets ? Json("404 Not Found", """{"detail":"Not Found"}""") : Json("426 Upgrade Required", Told(Header, words[2])), cancel);
        else if (style.InsistsOnHttp11 && words[2] != "HTTP/1.1") await SendAsync(stream, Answer("400 Bad Request", "text/plain", "HTTP/1.1 is needed for an upgrade"), cancel);
        else await UpgradeAsync(style, stream, url, Header, request.Behind, cancel);
    }

    private static string Told(Func<string, string?> header, string version)
    {
        string Quoted(string name) => header(name) is { } v ? "\"" + JsonEncodedText.Encode(v) + "\"" : "null";
        return $$$"""{"error":"upgrade_required","saw":{"http":"{{{version[5..]}}}","connection":{{{Quoted("Connection")}}},"upgrade":{{{Quoted("Upgrade")}}},"host":{{{Quoted("Host")}}}}}""";
    }

    private static string Echo(string[] words, List<(string Name, string Value)> headers, bool upgrade)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("app", "fake");
            json.WriteString("id", "one");
            json.WriteStartObject("saw");
            json.WriteString("method", words[0]);
            json.WriteString("url", words[1]);
            json.WriteString("http", words[2][5..]);
            json.WriteBoolean("upgradeEvent", upgrade);
            json.WriteStartArray("headers");
            foreach (var (name, value) in headers)
            {
                json.WriteStartArray();
                json.WriteStringValue(name);
                json.WriteStringValue(value);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static async Task UpgradeAsync(AppStyle style, Stream stream, string url, Func<string, string?> header, byte[] rest, CancellationToken cancel)
    {
        var key = header("Sec-WebSocket-Key");
        if (key is null)
        {
            await SendAsync(stream, Answer("400 Bad Request", "text/plain", "Missing or invalid Sec-WebSocket-Key header"), cancel);
            return;
        }
        if (header("Sec-WebSocket-Version") != "13")
        {
            await SendAsync(stream, Answer("426 Upgrade Required", "text/plain", "Missing or invalid Sec-WebSocket-Version header"), cancel);
            return;
        }
        var token = url.Contains("token=", StringComparison.Ordinal) ? url[(url.IndexOf("token=", StringComparison.Ordinal) + 6)..].Split('&')[0] : null;
        var good = token?.StartsWith("good-token", StringComparison.Ordinal) == true;
        var why = token is null ? "Missing token" : "Invalid token";
        if (!good && style.RefusesBeforeUpgrade)
        {
            await SendAsync(stream, Answer("401 Unauthorized", "application/json", $$"""{"detail":"{{why}}"}"""), cancel);
            return;
        }
#pragma warning disable CA5350 // RFC 6455 fixes SHA-1.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        var protocol = header("Sec-WebSocket-Protocol")?.Split(',').Select(p => p.Trim()).FirstOrDefault(p => p == "chat.v1");
        await SendAsync(stream, $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{(protocol is null ? "" : $"Sec-WebSocket-Protocol: {protocol}\r\n")}\r\n", cancel);
        using var socket = System.Net.WebSockets.WebSocket.CreateFromStream(new Prefixed(rest, stream), new System.Net.WebSockets.WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        if (!good)
        {
            await socket.CloseAsync((System.Net.WebSockets.WebSocketCloseStatus)1008, why, cancel);
            return;
        }
        await socket.SendAsync("""{"type":"history","messages":[]}"""u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, cancel);
        await EchoFramesAsync(style, socket, cancel);
    }

    private static async Task EchoFramesAsync(AppStyle style, System.Net.WebSockets.WebSocket socket, CancellationToken cancel)
    {
        var buffer = new byte[256 * 1024];
        var total = 0;
        while (socket.State == System.Net.WebSockets.WebSocketState.Open)
        {
            System.Net.WebSockets.ValueWebSocketReceiveResult got;
            try { got = await socket.ReceiveAsync(buffer.AsMemory(), cancel); }
            catch (System.Net.WebSockets.WebSocketException) { return; }
            total += got.Count;
            if (total > style.LargestFrame)
            {
                await socket.CloseAsync((System.Net.WebSockets.WebSocketCloseStatus)1009, "too large", cancel);
                return;
            }
            if (got.EndOfMessage) total = 0;
            if (got.MessageType == System.Net.WebSockets.WebSocketMessageType.Close) await socket.CloseAsync(socket.CloseStatus ?? System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, cancel);
            else await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, cancel);
        }
    }
}
