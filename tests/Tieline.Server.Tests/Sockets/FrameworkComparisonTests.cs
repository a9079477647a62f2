using System.Net.WebSockets;
using CsCheck;

namespace Tieline.Server.Tests.Sockets;

/// <summary>The framework's WebSocket reads the same bytes: what it makes of them, ours must make of them too.</summary>
public sealed class FrameworkComparisonTests
{
    private const int Limit = 1_000_000;

    private static readonly byte[] _noiseEnd = new byte[20];

    private static readonly Gen<byte[]> _payloads = Gen.Frequency(
        (4, Gen.Byte.Array[0, 40]),
        (4, Gen.Char['a', 'z'].Array[0, 300].Select(letters => System.Text.Encoding.UTF8.GetBytes(new string(letters)))),
        (1, Gen.String[0, 100].Select(text => System.Text.Encoding.UTF8.GetBytes(text))),
        (1, Gen.Int[65_000, 66_000].Select(length => new string('a', length)).Select(System.Text.Encoding.UTF8.GetBytes)));

    private static readonly Gen<byte> _heads = Gen.Frequency(
        (6, Gen.Const((byte)0x81)), (3, Gen.Const((byte)0x82)), (3, Gen.Const((byte)0x01)), (4, Gen.Const((byte)0x00)), (5, Gen.Const((byte)0x80)),
        (1, Gen.Const((byte)0x88)), (1, Gen.Byte));

    private static readonly Gen<byte[]> _frames = Gen.Select(_heads, _payloads).Select((head, payload) => ClientBytes.Frame(head, payload));

    private static readonly Gen<byte[]> _streams = Gen.Frequency(
        (6, _frames.Array[1, 12].Select(frames => frames.SelectMany(f => f).ToArray())),
        (1, Gen.Byte.Array[1, 60].Select(noise => (byte[])[.. noise, .. _noiseEnd])));

    [Fact]
    public void Both_make_the_same_messages_of_the_same_bytes() =>
        Gen.Select(_streams, Gen.Int[1, 5000].Array[1, 4]).Sample((bytes, pieces) =>
        {
            var ours = ClientBytes.Read(bytes, pieces, Limit).Where(seen => !seen.StartsWith('P')).ToList();
            var theirs = ReadByFramework(bytes);
            if (ours is [.., "Closed 1005 "]) ours[^1] = "Closed 1000 ";
            // Ours gives a text that is not UTF-8 to the line, which closes; theirs closes at once.
            var refused = ours.FindIndex(seen => seen.StartsWith("NotUtf8", StringComparison.Ordinal) || seen.StartsWith("Violation", StringComparison.Ordinal));
            if (refused >= 0)
            {
                // Noise may end before theirs has the whole head that ours has refused by its first two bytes.
                var noiseEnded = theirs is not [.., "refused"] && bytes.AsSpan().EndsWith(_noiseEnd);
                ours = noiseEnded ? ours[..refused] : [.. ours[..refused], "refused"];
            }
            else if (theirs is [.. var before, "refused"])
            {
                // Theirs does not wait for the end of a text to look at it.
                (theirs, ours) = ([.. before], [.. ours.Take(before.Count)]);
            }

            theirs.ShouldBe(ours);
        }, iter: 2000, threads: 1);

    private static List<string> ReadByFramework(byte[] bytes)
    {
        var seen = new List<string>();
        using var stream = new OneWay(bytes);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        var message = new List<byte>();
        var buffer = new byte[100_000];
        try
        {
            while (true)
            {
                var part = socket.ReceiveAsync(buffer, CancellationToken.None).GetAwaiter().GetResult();
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    // It makes 1000 of a close frame without a code.
                    seen.Add($"Closed {(int)socket.CloseStatus!.Value} {socket.CloseStatusDescription}");
                    return seen;
                }

                message.AddRange(buffer.AsSpan(0, part.Count));
                if (!part.EndOfMessage) continue;
                seen.Add($"{part.MessageType} {ClientBytes.Content(message.ToArray())}");
                message.Clear();
            }
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode == WebSocketError.ConnectionClosedPrematurely)
        {
            return seen;
        }
        catch (WebSocketException)
        {
            seen.Add("refused");
            return seen;
        }
    }

    /// <summary>Gives the bytes once, then the end; takes whatever is written.</summary>
    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
