namespace Tieline.Doctor.Configuration;

internal sealed partial class NginxReader
{
    /// <summary>Whether the path and the query arrive as they were sent.</summary>
    private static void JudgePath(NginxDirective location, NginxDirective pass, List<Clue> clues, ReadingQuestion q)
    {
        var target = pass.Arg(0);
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        var slash = scheme < 0 ? -1 : target.IndexOf('/', scheme + 3);
        var (modifier, pattern) = NginxMatch.Split(location);
        var plain = modifier is "" or "^~";
        if (slash >= 0 && plain && !target.Contains('$', StringComparison.Ordinal))
        {
            var uri = target[slash..];
            if (uri != pattern && q.Path.StartsWith(pattern, StringComparison.Ordinal))
                clues.Add(new("proxy.path_rewritten", 90, $"{pass.Where}: {pass.Words} puts {uri} in place of {pattern}")
                {
                    Edits = [new(pass.File.Path, pass.Start, pass.End - pass.Start, $"proxy_pass {target[..slash]};")],
                });
        }
        else if (slash >= 0 && target.Contains("$uri", StringComparison.Ordinal) && !target.Contains("$is_args", StringComparison.Ordinal) && !target.Contains("$args", StringComparison.Ordinal) && !target.Contains("$query_string", StringComparison.Ordinal))
        {
            clues.Add(new("proxy.query_stripped", 90, $"{pass.Where}: {pass.Words} drops the query")
            {
                Edits = [new(pass.File.Path, pass.Start, pass.End - pass.Start, $"proxy_pass {target}$is_args$args;")],
            });
        }
        foreach (var rewrite in location.All("rewrite").Concat(location.Parent?.All("rewrite") ?? []))
        {
            if (!NginxMatch.Matches(rewrite.Arg(0), q.Path, false)) continue;
            if (rewrite.Arg(1).EndsWith('?') && q.Token)
                clues.Add(new("proxy.query_stripped", 90, $"{rewrite.Where}: {rewrite.Words} ends with ? and drops the query") { Edits = [Question(rewrite)] });
            var to = rewrite.Arg(1).TrimEnd('?');
            if (to.StartsWith("http", StringComparison.Ordinal) || rewrite.Args.Contains("permanent") || rewrite.Args.Contains("redirect"))
                clues.Add(new("proxy.redirect_https", 60, $"{rewrite.Where}: {rewrite.Words}"));
            else if (Rewritten(rewrite, q.Path) is { } result && result.Split('?')[0] != q.Path)
                clues.Add(new("proxy.path_rewritten", 80, $"{rewrite.Where}: {rewrite.Words} makes {result} of {q.Path}") { Edits = [Without(rewrite)] });
        }
        if (location.All("set").Concat(location.Parent?.All("set") ?? []).FirstOrDefault(s => s.Arg(0) == "$args" && s.Arg(1).Length == 0) is { } set)
            clues.Add(new("proxy.query_stripped", 90, $"{set.Where}: {set.Words}") { Edits = [Without(set)] });
    }

    private static string? Rewritten(NginxDirective rewrite, string path)
    {
        try
        {
            return System.Text.RegularExpressions.Regex.Replace(path, rewrite.Arg(0), rewrite.Arg(1).TrimEnd('?'), System.Text.RegularExpressions.RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(200));
        }
        catch (Exception e) when (e is ArgumentException or System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static Edit Question(NginxDirective rewrite)
    {
        var text = rewrite.File.Text[rewrite.Start..rewrite.End];
        var at = text.LastIndexOf('?');
        return new Edit(rewrite.File.Path, rewrite.Start + at, 1, "");
    }

    /// <summary>Where the request goes, with upstream blocks followed.</summary>
    private static List<string> JudgeUpstream(NginxDirective pass, List<NginxDirective> scopes, List<Clue> clues, ReadingQuestion q)
    {
        var target = pass.Arg(0);
        var tls = target.StartsWith("https://", StringComparison.Ordinal);
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return [];
        var rest = target[(scheme + 3)..];
        if (tls) clues.Add(new("upstream.tls_to_plain", 70, $"{pass.Where}: {pass.Words}") { Edits = [Scheme(pass, "https://", "http://")] });
        else clues.Add(new("upstream.plain_to_tls", 5, $"{pass.Where}: {pass.Words}") { Edits = [Scheme(pass, "http://", "https://")] });
        if (rest.StartsWith("unix:", StringComparison.Ordinal)) return [Unix(pass, rest, clues)];
        var authority = rest.Split('/')[0];
        if (authority.Contains('$', StringComparison.Ordinal))
        {
            if (NginxMatch.Inherited(pass.Parent, "resolver").Count == 0) clues.Add(new("upstream.dns", 80, $"{pass.Where}: {pass.Words} has a variable, and there is no resolver"));
            return [];
        }
        var name = authority.Split(':')[0];
        var block = scopes.SelectMany(s => s.All("upstream")).FirstOrDefault(u => u.Arg(0) == authority || u.Arg(0) == name);
        if (block is null)
        {
            OtherAddress(pass, authority, clues, q);
            if (name == "localhost") clues.Add(new("upstream.ipv6_intruder", 50, $"{pass.Where}: localhost is ::1 and 127.0.0.1"));
            else if (!System.Net.IPAddress.TryParse(authority.Contains('[', StringComparison.Ordinal) ? authority.Split(']')[0].TrimStart('[') : name, out _)) clues.Add(new("upstream.dns", 20, $"{pass.Where}: {pass.Words}"));
            return [authority.Contains(':', StringComparison.Ordinal) ? authority : authority + (tls ? ":443" : ":80")];
        }
        var servers = block.All("server").ToList();
        if (servers.Count > 0 && servers.All(s => s.Args.Contains("down"))) clues.Add(new("upstream.marked_down", 90, $"{servers[0].Where}: {servers[0].Words}"));
        var live = servers.Where(s => !s.Args.Contains("down") && !s.Args.Contains("backup")).ToList();
        if (live.Count > 1)
        {
            clues.Add(new("upstream.mixed_versions", 40, $"{block.Where}: {live.Count} servers share the work"));
            if (live.Any(s => s.Arg(0).StartsWith("[::1]", StringComparison.Ordinal)) || live.Any(s => s.Arg(0).StartsWith("localhost", StringComparison.Ordinal)))
                clues.Add(new("upstream.ipv6_intruder", 80, $"{block.Where}: {string.Join(", ", live.Select(s => s.Arg(0)))}"));
        }
        foreach (var server in servers.Where(s => s.Arg(0).StartsWith("unix:", StringComparison.Ordinal))) Unix(server, server.Arg(0), clues);
        if (live.Any(s => s.Arg(0).StartsWith("localhost", StringComparison.Ordinal))) clues.Add(new("upstream.ipv6_intruder", 50, $"{block.Where}: localhost is ::1 and 127.0.0.1"));
        return [.. live.Select(s => s.Arg(0).Contains(':', StringComparison.Ordinal) ? s.Arg(0) : s.Arg(0) + ":80")];
    }

    /// <summary>The server's real address in place of the one that is written, for when nothing listens there.</summary>
    private static void OtherAddress(NginxDirective pass, string authority, List<Clue> clues, ReadingQuestion q)
    {
        var at = pass.File.Text.IndexOf(authority, pass.Start, StringComparison.Ordinal);
        if (at < 0) return;
        if (q.Backend is { } backend && backend != authority)
            clues.Add(new("upstream.refused_wrong_port", 5, $"{pass.Where}: {pass.Words}") { Edits = [new(pass.File.Path, at, authority.Length, backend)] });
        var port = authority.Split(':')[^1];
        if (q.Listening?.FirstOrDefault(l => l.EndsWith(":" + port, StringComparison.Ordinal) && l.StartsWith("127.", StringComparison.Ordinal)) is { } elsewhere && elsewhere != authority)
            clues.Add(new("upstream.refused_wrong_interface", 5, $"{pass.Where}: {pass.Words}") { Edits = [new(pass.File.Path, at, authority.Length, elsewhere)] });
    }

    private static Edit Scheme(NginxDirective pass, string from, string to)
    {
        var at = pass.File.Text.IndexOf(from, pass.Start, StringComparison.Ordinal);
        return new Edit(pass.File.Path, at < 0 ? pass.Start : at, at < 0 ? 0 : from.Length, at < 0 ? "" : to);
    }

    private static string Unix(NginxDirective directive, string target, List<Clue> clues)
    {
        var path = target["unix:".Length..].Split(':')[0];
        // The master runs as root, the workers do not: without rights for others a socket of another user stays shut.
        if (!File.Exists(path)) clues.Add(new("upstream.refused_backend_down", 80, $"{directive.Where}: {path} does not exist"));
        else if (!OperatingSystem.IsWindows() && !File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherWrite)) clues.Add(new("upstream.permission", 80, $"{directive.Where}: {directive.Words}; its rights are {File.GetUnixFileMode(path)}"));
        return "unix:" + path;
    }
}
