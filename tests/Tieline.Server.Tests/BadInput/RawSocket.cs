using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Tieline.Server.Tests.BadInput;

/// <summary>A TCP connection that can say anything: half a handshake, half a frame, nothing.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);
    private readonly TcpClient _tcp = new();

    private NetworkStream Stream => _tcp.GetStream();

    public static async Task<RawSocket> OpenAsync(Uri server)
    {
        var raw = new RawSocket();
        await raw._tcp.ConnectAsync(server.Host, server.Port);
        return raw;
    }

    /// <summary>Opens a WebSocket by hand.</summary>
    public static async Task<RawSocket> ConnectAsync(Uri server, string path)
    {
        var raw = await OpenAsync(server);
        await raw.WriteAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        (await raw.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 101");
        return raw;
    }

    public Task WriteAsync(string text) => Stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    public Task WriteAsync(byte[] bytes) => Stream.WriteAsync(bytes).AsTask();

    /// <summary>A masked frame (the mask is zero) with the given first byte.</summary>
    public Task SendFrameAsync(byte head, byte[] payload)
    {
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)] : [0xFE, (byte)(payload.Length >> 8), (byte)payload.Length];
        return WriteAsync([head, .. length, 0, 0, 0, 0, .. payload]);
    }

    /// <summary>Reads up to the end of an HTTP head.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var one = await ReadExactlyAsync(1);
            if (one.Length == 0) break;
            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    /// <summary>Whatever comes next, up to 64 kB.</summary>
    public async Task<string> ReadTextAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        var buffer = new byte[64 * 1024];
        return Encoding.UTF8.GetString(buffer, 0, await Stream.ReadAsync(buffer, limit.Token));
    }

    /// <summary>Reads frames until a close frame; its code, or 1006 when the connection just ends.</summary>
    public async Task<int> ReadCloseAsync()
    {
        while (true)
        {
            if (await ReadFrameAsync() is not { } frame) return 1006;
            if ((frame.Head & 0x0F) == 8) return frame.Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(frame.Payload) : 1005;
        }
    }

    /// <summary>Reads frames until one that begins with this byte; its text.</summary>
    public async Task<string> ReadFrameAsync(byte head)
    {
        while (true)
        {
            var frame = await ReadFrameAsync() ?? throw new IOException("The connection ended.");
            if (frame.Head == head) return Encoding.UTF8.GetString(frame.Payload);
        }
    }

    private async Task<(byte Head, byte[] Payload)?> ReadFrameAsync()
    {
        var head = await ReadExactlyAsync(2);
        if (head.Length < 2) return null;
        int length = head[1] & 0x7F;
        if (length == 126) length = BinaryPrimitives.ReadUInt16BigEndian(await ReadExactlyAsync(2));
        else if (length == 127) length = (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadExactlyAsync(8));
        return (head[0], await ReadExactlyAsync(length));
    }

    /// <summary>True when the server ends the connection within the time.</summary>
    public async Task<bool> IsClosedWithinAsync(TimeSpan time)
    {
        using var limit = new CancellationTokenSource(time);
        var buffer = new byte[64 * 1024];
        try
        {
            while (await Stream.ReadAsync(buffer, limit.Token) > 0) continue;
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]> ReadExactlyAsync(int count)
    {
        using var limit = new CancellationTokenSource(_patience);
        var buffer = new byte[count];
        try
        {
            var read = await Stream.ReadAtLeastAsync(buffer, count, throwOnEndOfStream: false, limit.Token);
            return read == count ? buffer : [];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
