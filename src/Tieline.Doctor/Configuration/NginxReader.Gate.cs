namespace Tieline.Doctor.Configuration;

internal sealed partial class NginxReader
{
    /// <summary>What decides before a request is forwarded: returns, redirects, rules about who may come. None of it is the doctor's to change.</summary>
    private static void JudgeGate(NginxDirective block, NginxDirective server, List<Clue> clues, ReadingQuestion q)
    {
        foreach (var scope in block == server ? [server] : (NginxDirective[])[block, server])
        {
            if (scope.One("return") is { } direct) Returned(direct, clues, scope == server, true);
            foreach (var condition in scope.All("if")) Condition(condition, clues);
        }
        var access = NginxMatch.Inherited(block, "deny");
        if (access.Count > 0) clues.Add(new("policy.ip_denied", 80, $"{access[0].Where}: {access[0].Words}"));
        if (block.One("limit_except") is { } except && !except.Args.Contains("GET")) clues.Add(new("policy.method", 120, $"{except.Where}: {except.Words} refuses GET"));
        if (NginxMatch.Inherited(block, "auth_basic") is [.., var basic] && basic.Arg(0) != "off") clues.Add(new("policy.basic_auth", 80, $"{basic.Where}: {basic.Words}"));
        if (NginxMatch.Inherited(block, "auth_request") is [.., var request] && request.Arg(0) != "off") clues.Add(new("policy.auth_request", 90, $"{request.Where}: {request.Words}"));
        if (NginxMatch.Inherited(block, "limit_req") is [.., var rate]) clues.Add(new("limit.rate", 80, $"{rate.Where}: {rate.Words}"));
        if (NginxMatch.Inherited(block, "limit_conn") is [.., var connections]) clues.Add(new("limit.connections", 80, $"{connections.Where}: {connections.Words}"));
        if (NginxMatch.Value(block, "modsecurity") == "on") clues.Add(new("policy.waf", 70, $"{NginxMatch.Inherited(block, "modsecurity")[0].Where}: modsecurity on"));
        if (NginxMatch.Inherited(block, "proxy_cache") is [.., var cache] && cache.Arg(0) != "off") clues.Add(new("proxy.cached_error", 60, $"{cache.Where}: {cache.Words}"));
        _ = q;
    }

    private static void Returned(NginxDirective direct, List<Clue> clues, bool whole, bool always)
    {
        var saw = $"{direct.Where}: {direct.Words}";
        var strength = always ? 80 : 40;
        switch (direct.Arg(0))
        {
            case "503":
                clues.Add(new("proxy.maintenance", strength, saw));
                break;
            case "444":
                clues.Add(new("proxy.wrong_vhost", strength - 20, saw));
                break;
            case "403":
                clues.Add(new("policy.ip_denied", strength - 40, saw));
                break;
            case "404" when whole:
                clues.Add(new("proxy.wrong_vhost", strength / 2, saw));
                break;
            case "200":
                clues.Add(new("proxy.static_fallback", strength / 2, saw));
                break;
        }
        if (direct.Args.Any(a => a.StartsWith("https://", StringComparison.Ordinal)))
        {
            clues.Add(new("proxy.redirect_https", strength, saw));
            clues.Add(new("chain.redirect_loop", strength / 2, saw));
        }
    }

    private static void Condition(NginxDirective condition, List<Clue> clues)
    {
        if (condition.One("return") is not { } inner) return;
        var saw = $"{condition.Where}: if {string.Join(' ', condition.Args)} {inner.Words}";
        var words = string.Join(' ', condition.Args);
        if (words.Contains("http_user_agent", StringComparison.Ordinal)) clues.Add(new("policy.user_agent", 60, saw));
        else if (words.Contains("http_origin", StringComparison.Ordinal)) clues.Add(new("policy.origin", 60, saw));
        else if (words.Contains("request_method", StringComparison.Ordinal)) clues.Add(new("policy.method", 60, saw));
        else if (words.Contains("-f", StringComparison.Ordinal)) clues.Add(new("proxy.maintenance", 60, saw));
        else if (words.Contains("arg_", StringComparison.Ordinal) || words.Contains("query_string", StringComparison.Ordinal)) clues.Add(new("policy.waf", 50, saw));
        else Returned(inner, clues, false, false);
    }
}
