using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Unicode;
using System.Threading.Channels;

namespace Limit.Relay;

/// <summary>One person's socket: what it reads goes into the recipient's queue, one task per socket writes.</summary>
internal sealed class Peer(string user, WebSocket socket, ConcurrentDictionary<string, Peer> peers)
{
    private const int LargestFrame = 4096;
    private readonly Channel<byte[]> _queue = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private int _id;

    public async Task RunAsync(CancellationToken cancel)
    {
        Queue("{\"type\":\"history\",\"messages\":[]}"u8.ToArray());
        var writing = WriteAsync(cancel);
        try
        {
            var buffer = new byte[LargestFrame];
            for (var length = 0; ;)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
                if (part.MessageType == WebSocketMessageType.Close) break;
                length += part.Count;
                if (!part.EndOfMessage) continue;
                Received(buffer.AsSpan(0, length));
                length = 0;
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // The client cut the line; there is nothing to tell it.
        }
        _queue.Writer.TryComplete();
        await writing;
    }

    private void Received(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame);
        ReadOnlySpan<byte> text = default;
        string? to = null;
        var number = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("client_id"u8)) number = reader.Read() ? reader.GetInt32() : 0;
            else if (reader.ValueTextEquals("to"u8)) to = reader.Read() ? reader.GetString() : null;
            else if (reader.ValueTextEquals("text"u8)) text = reader.Read() ? reader.ValueSpan : default;
        }
        if (to is null) return;

        var id = ++_id;
        Span<byte> answer = stackalloc byte[512];
        Utf8.TryWrite(answer, $"{{\"type\":\"ack\",\"client_id\":{number},\"id\":{id}}}", out var written);
        Queue(answer[..written].ToArray());
        if (!peers.TryGetValue(to, out var peer)) return;
        Utf8.TryWrite(answer, $"{{\"type\":\"message\",\"id\":{id},\"from\":\"{user}\",\"to\":\"{to}\",\"text\":\"{text}\"}}", out written);
        peer.Queue(answer[..written].ToArray());
    }

    private void Queue(byte[] frame) => _queue.Writer.TryWrite(frame);

    private async Task WriteAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var frame in _queue.Reader.ReadAllAsync(cancel))
                await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancel);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // As above.
        }
    }
}
