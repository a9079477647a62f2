using System.Text.Json;
using Tieline.Protocol.Findings;

namespace Tieline.Server.Diagnosis;

/// <summary>What clients say of one kind of failure.</summary>
/// <param name="Code">The code of the client's diagnosis; "other" where the report names none.</param>
/// <param name="Finding">The entry that says the same; null where the code can have several causes.</param>
/// <param name="Count">How many came.</param>
/// <param name="Latest">The latest texts, without secrets.</param>
internal sealed record ReportGroup(string Code, FindingEntry? Finding, long Count, IReadOnlyList<(DateTimeOffset At, string Text)> Latest);

/// <summary>The reports that clients sent, by the code of their diagnosis. Anybody may send one: it is bounded in every direction and believed in nothing.</summary>
internal sealed class ClientReports(TimeProvider time)
{
    private const int LatestKept = 5;
    private const int MaxText = 600;
    private const string Other = "other";

    // Codes that a client has; what stands there instead of one is not repeated as one.
    private const int MaxCode = 40;
    private const int MaxGroups = 50;
    private static readonly TimeSpan _keptFor = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ReportGroup> _groups = new(StringComparer.Ordinal);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ReportGroup> Recent
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetUtcNow();
                foreach (var (code, group) in _groups.ToList())
                    if (now - group.Latest[^1].At > _keptFor) _groups.Remove(code);
                return [.. _groups.Values.OrderByDescending(group => group.Latest[^1].At)];
            }
        }
    }

    /// <param name="body">As it was sent, for its code.</param>
    /// <param name="masked">The same without secrets, to be shown.</param>
    public void Add(ReadOnlyMemory<byte> body, string masked)
    {
        var code = CodeOf(body);
        var text = masked.Length <= MaxText ? masked : masked[..MaxText] + "...";
        lock (_lock)
        {
            if (!_groups.ContainsKey(code) && _groups.Count >= MaxGroups) code = Other;
            var known = _groups.GetValueOrDefault(code) ?? new ReportGroup(code, ClientFindings.Of(code), 0, []);
            _groups[code] = known with { Count = known.Count + 1, Latest = [.. known.Latest.TakeLast(LatestKept - 1), (time.GetUtcNow(), text)] };
        }
    }

    private static string CodeOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String
                && code.GetString() is { Length: > 0 and <= MaxCode } text && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') ? text : Other;
        }
        catch (JsonException)
        {
            return Other;
        }
    }
}
