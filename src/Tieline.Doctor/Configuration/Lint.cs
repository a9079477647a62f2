using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tieline.Doctor.Configuration;

/// <summary>Reads one file offline and names what will keep a socket from opening or living, whatever runs behind it.</summary>
internal static partial class Lint
{
    public static readonly IReadOnlyList<IConfigReader> Readers = [new NginxReader(), new ApacheReader(), new HaproxyReader(), new CaddyReader(), .. LineReader.All];

    // What is wrong in itself. A password or a limit is a decision, TLS to the server may be right: those need a symptom.
    private static readonly FrozenSet<string> _wrong = FrozenSet.ToFrozenSet(
    [
        "proxy.upgrade_headers_missing", "proxy.connection_header_wrong", "proxy.header_inheritance", "proxy.regex_location_wins", "proxy.order",
        "proxy.path_rewritten", "proxy.query_stripped", "proxy.http10", "proxy.host_not_forwarded", "proxy.ws_key_stripped", "proxy.ws_version_stripped",
        "proxy.connection_exact_match", "proxy.duplicate_upgrade_header", "proxy.upgrade_hidden", "proxy.connection_hidden", "proxy.accept_hidden",
        "proxy.subprotocol_stripped", "proxy.http2_only", "proxy.location_mismatch", "proxy.location_missing", "proxy.module_missing", "proxy.no_backend",
        "upstream.http2_to_http1", "upstream.marked_down", "upstream.dns", "tunnel.idle_timeout", "tunnel.lifetime_limit", "tls.old_protocol",
    ]);

    /// <summary>The proxy and its faults for the socket at <paramref name="path"/>; null where the language is not known.</summary>
    public static (string Proxy, IReadOnlyList<Clue> Clues)? Check(ConfigText file, string? domain, int? port, string path)
    {
        if (Readers.FirstOrDefault(r => r.Recognizes(file)) is not { } reader) return null;
        IEnumerable<int> ports = port is { } given ? [given] : Number().Matches(file.Text).Select(m => int.Parse(m.Value, CultureInfo.InvariantCulture)).Where(n => n is > 0 and < 65536).Prepend(80).Prepend(443).Distinct().Take(200);
        var names = domain is null ? Name().Matches(file.Text).Select(m => m.Value).Distinct().Take(20).DefaultIfEmpty("localhost") : [domain];
        var readings = names.SelectMany(n => ports.Select(p => reader.Read(file, new ReadingQuestion(n, p, path, true, null)))).Where(r => r.Listens).ToList();
        // The way that leads to a server is the one that was meant; a block that only redirects to it is no fault.
        var meant = readings.FirstOrDefault(r => r.Upstreams.Count > 0) ?? (readings.Count > 0 ? readings[0] : null);
        return (reader.Proxy, meant is null ? [] : [.. meant.Clues.Where(c => _wrong.Contains(c.Cause) && c.Weight >= 50)]);
    }

    [GeneratedRegex(@"\b\d{2,5}\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b", RegexOptions.IgnoreCase)]
    private static partial Regex Name();
}
