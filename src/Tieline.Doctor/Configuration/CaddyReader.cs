namespace Tieline.Doctor.Configuration;

/// <summary>Follows a request through a Caddyfile: the site by its address, then the handlers by their matchers.</summary>
internal sealed class CaddyReader : IConfigReader
{
    public string Proxy => "caddy";

    public bool Recognizes(ConfigText file) =>
        Path.GetFileName(file.Path).StartsWith("Caddyfile", StringComparison.OrdinalIgnoreCase) || CaddySyntax.Parse(file).Deep("reverse_proxy").Any();

    public Reading Read(ConfigText file, ReadingQuestion question)
    {
        var root = CaddySyntax.Parse(file);
        var reading = new Reading(Proxy) { MainFile = file.Path, Files = [.. root.Files] };
        var sites = root.Children.Where(c => c.IsBlock && c.Words.Count > 0 && !c.Name.StartsWith('(')).ToList();
        if (sites.Count == 0 && root.Deep("reverse_proxy").Any()) sites = [root];
        var here = sites.Where(s => s == root || s.Words.Any(w => PortOf(w) == question.Port)).ToList();
        if (here.Count == 0) return reading;
        var clues = new List<Clue>();
        var site = here.FirstOrDefault(s => s == root || s.Words.Any(w => PortOf(w) == question.Port && Names(w, question.Host)));
        if (site is null)
        {
            var saw = $"{here[0].Where}: on port {question.Port} there are sites for {string.Join(", ", here.SelectMany(s => s.Words).Take(6))}, none for {question.Host}";
            foreach (var cause in (string[])["proxy.wrong_vhost", "tls.sni_rejected", "tls.wrong_vhost_cert"]) clues.Add(new(cause, 90, saw) { Edits = NameInto(here, question) });
            return reading with { Listens = true, Clues = clues };
        }
        var proxy = Handler(site, site, question, clues);
        if (proxy is null) return reading with { Listens = true, NamedIn = site == root || AnyName(site) ? "" : site.File.Path, Clues = clues };
        JudgeProxy(proxy, question, clues);
        return reading with { Listens = true, NamedIn = site == root || AnyName(site) ? "" : site.File.Path, Clues = clues, ForwardsUpgrade = !clues.Any(c => c.Cause is "proxy.upgrade_headers_missing" or "proxy.connection_header_wrong"), Upstreams = [.. Targets(proxy).Select(Bare)], UpstreamTls = Targets(proxy).Any(t => t.StartsWith("https://", StringComparison.Ordinal)) };
    }

    /// <summary>A site of a port alone takes every name.</summary>
    private static bool AnyName(CaddyNode site) => site.Words.Any(w => Names(w, ""));

    private static int PortOf(string address)
    {
        var bare = address.Trim(',');
        var secure = !bare.StartsWith("http://", StringComparison.Ordinal);
        var authority = bare.Contains("://", StringComparison.Ordinal) ? bare[(bare.IndexOf("://", StringComparison.Ordinal) + 3)..] : bare;
        authority = authority.Split('/')[0];
        return authority.Contains(':', StringComparison.Ordinal) && int.TryParse(authority[(authority.LastIndexOf(':') + 1)..], out var port) ? port : secure ? 443 : 80;
    }

    private static bool Names(string address, string host)
    {
        var bare = address.Trim(',');
        var authority = bare.Contains("://", StringComparison.Ordinal) ? bare[(bare.IndexOf("://", StringComparison.Ordinal) + 3)..] : bare;
        var name = authority.Split('/')[0].Split(':')[0];
        return name.Length == 0 || name.Equals(host, StringComparison.OrdinalIgnoreCase) || (name.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The name beside the one site of this port that has a proxy; with none or several a person decides.</summary>
    private static List<Edit> NameInto(List<CaddyNode> here, ReadingQuestion q)
    {
        var made = here.Where(s => s.Deep("reverse_proxy").Any()).ToList();
        if (made.Count != 1) return [];
        var first = made[0].Words[0].TrimEnd(',');
        var scheme = first.Contains("://", StringComparison.Ordinal) ? first[..(first.IndexOf("://", StringComparison.Ordinal) + 3)] : "";
        return [new Edit(made[0].File.Path, made[0].Start + first.Length, 0, $", {scheme}{q.Host}:{q.Port}")];
    }

    private static bool Matches(CaddyNode node, CaddyNode site, ReadingQuestion q)
    {
        var matcher = node.Arg(0);
        if (matcher.StartsWith('@'))
        {
            var named = site.Children.Concat(node.Parent?.Children ?? []).FirstOrDefault(c => c.Name == matcher);
            if (named is null) return true;
            var terms = named.IsBlock ? named.Children : [new CaddyNode(named.File, named, [.. named.Words.Skip(1)], named.Start)];
            return terms.All(t => Term(t, q));
        }
        return !matcher.StartsWith('/') || PathMatches(matcher, q.Path);
    }

    private static bool Term(CaddyNode term, ReadingQuestion q) => term.Name switch
    {
        "path" => term.Words.Skip(1).Any(p => PathMatches(p, q.Path)),
        "path_regexp" => NginxMatch.Matches(term.Words[^1], q.Path, false),
        "host" => term.Words.Skip(1).Any(h => Names(h, q.Host)),
        "method" => term.Words.Skip(1).Contains("GET"),
        "not" => term.Words.Count > 1 && !Term(new CaddyNode(term.File, term, [.. term.Words.Skip(1)], term.Start), q),
        "header" => term.Arg(0).Equals("Upgrade", StringComparison.OrdinalIgnoreCase) ? term.Arg(1).Trim('*').Equals("websocket", StringComparison.OrdinalIgnoreCase) || term.Arg(1) == "*"
            : !term.Arg(0).Equals("Connection", StringComparison.OrdinalIgnoreCase) || term.Arg(1).Contains("Upgrade", StringComparison.OrdinalIgnoreCase),
        // What depends on the client's address or on more than the request line is not decided here.
        _ => false,
    };

    /// <summary>Caddy's path patterns: exact, or with a star at either end.</summary>
    internal static bool PathMatches(string pattern, string path)
    {
        if (pattern is "*" or "/*") return true;
        if (pattern.StartsWith('*') && pattern.EndsWith('*') && pattern.Length > 1) return path.Contains(pattern[1..^1], StringComparison.OrdinalIgnoreCase);
        if (pattern.EndsWith('*')) return path.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase);
        if (pattern.StartsWith('*')) return path.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase);
        return path.Equals(pattern, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The reverse_proxy that gets the request; what answers before it is noted.</summary>
    private static CaddyNode? Handler(CaddyNode block, CaddyNode site, ReadingQuestion q, List<Clue> clues)
    {
        foreach (var node in block.Children)
        {
            var saw = $"{node.Where}: {node.Text}";
            switch (node.Name)
            {
                case "redir" when Matches(node, site, q):
                    clues.Add(new("proxy.redirect_https", 90, saw));
                    clues.Add(new("chain.redirect_loop", 60, saw));
                    break;
                case "respond" or "error" or "abort" when Matches(node, site, q):
                    clues.Add(node.Words.Contains("503") ? new("proxy.maintenance", 90, saw)
                        : node.Words.Contains("403") || node.Name == "abort" ? new(Conditions(node, site).Contains("User-Agent", StringComparison.OrdinalIgnoreCase) ? "policy.user_agent" : Conditions(node, site).Contains("Origin", StringComparison.Ordinal) ? "policy.origin" : "policy.ip_denied", 90, saw)
                        : new("proxy.static_fallback", 90, saw));
                    break;
                case "respond" or "error" or "abort" when node.Arg(0).StartsWith('@'):
                    var when = Conditions(node, site);
                    clues.Add(new(when.Contains("User-Agent", StringComparison.OrdinalIgnoreCase) ? "policy.user_agent" : when.Contains("Origin", StringComparison.Ordinal) ? "policy.origin" : when.Contains("method", StringComparison.Ordinal) ? "policy.method" : "policy.ip_denied", 80, $"{saw} ({when})"));
                    break;
                case "basicauth" or "basic_auth" when Matches(node, site, q):
                    clues.Add(new("policy.basic_auth", 90, saw));
                    break;
                case "forward_auth":
                    clues.Add(new("policy.auth_request", 90, saw));
                    break;
                case "rewrite" or "uri" when node.Name == "uri" || Matches(node, site, q):
                    clues.Add(new(node.Text.EndsWith('?') || (node.Name == "rewrite" && node.Text.Contains('?', StringComparison.Ordinal) && !node.Text.Contains("{query}", StringComparison.Ordinal)) ? "proxy.query_stripped" : "proxy.path_rewritten", 90, saw) { Edits = [WithoutLine(node)] });
                    break;
                case "request_header" when node.Arg(0).TrimStart('-').Equals("Upgrade", StringComparison.OrdinalIgnoreCase):
                    clues.Add(new("proxy.upgrade_headers_missing", 100, saw) { Edits = [WithoutLine(node)] });
                    break;
                case "header" when node.Arg(0).TrimStart('+').Equals("Upgrade", StringComparison.OrdinalIgnoreCase):
                    clues.Add(new("proxy.duplicate_upgrade_header", 90, saw) { Edits = [WithoutLine(node)] });
                    break;
            }
        }
        return Chosen(block, site, q, clues);
    }

    private static string Conditions(CaddyNode node, CaddyNode site) =>
        site.Children.FirstOrDefault(c => c.Name == node.Arg(0)) is { } named ? string.Join("; ", named.Children.Select(c => c.Text).Append(named.Text)) : "";

    private static CaddyNode? Chosen(CaddyNode block, CaddyNode site, ReadingQuestion q, List<Clue> clues)
    {
        // handle blocks exclude each other: the one with the longest matching path wins, one without a matcher comes last.
        var handles = block.Children.Where(c => c.IsBlock && c.Name is "handle" or "handle_path" or "route").ToList();
        var match = handles.Where(h => Matches(h, site, q)).OrderByDescending(h => h.Arg(0).StartsWith('/') || h.Arg(0).StartsWith('@') ? h.Arg(0).Length + 1 : 0).FirstOrDefault();
        if (match is not null)
        {
            if (match.Name == "handle_path" && match.Arg(0).Length > 1)
                clues.Add(new("proxy.path_rewritten", 100, $"{match.Where}: {match.Text} takes the prefix off") { Edits = [new(match.File.Path, match.Start, "handle_path".Length, "handle")] });
            if (Handler(match, site, q, clues) is { } inner) return inner;
            return NoProxy(match, site, q, clues);
        }
        var direct = block.Children.Where(c => c.Name == "reverse_proxy" && Matches(c, site, q)).OrderByDescending(c => c.Arg(0).StartsWith('/') ? c.Arg(0).Length : 0).FirstOrDefault();
        return direct ?? (block == site ? NoProxy(block, site, q, clues) : null);
    }

    private static CaddyNode? NoProxy(CaddyNode where, CaddyNode site, ReadingQuestion q, List<Clue> clues)
    {
        var proxies = site.Deep("reverse_proxy").ToList();
        var files = where.Deep("file_server").Any();
        if (proxies.Count > 0) clues.Add(new("proxy.location_mismatch", 90, $"{where.Where}: {where.Text} serves the path; {proxies[0].Where}: {(proxies[0].Parent is { Words.Count: > 0 } p && p != site ? p.Text + " / " : "")}{proxies[0].Text} does not match it") { Edits = Widened(proxies, q) });
        else clues.Add(new("proxy.location_missing", 70, $"{where.Where}: no reverse_proxy serves the path"));
        if (files) clues.Add(new("proxy.static_fallback", proxies.Count > 0 ? 20 : 60, $"{where.Where}: file_server"));
        return null;
    }

    /// <summary>An exact path that begins the socket's gets a star, if it is the only proxy of the site.</summary>
    private static List<Edit> Widened(List<CaddyNode> proxies, ReadingQuestion q)
    {
        if (proxies.Count != 1) return [];
        var node = proxies[0].Arg(0).StartsWith('/') ? proxies[0] : proxies[0].Parent!;
        var path = node.Arg(0);
        if (!path.StartsWith('/') || path.EndsWith('*') || !q.Path.StartsWith(path, StringComparison.Ordinal)) return [];
        var at = node.File.Text.IndexOf(path, node.Start + node.Name.Length, StringComparison.Ordinal);
        return at < 0 ? [] : [new Edit(node.File.Path, at + path.Length, 0, "*")];
    }

    private static IEnumerable<string> Targets(CaddyNode proxy) => proxy.Words.Skip(1).Where(w => !w.StartsWith('/') && !w.StartsWith('@')).Concat(proxy.All("to").SelectMany(t => t.Words.Skip(1)));

    private static string Bare(string target) => target.Contains("://", StringComparison.Ordinal) ? target[(target.IndexOf("://", StringComparison.Ordinal) + 3)..] : target;

    private static void JudgeProxy(CaddyNode proxy, ReadingQuestion q, List<Clue> clues)
    {
        var targets = Targets(proxy).ToList();
        var saw = $"{proxy.Where}: {proxy.Text}";
        foreach (var line in proxy.All("header_up").Concat(proxy.All("header_down")))
        {
            var words = $"{line.Where}: {line.Text}";
            var up = line.Name == "header_up";
            var cause = line.Arg(0).TrimStart('-', '+', '>', '?').ToLowerInvariant() switch
            {
                "upgrade" => up ? "proxy.upgrade_headers_missing" : line.Arg(0).StartsWith('-') ? "proxy.upgrade_hidden" : "proxy.duplicate_upgrade_header",
                "connection" => up ? "proxy.connection_header_wrong" : "proxy.connection_hidden",
                "sec-websocket-key" => "proxy.ws_key_stripped",
                "sec-websocket-version" => "proxy.ws_version_stripped",
                "sec-websocket-protocol" => "proxy.subprotocol_stripped",
                "sec-websocket-accept" => "proxy.accept_hidden",
                "host" when !line.Arg(1).Contains("{host}", StringComparison.Ordinal) && !line.Arg(1).Contains("http.request.host", StringComparison.Ordinal) => "proxy.host_not_forwarded",
                _ => null,
            };
            if (cause is not null) clues.Add(new(cause, 100, words) { Edits = [WithoutLine(line)], Remedy = "remove the line: the header passes by itself" });
        }
        foreach (var rewrite in proxy.All("rewrite")) clues.Add(new("proxy.path_rewritten", 90, $"{rewrite.Where}: {rewrite.Text}") { Edits = [WithoutLine(rewrite)] });
        foreach (var transport in proxy.All("transport"))
        {
            foreach (var versions in transport.All("versions").Where(v => !v.Words.Contains("1.1")))
                clues.Add(new("upstream.http2_to_http1", 120, $"{versions.Where}: {versions.Text}") { Edits = [WithoutLine(versions)] });
            foreach (var tls in transport.Children.Where(c => c.Name.StartsWith("tls", StringComparison.Ordinal))) clues.Add(new("upstream.tls_to_plain", 100, $"{tls.Where}: {tls.Text}") { Edits = [WithoutLine(tls)] });
            foreach (var line in transport.All("proxy_protocol")) clues.Add(new("upstream.proxy_protocol_unexpected", 100, $"{line.Where}: {line.Text}") { Edits = [WithoutLine(line)] });
            foreach (var line in transport.All("max_conns_per_host")) clues.Add(new("limit.connections", 80, $"{line.Where}: {line.Text}"));
        }
        foreach (var line in proxy.All("stream_timeout")) clues.Add(new("tunnel.lifetime_limit", 90, $"{line.Where}: {line.Text}"));
        foreach (var line in proxy.Children.Where(c => c.Name is "health_uri" or "health_path" or "health_port" or "health_status" or "health_body")) clues.Add(new("upstream.health_check_wrong", 100, $"{line.Where}: {line.Text}"));
        if (targets.Any(t => t.StartsWith("https://", StringComparison.Ordinal))) clues.Add(new("upstream.tls_to_plain", 80, saw) { Edits = [Swap(proxy, "https://", "http://")] });
        else clues.Add(new("upstream.plain_to_tls", 5, saw) { Edits = targets.Count == 0 ? [] : [Swap(proxy, targets[0], "https://" + Bare(targets[0]))] });
        if (targets.Any(t => t.StartsWith("h2c://", StringComparison.Ordinal))) clues.Add(new("upstream.http2_to_http1", 120, saw) { Edits = [Swap(proxy, "h2c://", "http://")] });
        if (q.Backend is { } backend && targets is [var only] && Bare(only) != backend) clues.Add(new("upstream.refused_wrong_port", 5, saw) { Edits = [Swap(proxy, Bare(only), backend)] });
        if (targets.Count > 1) clues.Add(new("upstream.mixed_versions", 50, saw));
        if (targets.Any(t => Bare(t).StartsWith("localhost", StringComparison.Ordinal))) clues.Add(new("upstream.ipv6_intruder", 40, saw));
        if (targets.Any(t => t.StartsWith("unix/", StringComparison.Ordinal))) clues.Add(new("upstream.permission", 50, saw));
    }

    private static Edit Swap(CaddyNode node, string from, string to)
    {
        var at = node.File.Text.IndexOf(from, node.Start, StringComparison.Ordinal);
        return at < 0 ? new Edit(node.File.Path, node.Start, 0, "") : new Edit(node.File.Path, at, from.Length, to);
    }

    private static Edit WithoutLine(CaddyNode node)
    {
        var text = node.File.Text;
        var start = text.LastIndexOf('\n', Math.Max(0, node.Start - 1)) + 1;
        var end = text.IndexOf('\n', node.End);
        return new Edit(node.File.Path, start, (end < 0 ? text.Length : end + 1) - start, "");
    }
}
