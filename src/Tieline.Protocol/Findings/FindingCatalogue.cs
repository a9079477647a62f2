namespace Tieline.Protocol.Findings;

/// <summary>
/// Every finding there is. The doctor, the client's diagnosis and the server's start-up checks use the same entries;
/// the TypeScript catalogue and the pages under docs/doctor are generated from them.
/// </summary>
public static partial class FindingCatalogue
{
    /// <summary>All entries, ordered by code.</summary>
    public static IReadOnlyList<FindingEntry> All { get; } =
        [.. ((IEnumerable<FindingEntry>)[.. Reach, .. Tls, .. Proxy, .. ProxyPolicy, .. Upstream, .. Application, .. Client, .. Line, .. Files])
            .OrderBy(e => e.Code, StringComparer.Ordinal)];

    private static readonly Dictionary<string, FindingEntry> _byCause = All.ToDictionary(e => e.Cause, StringComparer.Ordinal);

    private static readonly Dictionary<string, FindingEntry> _byCode = All.ToDictionary(e => e.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>The entry of a cause id; null when there is none.</summary>
    public static FindingEntry? OfCause(string cause) => _byCause.GetValueOrDefault(cause);

    /// <summary>The entry of a code, in any case; null when there is none.</summary>
    public static FindingEntry? OfCode(string code) => _byCode.GetValueOrDefault(code);

    private static FindingEntry Certain(string code, string cause, string title, string why, string fix) => new(code, cause, title, why, fix, FixConfidence.Certain);

    private static FindingEntry Review(string code, string cause, string title, string why, string fix) => new(code, cause, title, why, fix, FixConfidence.Review);

    private static FindingEntry FillIn(string code, string cause, string title, string why, string fix) => new(code, cause, title, why, fix, FixConfidence.FillIn);
}
