using System.Globalization;
using System.Text.Json;
using Tieline.Client.Http;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Lines;

/// <summary>
/// Long polls, made to look like a line: the <c>hello</c> that a poll does not have is made from its answer. The first poll does not wait.
/// </summary>
internal sealed class PollLine : Line
{
    private readonly ChatHttp _http;
    private readonly Func<string> _token;
    private readonly Timings _timings;
    private readonly TimeProvider _time;
    private readonly Queue<ServerFrame> _ready = new();
    private Cursor? _since;
    private bool _opened, _wait;

    private PollLine(ChatHttp http, Func<string> token, Cursor? since, Timings timings, TimeProvider time) : base(Transport.Poll)
    {
        _http = http;
        _token = token;
        _since = since;
        _timings = timings;
        _time = time;
    }

    public static async Task<Line> OpenAsync(ChatHttp http, Func<string> token, Cursor? since, Timings timings, TimeProvider time, CancellationToken cancel)
    {
        var line = new PollLine(http, token, since, timings, time);
        await line.OpenAsync(cancel);
        return line;
    }

    public override async ValueTask<ServerFrame> ReadAsync(CancellationToken cancel)
    {
        while (_ready.Count == 0) await PollAsync(cancel);
        return _ready.Dequeue();
    }

    public override ValueTask DisposeAsync() => default;

    private async Task PollAsync(CancellationToken cancel)
    {
        var seconds = _wait ? _timings.PollSeconds : 0;
        var since = _since is { } cursor ? "&since=" + Uri.EscapeDataString(cursor.ToString()) : "";
        var hello = _opened ? "" : "&hello=1";
        var path = string.Create(CultureInfo.InvariantCulture, $"sync?limit=200&wait={seconds}{since}{hello}");
        var limit = TimeSpan.FromSeconds(seconds) + _timings.PollGrace;
        var answer = await _http.ExchangeAsync(HttpMethod.Get, path, _token(), null, limit, Transport.Poll, cancel);
        var asked = _wait;
        var any = ChatHttp.Parse(answer, Take);
        // A server that is about to stop, or a proxy's cache, answers a waiting poll at once. That must not become a loop.
        if (asked && !any) await Task.Delay(_timings.EmptyPoll, _time, cancel);
    }

    /// <returns>True where the answer had frames.</returns>
    private bool Take(JsonElement answer)
    {
        var epoch = answer.GetProperty("epoch").GetString() ?? throw new InvalidOperationException("epoch is missing.");
        var pos = answer.GetProperty("pos").GetInt64();
        var more = answer.GetProperty("more").GetBoolean();
        var frames = new List<ServerFrame>();
        foreach (var json in answer.GetProperty("frames").EnumerateArray()) frames.Add(Parse(json));
        var reset = frames.OfType<SnapshotFrame>().Any();
        // The answer itself may hold a hello (resumed:false) or not; one is made where it is missing.
        if ((!_opened || reset) && !frames.OfType<HelloFrame>().Any())
            _ready.Enqueue(new HelloFrame(2, epoch, pos, !reset, "", _timings.PollSeconds, default, new FrameLimits(0, 0, 0), []));
        foreach (var frame in frames) _ready.Enqueue(frame);
        _ready.Enqueue(new SyncedFrame(pos, more));
        _since = new Cursor(epoch, pos);
        _opened = true;
        _wait = !more;
        return frames.Count > 0;
    }
}
