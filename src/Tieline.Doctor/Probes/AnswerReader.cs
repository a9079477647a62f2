using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Tieline.Doctor.Probes;

/// <summary>Reads one HTTP/1 answer from raw bytes, with a limit on everything a hostile peer could make endless.</summary>
internal sealed class AnswerReader(Stream stream)
{
    private const int HeadLimit = 64 * 1024;
    private const int BodyLimit = 16 * 1024;
    private static readonly TimeSpan _bodyPatience = TimeSpan.FromMilliseconds(1500);

    private readonly byte[] _buffer = new byte[HeadLimit + BodyLimit];
    private int _filled;
    private bool _reset;

    /// <summary>Bytes behind the head of a 101: the first frames.</summary>
    public byte[] Rest { get; private set; } = [];

    public async Task<Answer> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            var end = HeadEnd();
            while (end < 0)
            {
                if (_filled > 0 && !MayBeHttp()) return await NotHttpAsync(cancel).ConfigureAwait(false);
                if (_filled >= HeadLimit) return new Answer { Fault = Fault.NotHttp, Detail = "a header without end", Raw = Raw() };
                if (!await FillAsync(cancel).ConfigureAwait(false))
                    return _filled == 0
                        ? new Answer { Fault = _reset ? Fault.Reset : Fault.Closed }
                        : new Answer { Fault = Fault.NotHttp, Detail = "the answer ends inside its header", Raw = Raw() };
                end = HeadEnd();
            }
            var head = Encoding.Latin1.GetString(_buffer, 0, end);
            Remove(end + 4);
            var answer = ParseHead(head);
            if (answer.Fault != Fault.None) return answer;
            if (answer.Status is >= 100 and < 200 and not 101) continue;
            if (answer.Status == 101)
            {
                Rest = _buffer[.._filled];
                return answer;
            }
            return answer with { Body = await BodyAsync(answer, cancel).ConfigureAwait(false) };
        }
    }

    internal static Answer ParseHead(string head)
    {
        var lines = head.Split("\r\n");
        var parts = lines[0].Split(' ', 3);
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/", StringComparison.Ordinal) ||
            !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 100 or > 999)
            return new Answer { Fault = Fault.NotHttp, Detail = Answer.Clip(lines[0], 80), Raw = Encoding.Latin1.GetBytes(head[..Math.Min(256, head.Length)]) };
        var headers = new List<Header>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && headers.Count < 500) headers.Add(new Header(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }
        return new Answer { Status = status, Reason = parts.Length > 2 ? Answer.Clip(parts[2], 60) : "", HttpVersion = parts[0][5..], Headers = headers };
    }

    private async Task<string> BodyAsync(Answer answer, CancellationToken cancel)
    {
        var chunked = answer["Transfer-Encoding"]?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true;
        long want = BodyLimit;
        if (!chunked && long.TryParse(answer["Content-Length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            want = Math.Min(length, BodyLimit);
        if (answer.Status is 204 or 304) want = 0;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(_bodyPatience);
        try
        {
            while (_filled < want && !(chunked && Encoding.Latin1.GetString(_buffer, 0, _filled).EndsWith("0\r\n\r\n", StringComparison.Ordinal)))
                if (!await FillAsync(patience.Token).ConfigureAwait(false)) break;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // An endless or a stalled body: what came is enough to know the speaker by.
        }
        var bytes = _buffer[..(int)Math.Min(_filled, want)];
        return Encoding.UTF8.GetString(chunked ? Unchunk(bytes) : bytes);
    }

    internal static byte[] Unchunk(byte[] bytes)
    {
        var result = new MemoryStream();
        for (var at = 0; at < bytes.Length;)
        {
            var end = bytes.AsSpan(at).IndexOf("\r\n"u8);
            if (end < 0) break;
            var size = Encoding.Latin1.GetString(bytes, at, end).Split(';')[0].Trim();
            if (!int.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var n) || n <= 0) break;
            at += end + 2;
            var take = Math.Min(n, bytes.Length - at);
            if (take <= 0) break;
            result.Write(bytes, at, take);
            at += take + 2;
        }
        return result.ToArray();
    }

    private async Task<Answer> NotHttpAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(300);
        try { while (_filled < 256 && await FillAsync(patience.Token).ConfigureAwait(false)) { } }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { /* the first bytes are enough */ }
        var raw = Raw();
        return new Answer { Fault = Fault.NotHttp, Raw = raw, Detail = "bytes: " + Printable(raw) };
    }

    private static string Printable(byte[] raw) =>
        Answer.Clip(string.Concat(raw.Take(48).Select(b => b is >= 32 and < 127 ? ((char)b).ToString() : $"\\x{b:x2}")), 120);

    private bool MayBeHttp()
    {
        var magic = "HTTP/"u8;
        for (var i = 0; i < Math.Min(_filled, magic.Length); i++)
            if (_buffer[i] != magic[i]) return false;
        return true;
    }

    private byte[] Raw() => _buffer[..Math.Min(_filled, 256)];

    private int HeadEnd() => _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8);

    private void Remove(int count)
    {
        Buffer.BlockCopy(_buffer, count, _buffer, 0, _filled - count);
        _filled -= count;
    }

    private async Task<bool> FillAsync(CancellationToken cancel)
    {
        if (_filled == _buffer.Length) return false;
        try
        {
            var n = await stream.ReadAsync(_buffer.AsMemory(_filled), cancel).ConfigureAwait(false);
            _filled += n;
            return n > 0;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            _reset = true;
            return false;
        }
    }
}
