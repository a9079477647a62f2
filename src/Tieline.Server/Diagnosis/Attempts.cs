using System.Collections.Concurrent;
using Tieline.Core.Limits;
using Tieline.Server.Bus;

namespace Tieline.Server.Diagnosis;

/// <summary>What the server saw of one attempt to open a socket. Tokens are never kept; forwarded addresses are told to the operator only.</summary>
internal sealed class Attempt(string id, DateTimeOffset at, SeenRequest request)
{
    public string Id { get; } = id;
    public DateTimeOffset At { get; } = at;
    public SeenRequest Request { get; } = request;

    /// <summary>HTTP status of the answer; 101 for an upgrade.</summary>
    public int Status { get; set; }

    /// <summary>Words for what became of it: <c>upgrade_stripped</c>, <c>accepted</c>, <c>authenticated</c>, <c>closed</c>...</summary>
    public string Result { get; set; } = "seen";

    public int FramesSent { get; set; }
    public int? CloseCode { get; set; }
    public string? Reason { get; set; }

    /// <summary>Frames at which the other nodes were last told; below zero for one that is not kept.</summary>
    public int SharedAt { get; set; } = -1;
}

/// <summary>Remembers every request on the socket's path that names itself with <c>attempt=</c>, for ten minutes, whichever node it came to.</summary>
internal sealed class Attempts(TimeProvider time, IBus bus)
{
    private const int MaxKept = 10_000;
    private const int PerMinute = 60;
    private static readonly TimeSpan _keptFor = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Attempt> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Attempt> _order = new();
    private readonly KeyedLimit<string> _limit = new(PerMinute / 60.0, PerMinute, time);

    /// <returns>An attempt to write into in any case; it is findable only when the request named itself and stays within the limits.</returns>
    public Attempt Begin(string? id, string address, SeenRequest request)
    {
        var now = time.GetUtcNow();
        // A name that is no UUID is not repeated anywhere: it may be anything, also a token.
        if (!Guid.TryParseExact(id, "D", out var uuid)) return new Attempt("-", now, request);
        var attempt = new Attempt(uuid.ToString(), now, request);
        if (_limit.TryTake(address) > TimeSpan.Zero) return attempt;
        while (_order.TryPeek(out var oldest) && (_order.Count >= MaxKept || now - oldest.At > _keptFor) && _order.TryDequeue(out oldest))
            _attempts.TryRemove(new KeyValuePair<string, Attempt>(oldest.Id, oldest));
        _attempts[attempt.Id] = attempt;
        attempt.SharedAt = 0;
        _order.Enqueue(attempt);
        return attempt;
    }

    /// <summary>Lets the other nodes know how it stands with an attempt. Waits for nobody.</summary>
    public void Share(Attempt attempt)
    {
        if (!bus.IsShared || attempt.SharedAt < 0) return;
        attempt.SharedAt = attempt.FramesSent;
        _ = bus.KeepAsync(KeyOf(attempt.Id), AttemptText.Write(attempt), _keptFor).AsTask();
    }

    /// <summary>The same for a line that is open, each time the number of its frames has doubled: to see that they are sent at all, that is often enough.</summary>
    public void ShareProgress(Attempt attempt)
    {
        if (attempt.SharedAt >= 0 && attempt.FramesSent > 2 * attempt.SharedAt && time.GetUtcNow() - attempt.At < _keptFor) Share(attempt);
    }

    /// <summary>One that came to this node.</summary>
    public Attempt? Find(string id) => Guid.TryParseExact(id, "D", out var uuid) && _attempts.TryGetValue(uuid.ToString(), out var attempt) && time.GetUtcNow() - attempt.At <= _keptFor ? attempt : null;

    /// <summary>One that came to any node.</summary>
    public async ValueTask<Attempt?> FindAsync(string id)
    {
        if (Find(id) is { } here) return here;
        return Guid.TryParseExact(id, "D", out var uuid) && (await bus.ReadAsync(KeyOf(uuid.ToString()))).Value is { } text ? AttemptText.Read(uuid.ToString(), text) : null;
    }

    private static string KeyOf(string id) => "attempt:" + id;
}
