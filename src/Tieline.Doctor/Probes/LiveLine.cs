using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tieline.Doctor.Probes;

internal enum FrameKind { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 }

/// <summary>One frame as it came; <see cref="Broken"/> where the bytes are no frame.</summary>
internal readonly record struct Frame(FrameKind Kind, byte[] Payload, bool Broken = false);

internal enum LineEnd { None, Fin, Reset, Closed, Garbage }

/// <summary>An open WebSocket at the level of frames. It can send pings, a close and, where allowed, data.</summary>
internal sealed class LiveLine(Wire wire, byte[] first, bool compressed) : IAsyncDisposable
{
    private const int FrameLimit = 4 * 1024 * 1024;

    private byte[] _pending = first;
    private bool _sentClose;

    public bool Compressed => compressed;

    public string Address => wire.Address;

    /// <summary>How the line ended; None while it is open.</summary>
    public LineEnd End { get; private set; }

    public int CloseCode { get; private set; }

    public string CloseReason { get; private set; } = "";

    public int DataFrames { get; private set; }

    public int PingsFromServer { get; private set; }

    /// <summary>The largest frame that the server says it takes, in a first frame with <c>limits.bytes</c>; null where it says nothing.</summary>
    public int? StatedLimit { get; private set; }

    public string Garbage { get; private set; } = "";

    public Task<bool> PingAsync(byte[] payload, CancellationToken cancel) => SendAsync(FrameKind.Ping, payload, cancel);

    public Task<bool> TextAsync(string text, CancellationToken cancel) => SendAsync(FrameKind.Text, Encoding.UTF8.GetBytes(text), cancel);

    public async Task CloseAsync(CancellationToken cancel)
    {
        if (_sentClose) return;
        _sentClose = true;
        await SendAsync(FrameKind.Close, [0x03, 0xE8], cancel).ConfigureAwait(false);
    }

    /// <summary>Reads until a frame satisfies <paramref name="wanted"/>, the time is over, or the line ends. Answers the server's pings.</summary>
    public async Task<bool> ReadUntilAsync(Func<Frame, bool> wanted, TimeSpan patience, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            while (End == LineEnd.None)
            {
                if (await FrameAsync(limit.Token).ConfigureAwait(false) is not { } frame) return false;
                await NoteAsync(frame, limit.Token).ConfigureAwait(false);
                if (!frame.Broken && wanted(frame)) return true;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Out of time, the line stays as it is.
        }
        return false;
    }

    private async Task NoteAsync(Frame frame, CancellationToken cancel)
    {
        switch (frame.Kind)
        {
            case FrameKind.Ping:
                PingsFromServer++;
                await SendAsync(FrameKind.Pong, frame.Payload, cancel).ConfigureAwait(false);
                break;
            case FrameKind.Close:
                if (frame.Payload.Length >= 2)
                {
                    CloseCode = BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
                    CloseReason = Answer.Clip(Encoding.UTF8.GetString(frame.Payload, 2, frame.Payload.Length - 2), 123);
                }
                else
                {
                    CloseCode = 1005;
                }
                End = LineEnd.Closed;
                await CloseAsync(cancel).ConfigureAwait(false);
                break;
            case FrameKind.Text or FrameKind.Binary or FrameKind.Continuation:
                if (DataFrames++ == 0 && frame is { Kind: FrameKind.Text, Broken: false } && !compressed) StatedLimit = LimitIn(frame.Payload);
                break;
        }
    }

    private static int? LimitIn(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("limits", out var limits) && limits.ValueKind == JsonValueKind.Object &&
                limits.TryGetProperty("bytes", out var bytes) && bytes.TryGetInt32(out var limit) && limit > 0 ? limit : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<bool> SendAsync(FrameKind kind, byte[] payload, CancellationToken cancel)
    {
        var head = payload.Length switch
        {
            < 126 => new byte[] { (byte)(0x80 | (int)kind), (byte)(0x80 | payload.Length) },
            <= 0xFFFF => [(byte)(0x80 | (int)kind), 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [(byte)(0x80 | (int)kind), 0x80 | 127, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        var mask = RandomNumberGenerator.GetBytes(4);
        var masked = new byte[payload.Length];
        for (var i = 0; i < payload.Length; i++) masked[i] = (byte)(payload[i] ^ mask[i & 3]);
        try
        {
            await wire.Stream.WriteAsync((byte[])[.. head, .. mask, .. masked], cancel).ConfigureAwait(false);
            await wire.Stream.FlushAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Reading may still bring the close frame that explains it.
            return false;
        }
    }

    private async Task<Frame?> FrameAsync(CancellationToken cancel)
    {
        if (!await HaveAsync(2, cancel).ConfigureAwait(false)) return null;
        var b0 = _pending[0];
        var length = (long)(_pending[1] & 0x7F);
        var head = length == 126 ? 4 : length == 127 ? 10 : 2;
        // A server never masks, only the first reserved bit has a meaning and only with compression.
        var broken = (b0 & 0x30) != 0 || ((b0 & 0x40) != 0 && !compressed) || (_pending[1] & 0x80) != 0 || (b0 & 0x0F) is (> 2 and < 8) or > 10;
        if (broken) return await GarbageAsync(cancel).ConfigureAwait(false);
        if (!await HaveAsync(head, cancel).ConfigureAwait(false)) return null;
        if (head == 4) length = BinaryPrimitives.ReadUInt16BigEndian(_pending.AsSpan(2));
        if (head == 10) length = BinaryPrimitives.ReadInt64BigEndian(_pending.AsSpan(2));
        if (length is < 0 or > FrameLimit) return await GarbageAsync(cancel).ConfigureAwait(false);
        if (!await HaveAsync(head + (int)length, cancel).ConfigureAwait(false)) return null;
        var payload = _pending[head..(head + (int)length)];
        _pending = _pending[(head + (int)length)..];
        return new Frame((FrameKind)(b0 & 0x0F), payload);
    }

    private async Task<Frame?> GarbageAsync(CancellationToken cancel)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        soon.CancelAfter(200);
        try { while (_pending.Length < 200 && await HaveAsync(_pending.Length + 1, soon.Token).ConfigureAwait(false)) { } }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { /* what came is enough to show */ }
        Garbage = Answer.Clip(Encoding.Latin1.GetString(_pending, 0, Math.Min(100, _pending.Length)), 100);
        End = LineEnd.Garbage;
        return new Frame(FrameKind.Binary, [], Broken: true);
    }

    private async Task<bool> HaveAsync(int count, CancellationToken cancel)
    {
        if (_pending.Length >= count) return true;
        var buffer = new byte[16 * 1024];
        var all = new MemoryStream();
        all.Write(_pending);
        try
        {
            while (all.Length < count)
            {
                int n;
                try
                {
                    n = await wire.Stream.ReadAsync(buffer, cancel).ConfigureAwait(false);
                }
                catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
                {
                    End = LineEnd.Reset;
                    return false;
                }
                if (n == 0)
                {
                    End = LineEnd.Fin;
                    return false;
                }
                all.Write(buffer, 0, n);
            }
        }
        finally
        {
            _pending = all.ToArray();
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (End == LineEnd.None)
        {
            using var soon = new CancellationTokenSource(300);
            try { await CloseAsync(soon.Token).ConfigureAwait(false); }
            catch (OperationCanceledException) { /* the line is dead, there is nobody to say goodbye to */ }
        }
        await wire.DisposeAsync().ConfigureAwait(false);
    }
}
