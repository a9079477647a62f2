using System.Net;
using System.Text;
using CsCheck;
using Tieline.Doctor.Probes;
using Tieline.Doctor.Targets;
using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Fuzz;

/// <summary>What a server sends may be cut, huge, hostile or endless: the doctor answers, in time.</summary>
public sealed class AnswerFuzzTests
{
    private const string Good = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

    [Fact]
    public void Any_bytes_become_an_answer() =>
        Gen.OneOf(Gen.Byte.Array[0, 600], Gen.Select(Gen.Int[0, Good.Length], Gen.Byte.Array[0, 40]).Select((cut, noise) => (byte[])[.. Encoding.Latin1.GetBytes(Good[..cut]), .. noise]))
            .Sample(bytes =>
            {
                var answer = new AnswerReader(new MemoryStream(bytes)).ReadAsync(CancellationToken.None).GetAwaiter().GetResult();
                (answer.Fault != Fault.None || answer.Status >= 100).ShouldBeTrue();
                answer.Summary().ShouldNotContain('\e');
            }, iter: 500);

    public static TheoryData<string> Hostile => ["endless-header", "endless-body", "huge-chunk", "hundred-continues", "escape-codes", "million-headers", "endless-frames", "giant-frame"];

    [Theory, MemberData(nameof(Hostile))]
    public async Task A_hostile_server_neither_hangs_nor_breaks_the_examination(string kind)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var peer = new Peer((stream, stop) => AnswerAsync(kind, stream, stop));
        var options = new DoctorOptions
        {
            Target = Target.Parse($"ws://chat.test:{peer.Port}/api/chat/ws/bob", "good-token", out _)!,
            Resolve = new Dictionary<string, IPAddress> { ["chat.test"] = IPAddress.Loopback },
            Hold = TimeSpan.Zero,
        };
        var outcome = await new Examination(options).RunAsync(new Progress<string>(), cancel).WaitAsync(TimeSpan.FromSeconds(90), cancel);
        outcome.Verdict.Findings.ShouldNotContain(f => f.Entry.Cause == "doctor.check_crashed");
    }

    private static async Task AnswerAsync(string kind, Stream stream, CancellationToken stop)
    {
        if (await Peer.HeadAsync(stream, stop) is not { } request) return;
        var block = Encoding.Latin1.GetBytes(new string('a', 8192));
        switch (kind)
        {
            case "endless-header":
                await Peer.SendAsync(stream, "HTTP/1.1 200 OK\r\nX: ", stop);
                while (true) await stream.WriteAsync(block, stop);
            case "endless-body":
                await Peer.SendAsync(stream, "HTTP/1.1 200 OK\r\n\r\n", stop);
                while (true) await stream.WriteAsync(block, stop);
            case "huge-chunk":
                await Peer.SendAsync(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\nshort", stop);
                break;
            case "hundred-continues":
                for (var i = 0; i < 100; i++) await Peer.SendAsync(stream, "HTTP/1.1 100 Continue\r\n\r\n", stop);
                break;
            case "escape-codes":
                await Peer.SendAsync(stream, Peer.Answer("200 \e[2J\e]0;owned\a", "text/html", "\e[31mred\e[0m \u202e"), stop);
                break;
            case "million-headers":
                await Peer.SendAsync(stream, "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"A{i}: b\r\n")) + "\r\n", stop);
                break;
            default:
                var key = request.Head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Sec-WebSocket-Key:", StringComparison.Ordinal))?[18..].Trim();
                if (key is null) return;
#pragma warning disable CA5350 // RFC 6455 fixes SHA-1.
                var accept = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
                await Peer.SendAsync(stream, $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n", stop);
                if (kind == "giant-frame")
                {
                    await stream.WriteAsync((byte[])[0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], stop);
                    break;
                }
                while (true) await stream.WriteAsync((byte[])[0x81, 1, (byte)'x'], stop);
        }
    }
}
