namespace Tieline.Doctor.Configuration;

/// <summary>Follows a request through HAProxy: the frontend of the port, its rules in order, the backend they choose.</summary>
internal sealed partial class HaproxyReader : IConfigReader
{
    private const double PingPause = 25;

    public string Proxy => "haproxy";

    public bool Recognizes(ConfigText file) => HaproxySyntax.Parse(file).Any(s => (s.Kind is "frontend" or "listen" && s.All("bind").Any()) || (s.Kind is "defaults" && s.Lines.Any(l => l.Name is "mode" or "timeout")));

    public Reading Read(ConfigText file, ReadingQuestion question)
    {
        var sections = HaproxySyntax.Parse(file);
        var reading = new Reading(Proxy) { MainFile = file.Path };
        var front = sections.FirstOrDefault(s => s.Kind is "frontend" or "listen" && s.All("bind").Any(b => NginxMatch.PortOf(b.Arg(0).Split(',')[0]) == question.Port));
        if (front is null) return reading;
        var clues = new List<Clue>();
        var defaults = sections.LastOrDefault(s => s.Kind == "defaults" && s.Head.Start < front.Head.Start);
        JudgeBind(front, sections, question, clues);
        JudgeRules(front, question, clues);
        var (back, by) = BackendOf(front, sections, question);
        if (back is null)
        {
            clues.Add(new("proxy.no_backend", 90, by is null ? $"{front.Head.Where}: no rule chooses a backend for {question.Path}, and there is no default_backend" : $"{by.Where}: {by.Text} names a backend that does not exist"));
            return reading with { Listens = true, Clues = clues };
        }
        JudgeChoice(front, back, by, sections, clues, question);
        if (back != front) JudgeRules(back, question, clues);
        JudgeServers(back, defaults, question, clues);
        JudgeTimes(front, back, defaults, clues);
        return reading with
        {
            Listens = true,
            Clues = clues,
            ForwardsUpgrade = !clues.Any(c => c.Cause is "proxy.upgrade_headers_missing" or "proxy.connection_header_wrong"),
            Upstreams = [.. back.All("server").Select(s => s.Arg(1))],
            Idle = IdleOf(front, back, defaults),
            UpstreamTls = back.All("server").Any(s => s.Words.Contains("ssl")),
        };
    }

    private static void JudgeBind(HaproxySection front, IReadOnlyList<HaproxySection> sections, ReadingQuestion q, List<Clue> clues)
    {
        foreach (var bind in front.All("bind").Where(b => NginxMatch.PortOf(b.Arg(0).Split(',')[0]) == q.Port))
        {
            var saw = $"{bind.Where}: {bind.Text}";
            if (bind.Words.Contains("accept-proxy")) clues.Add(new("proxy.proxy_protocol_expected", 90, saw));
            if (bind.Has("proto", "h2")) clues.Add(new("proxy.http2_only", 90, saw) { Edits = [Drop(bind, "proto h2")] });
            if (bind.Has("alpn", "h2")) clues.Add(new("tls.alpn_h2_only", 90, saw));
            if (bind.Has("verify", "required")) clues.Add(new("tls.client_cert_required", 90, saw));
        }
        var global = sections.FirstOrDefault(s => s.Kind == "global");
        if (front.All("maxconn").FirstOrDefault() is { } limit && int.TryParse(limit.Arg(0), out var n) && n < 1000) clues.Add(new("limit.connections", 90, $"{limit.Where}: {limit.Text}"));
        if (global?.All("maxconn").FirstOrDefault() is { } all && int.TryParse(all.Arg(0), out var m) && m < 100) clues.Add(new("limit.connections", 70, $"{all.Where}: {all.Text}"));
        foreach (var name in (string[])["tune.bufsize", "tune.maxrewrite", "tune.http.maxhdr"])
            if (global?.All(name).FirstOrDefault() is { } tune) clues.Add(new("limit.header_size", 80, $"{tune.Where}: {tune.Text}"));
    }

    private static void JudgeRules(HaproxySection section, ReadingQuestion q, List<Clue> clues)
    {
        foreach (var rule in section.Lines.Where(l => l.Name is "http-request" or "http-response" or "redirect" or "reqidel" or "http-after-response"))
        {
            var saw = $"{rule.Where}: {rule.Text}";
            var action = rule.Name == "redirect" ? "redirect" : rule.Arg(0);
            var words = rule.Text;
            switch (action)
            {
                case "set-path" or "replace-path" or "set-uri" or "replace-uri" or "set-pathq" or "replace-pathq":
                    clues.Add(new("proxy.path_rewritten", 90, saw) { Edits = [WithoutLine(rule)], Remedy = "remove the rule, or except the socket's path from it" });
                    break;
                case "set-query":
                    clues.Add(new("proxy.query_stripped", 90, saw) { Edits = [WithoutLine(rule)], Remedy = "remove the rule, or except the socket's path from it" });
                    break;
                case "del-header" or "set-header" or "replace-header" or "add-header":
                    JudgeHeader(rule, action, clues, saw);
                    break;
                case "redirect":
                    if (words.Contains("https", StringComparison.Ordinal))
                    {
                        clues.Add(new("proxy.redirect_https", 80, saw));
                        clues.Add(new("chain.redirect_loop", 60, saw));
                    }
                    break;
                case "auth":
                    clues.Add(new("policy.basic_auth", 90, saw));
                    break;
                case "deny" or "reject" or "tarpit" or "return" or "silent-drop":
                    JudgeDeny(section, rule, clues, saw);
                    break;
                case "cache-use":
                    clues.Add(new("proxy.cached_error", 80, saw));
                    break;
            }
        }
        _ = q;
    }

    private static void JudgeHeader(HaproxyLine rule, string action, List<Clue> clues, string saw)
    {
        var response = rule.Name != "http-request";
        var value = string.Join(' ', rule.Words.Skip(3));
        string? cause = rule.Arg(1).ToLowerInvariant() switch
        {
            "upgrade" => response ? action == "del-header" ? "proxy.upgrade_hidden" : "proxy.duplicate_upgrade_header" : "proxy.upgrade_headers_missing",
            "connection" => response ? "proxy.connection_hidden" : "proxy.connection_header_wrong",
            "sec-websocket-key" => "proxy.ws_key_stripped",
            "sec-websocket-version" => "proxy.ws_version_stripped",
            "sec-websocket-protocol" => "proxy.subprotocol_stripped",
            "sec-websocket-accept" => "proxy.accept_hidden",
            "host" when !value.Contains("hdr(host)", StringComparison.Ordinal) => "proxy.host_not_forwarded",
            _ => null,
        };
        if (cause is not null) clues.Add(new(cause, 100, saw) { Edits = [WithoutLine(rule)], Remedy = "remove the rule: the header passes by itself" });
    }

    private static void JudgeDeny(HaproxySection section, HaproxyLine rule, List<Clue> clues, string saw)
    {
        // What the condition looks at, with named acls replaced by their text.
        var words = rule.Text;
        foreach (var acl in section.All("acl"))
            if (rule.Words.Contains(acl.Arg(0)) || rule.Words.Contains("!" + acl.Arg(0))) words += " " + acl.Text;
        bool Says(string part) => words.Contains(part, StringComparison.OrdinalIgnoreCase);
        var cause = Says("req_rate") || Says("429") || Says("conn_rate") ? "limit.rate"
            : Says("conn_cur") || Says("fe_conn") || Says("be_conn") ? "limit.connections"
            : Says("user-agent") ? "policy.user_agent"
            : Says("origin") ? "policy.origin"
            : Says("method") || Says("METH_") ? "policy.method"
            : Says("src") ? "policy.ip_denied"
            : Says("503") ? "proxy.maintenance"
            : Says("url_param") || Says("query") || Says("urlp") ? "policy.waf"
            : Says("return") && Says("200") ? "proxy.static_fallback"
            : "policy.ip_denied";
        clues.Add(new(cause, 90, saw));
    }

    private static void JudgeServers(HaproxySection back, HaproxySection? defaults, ReadingQuestion q, List<Clue> clues)
    {
        var servers = back.All("server").ToList();
        if (servers.Count == 0) clues.Add(new("proxy.no_backend", 80, $"{back.Head.Where}: {back.Head.Text} has no server"));
        if (servers.Count > 1) clues.Add(new("upstream.mixed_versions", 50, $"{back.Head.Where}: {servers.Count} servers share the work"));
        if (servers.Count > 0 && servers.All(s => s.Words.Contains("disabled"))) clues.Add(new("upstream.marked_down", 110, $"{servers[0].Where}: {servers[0].Text}"));
        foreach (var server in servers)
        {
            var saw = $"{server.Where}: {server.Text}";
            if (server.Words.Contains("ssl")) clues.Add(new("upstream.tls_to_plain", 80, saw) { Edits = [Drop(server, "ssl verify none", "ssl")] });
            else clues.Add(new("upstream.plain_to_tls", 5, saw) { Edits = [] });
            if (server.Has("proto", "h2") || server.Has("alpn", "h2")) clues.Add(new("upstream.http2_to_http1", 120, saw) { Edits = [Drop(server, "proto h2", "alpn h2")] });
            if (server.Words.Any(w => w.StartsWith("send-proxy", StringComparison.Ordinal))) clues.Add(new("upstream.proxy_protocol_unexpected", 100, saw) { Edits = [Drop(server, "send-proxy-v2", "send-proxy")] });
            if (q.Backend is { } backend && server.Arg(1) != backend && server.File.Text.IndexOf(server.Arg(1), server.Start, StringComparison.Ordinal) is var at and >= 0)
                clues.Add(new("upstream.refused_wrong_port", 5, saw) { Edits = [new(server.File.Path, at, server.Arg(1).Length, backend)] });
            if (server.Words.Contains("maxconn")) clues.Add(new("limit.connections", 90, saw));
            if (server.Words.Contains("check")) clues.Add(new("upstream.health_check_wrong", back.All("option").Concat(defaults?.All("option") ?? []).Any(o => o.Arg(0) == "httpchk") || back.All("http-check").Any() ? 60 : 20, saw + "; " + (back.All("option").FirstOrDefault(o => o.Arg(0) == "httpchk")?.Text ?? "check")));
            if (server.Arg(1).StartsWith("localhost", StringComparison.Ordinal)) clues.Add(new("upstream.ipv6_intruder", 40, saw));
            if (server.Arg(1).StartsWith('/') || server.Arg(1).StartsWith("unix@", StringComparison.Ordinal)) clues.Add(new("upstream.permission", 50, saw));
        }
    }

    /// <summary>Without a timeout of its own a tunnel has the smaller of those of client and server.</summary>
    private static (double, string)? IdleOf(HaproxySection front, HaproxySection back, HaproxySection? defaults)
    {
        if ((back.Timeout("tunnel") ?? front.Timeout("tunnel") ?? defaults?.Timeout("tunnel")) is { } tunnel) return (HaproxySyntax.Seconds(tunnel.Arg(1)), $"{tunnel.Where}: {tunnel.Text}");
        var least = new[] { front.Timeout("client") ?? defaults?.Timeout("client"), back.Timeout("server") ?? defaults?.Timeout("server") }.OfType<HaproxyLine>().MinBy(l => HaproxySyntax.Seconds(l.Arg(1)));
        return least is null ? null : (HaproxySyntax.Seconds(least.Arg(1)), $"{least.Where}: {least.Text}, and there is no timeout tunnel");
    }

    private static void JudgeTimes(HaproxySection front, HaproxySection back, HaproxySection? defaults, List<Clue> clues)
    {
        var tunnel = back.Timeout("tunnel") ?? front.Timeout("tunnel") ?? defaults?.Timeout("tunnel");
        if (tunnel is not null)
        {
            if (HaproxySyntax.Seconds(tunnel.Arg(1)) < PingPause) clues.Add(new("tunnel.idle_timeout", 70, $"{tunnel.Where}: {tunnel.Text}") { Edits = [new(tunnel.File.Path, tunnel.Start, tunnel.End - tunnel.Start, "timeout tunnel 1h")] });
            return;
        }
        foreach (var line in (HaproxyLine?[])[front.Timeout("client") ?? defaults?.Timeout("client"), back.Timeout("server") ?? defaults?.Timeout("server")])
            if (line is not null && HaproxySyntax.Seconds(line.Arg(1)) < PingPause)
            {
                clues.Add(new("tunnel.idle_timeout", 60, $"{line.Where}: {line.Text}, and there is no timeout tunnel") { Edits = [new(line.File.Path, line.End, 0, line.File.NewLine + line.File.IndentAt(line.Start) + "timeout tunnel 1h")] });
                return;
            }
    }

    private static Edit WithoutLine(HaproxyLine line)
    {
        var text = line.File.Text;
        var start = text.LastIndexOf('\n', Math.Max(0, line.Start - 1)) + 1;
        var end = text.IndexOf('\n', line.End);
        return new Edit(line.File.Path, start, (end < 0 ? text.Length : end + 1) - start, "");
    }

    /// <summary>Takes the first of these phrases that stands in the line out of it.</summary>
    private static Edit Drop(HaproxyLine line, params ReadOnlySpan<string> phrases)
    {
        var text = line.File.Text[line.Start..line.End];
        foreach (var phrase in phrases)
        {
            var at = text.IndexOf(" " + phrase, StringComparison.Ordinal);
            if (at >= 0) return new Edit(line.File.Path, line.Start + at, phrase.Length + 1, "");
        }
        return new Edit(line.File.Path, line.End, 0, "");
    }
}
