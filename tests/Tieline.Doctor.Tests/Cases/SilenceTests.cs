using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tieline.Doctor.Targets;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Cases;

/// <summary>The doctor writes to nobody: on a socket that is not known to be an echo it sends pings and a close, and no data.</summary>
public sealed class SilenceTests
{
    private const int Text = 1, Binary = 2, Close = 8, Ping = 9;

    [Theory]
    [InlineData("a socket that works", true)]
    [InlineData("a socket that answers no ping", false)]
    public async Task No_data_frame_is_sent_in_any_mode(string kind, bool answers)
    {
        await Task.WhenAll(((string[])["outside", "echo", "direct", "subprotocol", "page"]).Select(async mode =>
        {
            var sent = await FramesAsync(answers, mode, o => mode switch
            {
                "outside" => o with { NoEcho = true, Backend = null },
                "echo" => o with { Backend = null },
                "subprotocol" => o with { Subprotocol = "mqtt" },
                "page" => o with { Page = new Uri("https://chat.test/") },
                _ => o,
            });
            sent.Count(s => s is not (Close or Ping or 10)).ShouldBe(0, $"{kind}, {mode}: {string.Join(' ', sent)}");
            sent.ShouldContain(Ping, $"{kind}, {mode}");
        }));
    }

    [Fact]
    public async Task With_leave_it_sends_data_and_no_more_than_the_server_takes()
    {
        var sizes = new ConcurrentBag<int>();
        (await FramesAsync(true, "echo-ok", o => o with { EchoOk = true }, sizes: sizes)).ShouldContain(Text);
        sizes.ShouldContain(200 * 1024);
        sizes.Clear();
        (await FramesAsync(true, "echo-ok", o => o with { EchoOk = true }, """{"type":"hello","limits":{"bytes":65536}}""", sizes)).ShouldContain(Text);
        sizes.ShouldHaveSingleItem().ShouldBe(65536);
    }

    private static async Task<ConcurrentBag<int>> FramesAsync(bool answers, string mode, Func<DoctorOptions, DoctorOptions> with, string greeting = "", ConcurrentBag<int>? sizes = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        var seen = new ConcurrentBag<int>();
        await using var server = new Peer((stream, stop) => ServeAsync(stream, answers, greeting, seen, sizes ?? [], stop));
        var options = with(new DoctorOptions
        {
            Target = Target.Parse($"ws://chat.test:{server.Port}/ws/bob", "a-token-of-bob", out _)!,
            Resolve = new Dictionary<string, IPAddress> { ["chat.test"] = IPAddress.Loopback },
            Backend = new Endpoint("127.0.0.1", server.Port, false),
            Hold = TimeSpan.FromSeconds(2),
            Discover = false,
        });
        var outcome = await new Examination(options).RunAsync(new Progress<string>(), cancel);
        if (answers && mode != "page") outcome.Verdict.Healthy.ShouldBeTrue(JudgementTests.Said(outcome));
        return seen;
    }

    /// <summary>A socket as small as it can be, that writes down what it is sent.</summary>
    private static async Task ServeAsync(Stream stream, bool answers, string greeting, ConcurrentBag<int> seen, ConcurrentBag<int> sizes, CancellationToken stop)
    {
        if (await Peer.HeadAsync(stream, stop) is not { } request) return;
        var key = request.Head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal))?["Sec-WebSocket-Key: ".Length..];
        if (key is null || !request.Head.Contains("Upgrade: websocket", StringComparison.Ordinal))
        {
            await stream.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), stop);
            return;
        }
#pragma warning disable CA5350 // RFC 6455 fixes SHA-1.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"), stop);
        if (greeting.Length > 0) await stream.WriteAsync((byte[])[0x81, (byte)greeting.Length, .. Encoding.UTF8.GetBytes(greeting)], stop);
        var input = new Prefixed(request.Behind, stream);
        var two = new byte[2];
        while (true)
        {
            await input.ReadExactlyAsync(two, stop);
            var kind = two[0] & 0x0F;
            long length = two[1] & 0x7F;
            var more = new byte[length == 126 ? 2 : length == 127 ? 8 : 0];
            await input.ReadExactlyAsync(more, stop);
            if (more.Length > 0) length = more.Aggregate(0L, (sum, b) => (sum << 8) | b);
            var rest = new byte[4 + length];
            await input.ReadExactlyAsync(rest, stop);
            for (var i = 4; i < rest.Length; i++) rest[i] ^= rest[(i - 4) & 3];
            seen.Add(kind);
            if (kind is Text or Binary) sizes.Add((int)length);
            if (kind == Close) return;
            if (kind == Ping && answers) await stream.WriteAsync((byte[])[0x8A, (byte)length, .. rest[4..]], stop);
        }
    }
}
