namespace Tieline.Doctor.Configuration;

internal sealed partial class ApacheReader
{
    private static void JudgeServer(ApacheDirective root, ApacheDirective scope, List<Clue> clues)
    {
        foreach (var name in (string[])["LimitRequestLine", "LimitRequestFieldSize", "LimitRequestFields"])
            if (scope.All(name).Concat(root.All(name)).FirstOrDefault() is { } limit) clues.Add(new("limit.header_size", 70, $"{limit.Where}: {limit.Words}"));
        var prefork = root.Deep("LoadModule").FirstOrDefault(m => m.Arg(0) == "mpm_prefork_module");
        if (root.Deep("MaxRequestWorkers").Concat(root.Deep("MaxClients")).FirstOrDefault() is { } workers && int.TryParse(workers.Arg(0), out var n) && n < 150)
            clues.Add(new("limit.workers", 80, $"{workers.Where}: {workers.Words}; each socket holds one"));
        else if (prefork is not null) clues.Add(new("limit.workers", 60, $"{prefork.Where}: mpm_prefork gives each socket a process"));
        // A tunnel ends at the larger of Timeout and the worker's own; 60 s is the default of the first.
        var timeout = scope.All("Timeout").Concat(root.All("Timeout")).FirstOrDefault();
        if (timeout is not null && double.TryParse(timeout.Arg(0), out var seconds) && seconds < 25)
            clues.Add(new("tunnel.idle_timeout", 60, $"{timeout.Where}: {timeout.Words}") { Edits = [new(timeout.File.Path, timeout.Start, timeout.End - timeout.Start, "Timeout 75")] });
    }

    /// <summary>Rules that answer before the proxy does. A person decides about them.</summary>
    private static void JudgeGate(ApacheDirective scope, ApacheDirective root, ReadingQuestion q, List<Clue> clues)
    {
        foreach (var section in scope.Children.Where(c => c.Is("<Location") || c.Is("<LocationMatch") || c.Is("<Proxy")).Append(scope))
        {
            if (section.Is("<Location") && !Covers(section.Arg(0), q.Path)) continue;
            foreach (var rule in section.Deep("Require").Where(r => r.Parent is not { } p || !(p.Is("<LimitExcept") || p.Is("<Limit"))).Where(r => r.Arg(0) is "ip" or "host" or "local" || (r.Arg(0) == "all" && r.Arg(1) == "denied") || r.Arg(0) == "not"))
                clues.Add(new("policy.ip_denied", 80, $"{rule.Where}: {rule.Words}"));
            foreach (var rule in section.Deep("Deny")) clues.Add(new("policy.ip_denied", 70, $"{rule.Where}: {rule.Words}"));
            foreach (var rule in section.Deep("AuthType")) clues.Add(new("policy.basic_auth", 80, $"{rule.Where}: {rule.Words}"));
            foreach (var rule in section.Children.Where(c => (c.Is("<LimitExcept") && !c.Args.Contains("GET")) || (c.Is("<Limit") && c.Args.Contains("GET")))) clues.Add(new("policy.method", 120, $"{rule.Where}: {rule.Words}"));
        }
        if (scope.Deep("SecRuleEngine").Concat(root.All("SecRuleEngine")).FirstOrDefault(r => r.Arg(0).Equals("On", StringComparison.OrdinalIgnoreCase)) is { } engine)
            clues.Add(new("policy.waf", 80, $"{engine.Where}: {engine.Words}"));
        foreach (var redirect in scope.Children.Where(c => c.Is("Redirect") || c.Is("RedirectMatch") || c.Is("RedirectPermanent")))
            if (redirect.Args.Any(a => a.StartsWith("https://", StringComparison.Ordinal)))
            {
                clues.Add(new("proxy.redirect_https", 80, $"{redirect.Where}: {redirect.Words}"));
                clues.Add(new("chain.redirect_loop", 60, $"{redirect.Where}: {redirect.Words}"));
            }
        foreach (var agent in scope.Deep("BrowserMatch").Concat(scope.Deep("BrowserMatchNoCase")).Concat(scope.Deep("SetEnvIfNoCase")).Where(a => a.Words.Contains("User-Agent", StringComparison.OrdinalIgnoreCase)))
            clues.Add(new("policy.user_agent", 60, $"{agent.Where}: {agent.Words}"));
        if (scope.Deep("CacheEnable").FirstOrDefault() is { } cache) clues.Add(new("proxy.cached_error", 60, $"{cache.Where}: {cache.Words}"));
    }

    /// <summary>Rewrite rules; true where one of them passes a browser's handshake on.</summary>
    private static bool JudgeRewrites(ApacheDirective scope, ReadingQuestion q, List<Clue> clues)
    {
        var passes = false;
        var conditions = new List<ApacheDirective>();
        foreach (var line in scope.Children)
        {
            if (line.Is("RewriteCond")) conditions.Add(line);
            if (!line.Is("RewriteRule")) continue;
            passes |= JudgeRule(line, conditions, q, clues);
            conditions = [];
        }
        return passes;
    }

    private static bool JudgeRule(ApacheDirective rule, List<ApacheDirective> conditions, ReadingQuestion q, List<Clue> clues)
    {
        var saw = $"{rule.Where}: {rule.Words}";
        var flags = rule.Arg(2).Trim('[', ']').Split(',');
        var target = rule.Arg(1);
        if (target.StartsWith("https://", StringComparison.Ordinal) && flags.Any(f => f.StartsWith('R')))
        {
            clues.Add(new("proxy.redirect_https", 80, saw));
            clues.Add(new("chain.redirect_loop", 60, saw));
        }
        if (flags.Contains("F") || flags.Any(f => f.StartsWith("R=403", StringComparison.Ordinal)))
        {
            var words = string.Join(' ', conditions.Select(c => c.Words));
            clues.Add(new(words.Contains("User-Agent", StringComparison.OrdinalIgnoreCase) || words.Contains("USER_AGENT", StringComparison.Ordinal) ? "policy.user_agent" : words.Contains("REMOTE_ADDR", StringComparison.Ordinal) ? "policy.ip_denied" : words.Contains("METHOD", StringComparison.Ordinal) ? "policy.method" : words.Contains("Origin", StringComparison.OrdinalIgnoreCase) ? "policy.origin" : "policy.waf", 60, saw));
        }
        if (flags.Any(f => f.StartsWith("R=503", StringComparison.Ordinal))) clues.Add(new("proxy.maintenance", 80, saw));
        if (!target.StartsWith("ws", StringComparison.Ordinal) || !flags.Contains("P")) return false;
        var passes = true;
        foreach (var condition in conditions)
        {
            var header = condition.Arg(0).Contains("Upgrade}", StringComparison.OrdinalIgnoreCase) ? "websocket" : condition.Arg(0).Contains("Connection}", StringComparison.OrdinalIgnoreCase) ? "Upgrade" : null;
            if (header is null) continue;
            var ignoreCase = condition.Arg(2).Contains("NC", StringComparison.OrdinalIgnoreCase);
            passes &= JudgeCondition(condition, header, ignoreCase, clues);
        }
        if (target.EndsWith('?')) clues.Add(new("proxy.query_stripped", 80, saw) { Edits = [SwapText(rule, target, target.TrimEnd('?'))] });
        _ = q;
        return passes;
    }

    private static bool JudgeCondition(ApacheDirective condition, string header, bool ignoreCase, List<Clue> clues)
    {
        var pattern = condition.Arg(1);
        bool Holds(string value) => pattern.StartsWith('=') ? string.Equals(pattern[1..], value, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal) : NginxMatch.Matches(pattern, value, ignoreCase);
        if (!Holds(header))
        {
            clues.Add(new("proxy.upgrade_headers_missing", 100, $"{condition.Where}: {condition.Words} is not true for \"{header}\"") { Edits = [new(condition.File.Path, condition.Start, condition.End - condition.Start, $"RewriteCond {condition.Arg(0)} {header} [NC]")] });
            return false;
        }
        if (header == "Upgrade" && !Holds("keep-alive, Upgrade"))
            clues.Add(new("proxy.connection_exact_match", 100, $"{condition.Where}: {condition.Words} is not true for Firefox's \"keep-alive, Upgrade\"") { Edits = [new(condition.File.Path, condition.Start, condition.End - condition.Start, $"RewriteCond {condition.Arg(0)} upgrade [NC]")] });
        return true;
    }
}
