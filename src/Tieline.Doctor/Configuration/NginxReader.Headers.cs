namespace Tieline.Doctor.Configuration;

internal sealed partial class NginxReader
{
    private const string UpgradeLine = "proxy_set_header Upgrade $http_upgrade;";
    private const string ConnectionLine = "proxy_set_header Connection \"upgrade\";";
    private const string VersionLine = "proxy_http_version 1.1;";

    /// <summary>Header lines as they hold in the location. True where a handshake passes whole.</summary>
    private static bool JudgeHeaders(NginxDirective location, NginxDirective? beaten, NginxDirective server, List<NginxDirective> candidates, List<Clue> clues, ReadingQuestion q)
    {
        var headers = NginxMatch.Inherited(location, "proxy_set_header");
        NginxDirective? Header(string name) => headers.LastOrDefault(h => h.Arg(0).Equals(name, StringComparison.OrdinalIgnoreCase));
        var upgrade = Header("Upgrade");
        var connection = Header("Connection");
        var upgradeOk = upgrade is { } u && UpgradePasses(u.Arg(1));
        var connectionOk = connection is { } c && ConnectionPasses(c.Arg(1), server);
        if (!upgradeOk) JudgeLostUpgrade(location, beaten, upgrade, candidates, clues, q, connectionOk);
        else if (!connectionOk) JudgeWrongConnection(location, connection, clues);
        foreach (var (name, cause) in ((string, string)[])[("Sec-WebSocket-Key", "proxy.ws_key_stripped"), ("Sec-WebSocket-Version", "proxy.ws_version_stripped"), ("Sec-WebSocket-Protocol", "proxy.subprotocol_stripped")])
            if (Header(name) is { } changed && !changed.Arg(1).StartsWith("$http_sec", StringComparison.OrdinalIgnoreCase))
                clues.Add(new(cause, 90, $"{changed.Where}: {changed.Words}") { Edits = [Without(changed)], Remedy = "remove the line: the header passes by itself" });
        if (Header("Host") is not { } host)
            clues.Add(new("proxy.host_not_forwarded", 70, $"{location.Where}: no proxy_set_header Host, so the server receives $proxy_host") { Edits = [Into(location, "proxy_set_header Host $host;", headers)] });
        else if (!host.Arg(1).StartsWith("$http_host", StringComparison.Ordinal) && !host.Arg(1).StartsWith("$host", StringComparison.Ordinal) && host.Arg(1) != q.Host)
            clues.Add(new("proxy.host_not_forwarded", 80, $"{host.Where}: {host.Words}") { Edits = [new(host.File.Path, host.Start, host.End - host.Start, "proxy_set_header Host $host;")] });
        foreach (var added in NginxMatch.Inherited(location, "add_header").Where(a => a.Arg(0).Equals("Upgrade", StringComparison.OrdinalIgnoreCase) || a.Arg(0).Equals("Connection", StringComparison.OrdinalIgnoreCase)))
            clues.Add(new("proxy.duplicate_upgrade_header", 90, $"{added.Where}: {added.Words}") { Edits = [Without(added)], Remedy = "remove the lines that add Upgrade and Connection to answers" });
        foreach (var hidden in NginxMatch.Inherited(location, "proxy_hide_header"))
            if (hidden.Arg(0).ToLowerInvariant() is var name && name is "upgrade" or "connection" or "sec-websocket-accept" or "sec-websocket-protocol")
                clues.Add(new(name switch { "upgrade" => "proxy.upgrade_hidden", "connection" => "proxy.connection_hidden", "sec-websocket-accept" => "proxy.accept_hidden", _ => "proxy.subprotocol_stripped" }, 90, $"{hidden.Where}: {hidden.Words}") { Edits = [Without(hidden)] });
        var version = NginxMatch.Value(location, "proxy_http_version");
        if (version is "" or "1.0" && upgradeOk && connectionOk)
            clues.Add(new("proxy.http10", 60, $"{location.Where}: no proxy_http_version 1.1, nginx speaks HTTP/1.0 to the server") { Edits = VersionEdits(location) });
        if (version == "2") clues.Add(new("upstream.http2_to_http1", 70, $"{location.Where}: proxy_http_version 2"));
        return upgradeOk && connectionOk;
    }

    private static bool UpgradePasses(string value) => value.StartsWith("$http_upgrade", StringComparison.Ordinal) || value.Equals("websocket", StringComparison.OrdinalIgnoreCase) || value.StartsWith("${http_upgrade", StringComparison.Ordinal);

    /// <summary>What the header becomes for a handshake; a map is followed.</summary>
    private static bool ConnectionPasses(string value, NginxDirective server)
    {
        if (!value.StartsWith('$')) return value.Contains("upgrade", StringComparison.OrdinalIgnoreCase);
        if (value.Equals("$http_connection", StringComparison.Ordinal)) return true;
        if (value.Equals("$http_upgrade", StringComparison.Ordinal)) return false;
        return MapValue(server, value) is not { } mapped || mapped.Contains("upgrade", StringComparison.OrdinalIgnoreCase) || mapped == "$http_connection";
    }

    /// <summary>The value that a map gives for an upgrade of a browser; null when there is no such map in sight.</summary>
    private static string? MapValue(NginxDirective server, string variable)
    {
        for (var at = server.Parent; at is not null; at = at.Parent)
        {
            if (at.All("map").LastOrDefault(m => m.Arg(1) == variable) is not { } map) continue;
            var input = map.Arg(0) == "$http_upgrade" ? "websocket" : map.Arg(0) == "$http_connection" ? "Upgrade" : null;
            if (input is null) return null;
            string? fallback = null;
            foreach (var row in map.Children)
            {
                if (row.Name == "default") fallback = row.Arg(0);
                else if (row.Name.Equals(input, StringComparison.OrdinalIgnoreCase)) return row.Arg(0);
                else if (row.Name.StartsWith('~') && NginxMatch.Matches(row.Name.TrimStart('~').TrimStart('*'), input, row.Name.StartsWith("~*", StringComparison.Ordinal))) return row.Arg(0);
            }
            return fallback ?? "";
        }
        return null;
    }

    private static NginxDirective? Map(NginxDirective server, string variable)
    {
        for (var at = server.Parent; at is not null; at = at.Parent)
            if (at.All("map").LastOrDefault(m => m.Arg(1) == variable) is { } map) return map;
        return null;
    }

    private static void JudgeLostUpgrade(NginxDirective location, NginxDirective? beaten, NginxDirective? upgrade, List<NginxDirective> candidates, List<Clue> clues, ReadingQuestion q, bool connectionOk)
    {
        var saw = upgrade is null ? $"{location.Where}: {location.Words} has no proxy_set_header Upgrade" : $"{upgrade.Where}: {upgrade.Words}";
        if (JudgeBeaten(location, beaten, clues)) return;
        // Near by its path, or it leads to the same server: it was meant for this socket, under whatever path its author had in mind.
        var near = candidates.FirstOrDefault(l => l != location && Upgrades(l) && Near(l, q));
        if ((near ?? (upgrade is null && OuterUpgrade(location) is null ? candidates.FirstOrDefault(l => l != location && Upgrades(l) && SameTarget(l, location)) : null)) is { } meant)
        {
            clues.Add(new("proxy.location_mismatch", 110, $"{location.Where}: {location.Words} serves {q.Path}; {meant.Where}: {meant.Words}, which passes the upgrade on, does not match")
            {
                Edits = [Into(location, UpgradeLines(connectionOk, location), NginxMatch.Inherited(location, "proxy_set_header")), .. OwnConnection(location, connectionOk)],
                Remedy = $"Let {location.Words} pass the upgrade on, as below; or write {meant.Words} so that it matches {q.Path}.",
            });
            return;
        }
        var edits = new List<Edit>();
        if (upgrade is null) edits.Add(Into(location, UpgradeLines(connectionOk, location), NginxMatch.Inherited(location, "proxy_set_header")));
        else edits.Add(new(upgrade.File.Path, upgrade.Start, upgrade.End - upgrade.Start, UpgradeLine));
        edits.AddRange(OwnConnection(location, connectionOk));
        var outer = OuterUpgrade(location);
        if (upgrade is null && outer is not null && location.All("proxy_set_header").Any())
            clues.Add(new("proxy.header_inheritance", 110, $"{outer.Where}: {outer.Words} is not inherited, because {location.Where} has proxy_set_header lines of its own") { Edits = edits });
        else
            clues.Add(new("proxy.upgrade_headers_missing", 80, saw) { Edits = edits });
    }

    /// <summary>A Connection line of the location's own that says something else.</summary>
    private static IEnumerable<Edit> OwnConnection(NginxDirective location, bool connectionOk) =>
        !connectionOk && location.All("proxy_set_header").LastOrDefault(h => h.Arg(0).Equals("Connection", StringComparison.OrdinalIgnoreCase)) is { } wrong
            ? [new(wrong.File.Path, wrong.Start, wrong.End - wrong.Start, ConnectionLine)]
            : [];

    private static bool SameTarget(NginxDirective one, NginxDirective other) => HostOf(one) == HostOf(other);

    private static string HostOf(NginxDirective location) => location.One("proxy_pass")?.Arg(0).Split("://")[^1].Split('/')[0] ?? "";

    /// <summary>A regular expression took the path from a plain location that was made for it.</summary>
    private static bool JudgeBeaten(NginxDirective? location, NginxDirective? beaten, List<Clue> clues)
    {
        if (location is null || beaten is null || !Upgrades(beaten) || beaten.One("proxy_pass") is null) return false;
        var (_, pattern) = NginxMatch.Split(beaten);
        clues.Add(new("proxy.regex_location_wins", 110, $"{location.Where}: {location.Words} wins over {beaten.Where}: {beaten.Words}")
        {
            Edits = [new(beaten.File.Path, beaten.Start, beaten.BodyStart - beaten.Start, $"location ^~ {pattern} {{")],
            Remedy = "Write ^~ before the socket's prefix: it keeps regular expressions from taking the path.",
        });
        return true;
    }

    private static NginxDirective? OuterUpgrade(NginxDirective location)
    {
        for (var at = location.Parent; at is not null; at = at.Parent)
            if (at.All("proxy_set_header").FirstOrDefault(h => h.Arg(0).Equals("Upgrade", StringComparison.OrdinalIgnoreCase)) is { } found) return found;
        return null;
    }

    private static void JudgeWrongConnection(NginxDirective location, NginxDirective? connection, List<Clue> clues)
    {
        if (connection is null)
        {
            clues.Add(new("proxy.connection_header_wrong", 80, $"{location.Where}: Upgrade is passed on, Connection is not, so nginx says close") { Edits = [Into(location, ConnectionLine, NginxMatch.Inherited(location, "proxy_set_header"))] });
            return;
        }
        var map = Map(location, connection.Arg(1));
        var saw = map is null ? $"{connection.Where}: {connection.Words}" : $"{connection.Where}: {connection.Words}, and {map.Where} gives it the wrong value for an upgrade";
        var own = location.All("proxy_set_header").Contains(connection);
        // The line is changed where it stands if it is the location's own; an inherited one serves others too.
        clues.Add(new("proxy.connection_header_wrong", 100, saw)
        {
            Edits = own || location.All("proxy_set_header").Any()
                ? [new(connection.File.Path, connection.Start, connection.End - connection.Start, ConnectionLine)]
                : [Into(location, UpgradeLine + "\n" + ConnectionLine, NginxMatch.Inherited(location, "proxy_set_header"))],
        });
    }

    private static string UpgradeLines(bool connectionOk, NginxDirective location)
    {
        var has = location.All("proxy_set_header").Any(h => h.Arg(0).Equals("Connection", StringComparison.OrdinalIgnoreCase));
        var lines = NginxMatch.Value(location, "proxy_http_version") == "1.1" ? UpgradeLine : VersionLine + "\n" + UpgradeLine;
        return connectionOk || has ? lines : lines + "\n" + ConnectionLine;
    }

    private static List<Edit> VersionEdits(NginxDirective location) =>
        location.One("proxy_http_version") is { } own
            ? [new(own.File.Path, own.Start, own.End - own.Start, VersionLine)]
            : [Insert(location, VersionLine)];

    /// <summary>Lines at the top of a block, in its own indentation; inherited header lines come along, or they would be lost.</summary>
    private static Edit Into(NginxDirective block, string lines, IReadOnlyList<NginxDirective> inherited)
    {
        var own = block.All("proxy_set_header").Any();
        var names = lines.Split('\n').Select(l => l.Split(' ')).Where(w => w.Length > 2).Select(w => w[1]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var copies = own ? [] : inherited.Where(h => !names.Contains(h.Arg(0))).Select(h => h.File.Text[h.Start..h.End]);
        return Insert(block, string.Join('\n', [.. lines.Split('\n'), .. copies]));
    }

    private static Edit Insert(NginxDirective block, string lines)
    {
        var indent = block.Children.FirstOrDefault(c => c.File == block.File) is { } first && block.File.LineOf(first.Start) != block.File.LineOf(block.Start)
            ? block.File.IndentAt(first.Start)
            : block.File.IndentAt(block.Start) + "    ";
        var newLine = block.File.NewLine;
        var text = string.Concat(lines.Split('\n').Select(l => newLine + indent + l));
        // A block on one line stays readable: what follows goes to a line of its own.
        var rest = block.File.Text[block.BodyStart..Math.Min(block.BodyEnd, block.File.Text.Length)];
        if (!rest.Contains('\n', StringComparison.Ordinal)) text += newLine + indent;
        return new Edit(block.File.Path, block.BodyStart, 0, text);
    }

    /// <summary>Takes a directive away, and its line when nothing else stands on it.</summary>
    private static Edit Without(NginxDirective directive)
    {
        var text = directive.File.Text;
        var start = directive.Start;
        var end = directive.End;
        var lineStart = text.LastIndexOf('\n', Math.Max(0, start - 1)) + 1;
        var lineEnd = text.IndexOf('\n', end);
        if (lineEnd >= 0 && text[lineStart..start].Trim().Length == 0 && text[end..lineEnd].Trim().Length == 0) (start, end) = (lineStart, lineEnd + 1);
        return new Edit(directive.File.Path, start, end - start, "");
    }
}
