using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Tieline.Server.Tests.V1;

/// <summary>A WebSocket by hand, that answers a ping only when it is told to: the framework's client answers behind one's back.</summary>
internal sealed class RawSocket : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;

    private RawSocket(TcpClient tcp) => (_tcp, _stream) = (tcp, tcp.GetStream());

    public static async Task<RawSocket> OpenAsync(Uri server, string path)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port);
        var socket = new RawSocket(tcp);
        await socket._stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)(await socket.ReadBytesAsync(1))[0]);
        head.ToString().ShouldStartWith("HTTP/1.1 101 ");
        // The answer to the key of RFC 6455, 1.3.
        head.ToString().ShouldContain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        return socket;
    }

    public async Task<(int Opcode, string Text)> ReadFrameAsync()
    {
        var header = await ReadBytesAsync(2);
        var length = (header[1] & 0x7F) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadBytesAsync(2)),
            127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadBytesAsync(8)),
            var small => small,
        };
        return (header[0] & 0x0F, Encoding.UTF8.GetString(await ReadBytesAsync(length)));
    }

    /// <summary>Sends a short frame, masked with zeros.</summary>
    public async Task SendFrameAsync(int opcode, string text = "")
    {
        var payload = Encoding.UTF8.GetBytes(text);
        await _stream.WriteAsync((byte[])[(byte)(0x80 | opcode), (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload]);
    }

    public Task PongAsync() => SendFrameAsync(0xA);

    public void Dispose() => _tcp.Dispose();

    private async Task<byte[]> ReadBytesAsync(int count)
    {
        using var limit = new CancellationTokenSource(_patience);
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, limit.Token);
        return bytes;
    }
}
