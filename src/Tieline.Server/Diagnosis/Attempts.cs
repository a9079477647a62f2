using System.Collections.Concurrent;
using Tieline.Core.Limits;

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
}

/// <summary>Remembers every request on the socket's path that names itself with <c>attempt=</c>, for ten minutes.</summary>
internal sealed class Attempts(TimeProvider time)
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
        _order.Enqueue(attempt);
        return attempt;
    }

    public Attempt? Find(string id) => Guid.TryParseExact(id, "D", out var uuid) && _attempts.TryGetValue(uuid.ToString(), out var attempt) && time.GetUtcNow() - attempt.At <= _keptFor ? attempt : null;
}
