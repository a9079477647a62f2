using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Tieline.Doctor.Tests.Peers;

/// <summary>Devices on the way that no proxy's configuration could imitate; each is a scripted relay.</summary>
internal static class Middlebox
{
    public static Peer Of(string mode, int upstream) => new((stream, cancel) => HandleAsync(mode, upstream, stream, cancel));

    private static async Task HandleAsync(string mode, int upstream, Stream client, CancellationToken cancel)
    {
        switch (mode)
        {
            case "silent":
                await Task.Delay(Timeout.Infinite, cancel);
                return;
            case "banner":
                await Peer.SendAsync(client, "220 mail.test ESMTP ready\r\n", cancel);
                await Task.Delay(700, cancel);
                return;
            case "reset":
                await Task.Delay(50, cancel);
                ((NetworkStream)client).Socket.LingerState = new LingerOption(true, 0);
                ((NetworkStream)client).Socket.Close();
                return;
            case "reset-at-hello":
                await client.ReadExactlyAsync(new byte[5], cancel);
                ((NetworkStream)client).Socket.LingerState = new LingerOption(true, 0);
                ((NetworkStream)client).Socket.Close();
                return;
        }
        if (await Peer.HeadAsync(client, cancel) is not { } request) return;
        var socket = request.Head.Contains("Upgrade: websocket", StringComparison.OrdinalIgnoreCase);
        switch (mode)
        {
            case "close":
                return;
            case "reads-only":
                await Task.Delay(Timeout.Infinite, cancel);
                return;
            case "drops-upgrade" when socket:
                await Task.Delay(Timeout.Infinite, cancel);
                return;
            case "portal":
                await Peer.SendAsync(client, Peer.Answer("302 Found", "text/html", "", "Location: http://login.hotel.invalid/start\r\n"), cancel);
                return;
            case "challenge":
                await Peer.SendAsync(client, Peer.Answer("403 Forbidden", "text/html", "<title>Just a moment...</title>", "Server: cloudflare\r\nCF-RAY: 1\r\ncf-mitigated: challenge\r\n"), cancel);
                return;
            case "origin-down":
                await Peer.SendAsync(client, Peer.Answer("522 ", "text/plain", "error code: 522", "Server: cloudflare\r\nCF-RAY: 1\r\n"), cancel);
                return;
            case "cached" when socket:
                await Peer.SendAsync(client, Peer.Answer("404 Not Found", "application/json", "{\"detail\":\"Not Found\"}", "Age: 412\r\nX-Cache: HIT\r\n"), cancel);
                return;
            case "late":
                await Task.Delay(1300, cancel);
                break;
            case "slow" when socket:
                await Task.Delay(6000, cancel);
                break;
        }
        await RelayAsync(mode, socket, request.Head, request.Behind, client, upstream, cancel);
    }

    private static async Task RelayAsync(string mode, bool socket, string head, byte[] rest, Stream client, int upstream, CancellationToken cancel)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", upstream, cancel);
        var server = tcp.GetStream();
        if (socket) head = Request(mode, head);
        await server.WriteAsync(Encoding.Latin1.GetBytes(head + "\r\n\r\n"), cancel);
        await server.WriteAsync(rest, cancel);
        if (await Peer.HeadAsync(server, cancel) is not { } answer) return;
        if (socket) answer.Head = Response(mode, answer.Head);
        await Peer.SendAsync(client, answer.Head + "\r\n\r\n", cancel);
        if (socket && mode == "closes-at-once") return;
        if (socket && mode == "content-length")
        {
            await Task.Delay(1800, cancel);
            return;
        }
        if (socket && mode == "page-behind") await Peer.SendAsync(client, "<!doctype html><title>blocked</title>", cancel);
        var began = Environment.TickCount64;
        bool Passes(bool down) => !socket || mode switch
        {
            "swallows-both" => false,
            "swallows-server" => !down,
            "swallows-client" => down,
            "half-open" => Environment.TickCount64 - began < 1500,
            _ => true,
        };
        if (Passes(true)) await client.WriteAsync(answer.Behind, cancel);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (socket && mode == "lifetime") ends.CancelAfter(3000);
        var up = PumpAsync(client, server, () => Passes(false), mode == "small-frames" && socket, ends.Token);
        var down = PumpAsync(server, client, () => Passes(true), false, ends.Token);
        await Task.WhenAny(up, down);
        if (mode is "swallows-both" && !down.IsCompleted) await Task.WhenAll(up, down);
    }

    private static string Request(string mode, string head) => mode switch
    {
        "no-key" => Without(head, "Sec-WebSocket-Key"),
        "other-key" => Regex.Replace(head, "(?im)^(sec-websocket-key:).*$", "$1 MDEyMzQ1Njc4OWFiY2RlZg==\r"),
        _ => head,
    };

    private static string Response(string mode, string head) => mode switch
    {
        "no-accept" => Without(head, "Sec-WebSocket-Accept"),
        "no-upgrade" => Without(head, "Upgrade"),
        "no-connection" => Without(head, "Connection"),
        "says-200" => head.Replace("101 Switching Protocols", "200 OK", StringComparison.Ordinal),
        "content-length" => head + "\r\nContent-Length: 0",
        "no-subprotocol" => Without(head, "Sec-WebSocket-Protocol"),
        _ => head,
    };

    private static string Without(string head, string name) => string.Join("\r\n", head.Split("\r\n").Where(l => !l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)));

    private static async Task PumpAsync(Stream from, Stream to, Func<bool> passes, bool smallOnly, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int n;
            while ((n = await from.ReadAsync(buffer, cancel)) > 0)
            {
                // A frame whose length takes eight bytes is larger than 64 KB.
                if (smallOnly && n > 2 && (buffer[1] & 0x7F) == 127) return;
                if (passes()) await to.WriteAsync(buffer.AsMemory(0, n), cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side ended; the relay ends with it.
        }
    }
}
