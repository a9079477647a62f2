namespace Tieline.Doctor.Configuration;

/// <summary>Follows a request through Apache: virtual host, rules before the proxy, first matching ProxyPass.</summary>
internal sealed partial class ApacheReader : IConfigReader
{
    public string Proxy => "apache";

    public bool Recognizes(ConfigText file) =>
        ApacheSyntax.Parse(file).Children.Any(c => c.Is("<VirtualHost") || c.Is("LoadModule") || c.Is("ServerRoot") || c.Is("ProxyPass") || c.Is("DocumentRoot"));

    public Reading Read(ConfigText file, ReadingQuestion question)
    {
        var root = ApacheSyntax.Parse(file);
        var clues = new List<Clue>();
        var reading = new Reading(Proxy) { MainFile = file.Path, Files = [.. root.Files] };
        var listens = root.Deep("Listen").Select(l => PortOf(l.Arg(0))).ToList();
        var hosts = root.All("<VirtualHost").Where(v => v.Args.Any(a => a.EndsWith(":*", StringComparison.Ordinal) || PortOf(a) == question.Port)).ToList();
        if (hosts.Count == 0 && !listens.Contains(question.Port)) return reading;
        var (host, byName) = Host(hosts, question.Host);
        var scope = host ?? root;
        JudgeServer(root, scope, clues);
        if (!byName && hosts.Count > 1)
            clues.Add(new("proxy.wrong_vhost", 80, $"no ServerName on port {question.Port} is {question.Host} (there are: {string.Join(", ", hosts.SelectMany(NamesOf).Distinct().Take(8))}); {scope.Where} answers as the first") { Edits = NameInto(hosts, question) });
        JudgeGate(scope, root, question, clues);
        var way = Way(scope, question);
        var passes = Passes(scope, way, question, root, clues);
        List<string> upstreams = [.. (Members(way, scope, root) is { Count: > 0 } members ? members : way is null ? [] : [way]).Select(TargetOf).OfType<string>()];
        return reading with { Listens = true, NamedIn = byName ? scope.File.Path : "", Idle = IdleOf(way, scope, root), Clues = clues, ForwardsUpgrade = way is null ? null : passes, Upstreams = upstreams, UpstreamTls = way?.Args.Any(a => a.StartsWith("https://", StringComparison.Ordinal) || a.StartsWith("wss://", StringComparison.Ordinal)) == true };
    }

    private static int PortOf(string text) => int.TryParse(text[(text.LastIndexOf(':') + 1)..], out var port) ? port : -1;

    private static IEnumerable<string> NamesOf(ApacheDirective host) => host.All("ServerName").Concat(host.All("ServerAlias")).SelectMany(n => n.Args).Select(n => n.Split(':')[0]);

    private static (ApacheDirective? Host, bool ByName) Host(List<ApacheDirective> hosts, string name)
    {
        foreach (var host in hosts)
            if (NamesOf(host).Any(n => n.Equals(name, StringComparison.OrdinalIgnoreCase) || (n.StartsWith("*.", StringComparison.Ordinal) && name.EndsWith(n[1..], StringComparison.OrdinalIgnoreCase)))) return (host, true);
        return (hosts.FirstOrDefault(), false);
    }

    /// <summary>The name goes into the one virtual host that is made for the socket; with none or several a person decides.</summary>
    private static List<Edit> NameInto(List<ApacheDirective> hosts, ReadingQuestion q)
    {
        var made = hosts.Where(h => Way(h, q) is { } way && PassesUpgrade(way)).ToList();
        return made.Count == 1 && made[0].All("ServerName").FirstOrDefault() is { } name
            ? [new Edit(name.File.Path, name.End, 0, name.File.NewLine + name.File.IndentAt(name.Start) + "ServerAlias " + q.Host)]
            : [];
    }

    /// <summary>Paths and targets of ProxyPass, in the order that Apache tries them; inside a Location the path is the section's.</summary>
    private static IEnumerable<(ApacheDirective Directive, string Path, string Target)> ProxyPasses(ApacheDirective scope)
    {
        foreach (var child in scope.Children)
        {
            if (child.Is("ProxyPass") && child.Args.Count >= 2) yield return (child, child.Arg(0), child.Arg(1));
            else if (child.Is("ProxyPassMatch") && child.Args.Count >= 2) yield return (child, "~" + child.Arg(0), child.Arg(1));
            else if (child.Is("<Location"))
                foreach (var inner in child.All("ProxyPass")) yield return (inner, child.Arg(0), inner.Arg(0));
            else if (child.Is("<IfModule"))
                foreach (var inner in ProxyPasses(child)) yield return inner;
        }
    }

    private static bool Covers(string path, string request) =>
        path.StartsWith('~') ? NginxMatch.Matches(path[1..], request, false) : request.StartsWith(path, StringComparison.Ordinal) && (path.EndsWith('/') || request.Length == path.Length || request[path.Length] is '/' or '?' || path.Length == 0);

    private static ApacheDirective? Way(ApacheDirective scope, ReadingQuestion q)
    {
        // Sections are merged after the plain lines and win over them; the longest given last wins.
        var all = ProxyPasses(scope).Where(p => Covers(p.Path, q.Path)).ToList();
        return all.LastOrDefault(p => p.Directive.Parent?.Is("<Location") == true).Directive ?? all.FirstOrDefault().Directive;
    }

    /// <summary>A tunnel ends at the larger of Timeout and the worker's own.</summary>
    private static (double, string) IdleOf(ApacheDirective? way, ApacheDirective scope, ApacheDirective root)
    {
        var timeout = scope.All("Timeout").Concat(root.All("Timeout")).FirstOrDefault();
        var general = timeout is not null && double.TryParse(timeout.Arg(0), out var t) ? (t, $"{timeout.Where}: {timeout.Words}") : (60, $"{root.File.Path}: Timeout is not set, and its default is 60");
        var own = way?.Args.FirstOrDefault(a => a.StartsWith("timeout=", StringComparison.Ordinal));
        return own is not null && double.TryParse(own["timeout=".Length..], out var worker) && worker > general.Item1 ? (worker, $"{way!.Where}: {own}") : general;
    }

    /// <summary>Null where nothing is passed on to: an exclusion, or a line that was cut.</summary>
    private static string? TargetOf(ApacheDirective pass)
    {
        var target = pass.Args.FirstOrDefault(a => a.Contains("://", StringComparison.Ordinal));
        if (target is null) return null;
        var rest = target[(target.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/')[0];
        return rest.Contains(':', StringComparison.Ordinal) ? rest : rest + (target.StartsWith("https", StringComparison.Ordinal) || target.StartsWith("wss", StringComparison.Ordinal) ? ":443" : ":80");
    }

    private static bool Passes(ApacheDirective scope, ApacheDirective? way, ReadingQuestion q, ApacheDirective root, List<Clue> clues)
    {
        var rewrites = JudgeRewrites(scope, q, clues);
        foreach (var header in scope.Deep("RequestHeader").Concat(root.All("RequestHeader")))
        {
            var name = header.Arg(1).ToLowerInvariant();
            if (!header.Arg(0).Equals("unset", StringComparison.OrdinalIgnoreCase) && !header.Arg(0).Equals("set", StringComparison.OrdinalIgnoreCase)) continue;
            var cause = name switch { "upgrade" => "proxy.upgrade_headers_missing", "connection" => "proxy.connection_header_wrong", "sec-websocket-key" => "proxy.ws_key_stripped", "sec-websocket-version" => "proxy.ws_version_stripped", "sec-websocket-protocol" => "proxy.subprotocol_stripped", _ => null };
            if (cause is not null) clues.Add(new(cause, 100, $"{header.Where}: {header.Words}") { Edits = [WithoutLine(header)], Remedy = "remove the line" });
        }
        foreach (var header in scope.Deep("Header").Where(h => h.Args.Any(a => a.Equals("Upgrade", StringComparison.OrdinalIgnoreCase))))
            clues.Add(new(header.Args.Contains("unset") ? "proxy.upgrade_hidden" : "proxy.duplicate_upgrade_header", 90, $"{header.Where}: {header.Words}") { Edits = [WithoutLine(header)], Remedy = "remove the line" });
        if (!scope.Deep("ProxyPreserveHost").Concat(root.All("ProxyPreserveHost")).Any(p => p.Arg(0).Equals("On", StringComparison.OrdinalIgnoreCase)))
            clues.Add(new("proxy.host_not_forwarded", 80, $"{scope.Where}: no ProxyPreserveHost On") { Edits = way is null ? [] : [Before(way, "ProxyPreserveHost On")] });
        if (way?.Args.Contains("!") == true)
        {
            clues.Add(new("proxy.location_missing", 120, $"{way.Where}: {way.Words} takes {q.Path} out"));
            return rewrites;
        }
        if (way is null && !rewrites && Fallback(scope) is { } fallback)
        {
            clues.Add(new("proxy.static_fallback", 100, $"{fallback.Where}: {fallback.Words}, and no ProxyPass covers {q.Path}"));
            return false;
        }
        if (way is null)
        {
            if (!rewrites) clues.Add(new(ProxyPasses(scope).Any(p => p.Path.StartsWith(q.Folder, StringComparison.Ordinal)) ? "proxy.location_mismatch" : "proxy.location_missing", 60, $"{scope.Where}: no ProxyPass covers {q.Path}"));
            return rewrites;
        }
        if (Members(way, scope, root) is { Count: > 0 } members) return PassesByMembers(members, way, clues) || rewrites;
        JudgeTarget(way, q, clues);
        var upgrades = PassesUpgrade(way);
        if (upgrades) JudgeModules(way, root, clues);
        if (upgrades || rewrites) return true;
        JudgePlainPass(scope, way, q, clues);
        return false;
    }

    /// <summary>What gives a page for every path that has no file of its own.</summary>
    private static ApacheDirective? Fallback(ApacheDirective scope) =>
        scope.Deep("FallbackResource").FirstOrDefault(f => !f.Arg(0).Equals("disabled", StringComparison.OrdinalIgnoreCase))
        ?? scope.Deep("RewriteRule").FirstOrDefault(r => r.Arg(1).EndsWith(".html", StringComparison.Ordinal) || r.Arg(1).EndsWith(".php", StringComparison.Ordinal));

    private static bool PassesUpgrade(ApacheDirective pass) =>
        pass.Args.Any(a => a.StartsWith("ws://", StringComparison.OrdinalIgnoreCase) || a.StartsWith("wss://", StringComparison.OrdinalIgnoreCase) || a.StartsWith("upgrade=", StringComparison.OrdinalIgnoreCase));

    private static void JudgePlainPass(ApacheDirective scope, ApacheDirective way, ReadingQuestion q, List<Clue> clues)
    {
        var later = ProxyPasses(scope).FirstOrDefault(p => p.Directive != way && Covers(p.Path, q.Path) && PassesUpgrade(p.Directive)).Directive;
        if (later is not null)
        {
            var text = later.File.Text;
            var line = text[later.Start..later.End];
            var removed = WithoutLine(later);
            clues.Add(new("proxy.order", 120, $"{way.Where}: {way.Words} comes before {later.Where}: {later.Words}")
            {
                Edits = [Before(way, line), removed],
                Remedy = "the longer path first: Apache takes the first that matches",
            });
            return;
        }
        var meant = ProxyPasses(scope).FirstOrDefault(p => PassesUpgrade(p.Directive)).Directive;
        if (meant is not null) clues.Add(new("proxy.location_mismatch", TargetOf(meant) == TargetOf(way) ? 105 : 90, $"{meant.Where}: {meant.Words} does not cover {q.Path}"));
        clues.Add(new("proxy.upgrade_headers_missing", 80, $"{way.Where}: {way.Words} has no upgrade=websocket") { Edits = [new(way.File.Path, way.End, 0, " upgrade=websocket")] });
    }

    private static void JudgeModules(ApacheDirective way, ApacheDirective root, List<Clue> clues)
    {
        var loaded = root.Deep("LoadModule").Select(m => m.Arg(0)).ToHashSet(StringComparer.Ordinal);
        if (loaded.Count == 0) return;
        if (!loaded.Contains("proxy_http_module") && !loaded.Contains("proxy_wstunnel_module"))
            clues.Add(new("proxy.module_missing", 100, $"{way.Where}: {way.Words}, and neither proxy_http nor proxy_wstunnel is loaded") { Command = "a2enmod proxy proxy_http proxy_wstunnel && systemctl restart apache2", Edits = LoadHttp(root) });
    }

    /// <summary>The missing module beside the one that is there, from the same folder.</summary>
    private static List<Edit> LoadHttp(ApacheDirective root)
    {
        if (root.Deep("LoadModule").FirstOrDefault(m => m.Arg(0) == "proxy_module") is not { } proxy || !proxy.Arg(1).Contains("mod_proxy.so", StringComparison.Ordinal)) return [];
        var path = proxy.Arg(1).Replace("mod_proxy.so", "mod_proxy_http.so", StringComparison.Ordinal);
        return [new Edit(proxy.File.Path, proxy.End, 0, proxy.File.NewLine + proxy.File.IndentAt(proxy.Start) + "LoadModule proxy_http_module " + path)];
    }

    private static void JudgeTarget(ApacheDirective way, ReadingQuestion q, List<Clue> clues)
    {
        var target = way.Args.FirstOrDefault(a => a.Contains("://", StringComparison.Ordinal)) ?? "";
        if (target.Length == 0) return;
        var tls = target.StartsWith("https", StringComparison.Ordinal) || target.StartsWith("wss", StringComparison.Ordinal);
        clues.Add(new(tls ? "upstream.tls_to_plain" : "upstream.plain_to_tls", tls ? 60 : 5, $"{way.Where}: {way.Words}") { Edits = [SwapScheme(way, tls)] });
        var path = way.Parent?.Is("<Location") == true ? way.Parent.Arg(0) : way.Arg(0);
        var host = target.IndexOf("://", StringComparison.Ordinal);
        var slash = host < 0 ? -1 : target.IndexOf('/', host + 3);
        var uri = slash < 0 ? "" : target[slash..];
        if (!way.Is("ProxyPassMatch") && uri.TrimEnd('/') != path.TrimEnd('/'))
            clues.Add(new("proxy.path_rewritten", 90, $"{way.Where}: {way.Words} puts {(uri.Length == 0 ? "nothing" : uri)} in place of {path}") { Edits = slash < 0 ? [] : [SwapText(way, target, target[..slash] + path)] });
        if (path.EndsWith('/') != uri.EndsWith('/') && uri.Length > 0 && uri.TrimEnd('/') == path.TrimEnd('/'))
            clues.Add(new("proxy.path_rewritten", 60, $"{way.Where}: {way.Words}: one has a slash at the end, the other has none"));
        if (q.Backend is { } backend && TargetOf(way) is { } passedTo && passedTo != backend)
            clues.Add(new("upstream.refused_wrong_port", 5, $"{way.Where}: {way.Words}") { Edits = [SwapText(way, passedTo, backend)] });
    }

    private static Edit SwapText(ApacheDirective d, string from, string to)
    {
        var at = d.File.Text.IndexOf(from, d.Start, StringComparison.Ordinal);
        return at < 0 ? new Edit(d.File.Path, d.End, 0, "") : new Edit(d.File.Path, at, from.Length, to);
    }

    private static Edit SwapScheme(ApacheDirective way, bool tls)
    {
        var from = way.Args.First(a => a.Contains("://", StringComparison.Ordinal)).Split(':')[0];
        var to = tls ? from.TrimEnd('s') is "w" ? "ws" : from.Replace("https", "http", StringComparison.Ordinal).Replace("wss", "ws", StringComparison.Ordinal) : from + "s";
        return SwapText(way, from + "://", to + "://");
    }

    private static Edit WithoutLine(ApacheDirective d)
    {
        var text = d.File.Text;
        var start = text.LastIndexOf('\n', Math.Max(0, d.Start - 1)) + 1;
        var end = text.IndexOf('\n', d.End);
        return new Edit(d.File.Path, start, (end < 0 ? text.Length : end + 1) - start, "");
    }

    private static Edit Before(ApacheDirective d, string line) => new(d.File.Path, d.Start, 0, line + d.File.NewLine + d.File.IndentAt(d.Start));
}
