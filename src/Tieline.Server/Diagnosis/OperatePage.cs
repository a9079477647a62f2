using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Tieline.Server.Bus;
using Tieline.Server.Postgres;

namespace Tieline.Server.Diagnosis;

/// <summary>The operator's page as plain HTML: no script, one style that the policy names by its digest, every foreign word encoded.</summary>
internal static class OperatePage
{
    private const string Style = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}"
        + "h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .3rem}"
        + "section{border-top:1px solid #d0d7de;padding:.5rem 0}table{border-collapse:collapse;width:100%;font-size:.85rem}"
        + "td,th{text-align:left;padding:.25rem .6rem .25rem 0;vertical-align:top;overflow-wrap:anywhere}th{font-weight:600}"
        + "pre,code{font:13px/1.45 ui-monospace,monospace}pre{background:#f6f8fa;padding:.7rem;overflow-x:auto}"
        + ".count{font-weight:600}.dim{color:#57606a}form{margin:1rem 0}input,button{font:inherit;padding:.3rem .6rem}"
        + "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}section{border-color:#30363d}pre{background:#161b22}.dim{color:#8b949e}}";

    /// <summary>Nothing but this page's own style and its form.</summary>
    public static readonly string Policy = "default-src 'none'; style-src 'sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))
        + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static string Door(string? problem) => Whole("Tieline: operator", $"""
        <h1>Tieline</h1>
        <p>The operator's page: which sockets did not open, why, and what to change.</p>
        {(problem is null ? "" : $"<p role=\"alert\">{Encode(problem)}</p>")}
        <form method="post" action="operate"><label>Operator token <input type="password" name="token" autocomplete="current-password" required></label> <button>Open</button></form>
        """);

    public static string Closed() => Whole("Tieline: operator", """
        <h1>Tieline</h1>
        <p>The operator's page is closed, because the setting <code>operator_token</code> is empty. Set it to at least 16 characters and restart the server.</p>
        """);

    public static string Overview(OperateView view)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<h1>Tieline, {Encode(view.Node)}</h1>\n<p>{view.OpenLines} open lines. Times are UTC; what is older than a day is forgotten. The same as <a href=\"operate.json\">JSON</a>.</p>\n");
        if (view.Bus.Address is not null) text.Append(CultureInfo.InvariantCulture, $"<p>{Encode(Sentence(view.Bus))}</p>\n");
        foreach (var replica in view.Replicas) text.Append(CultureInfo.InvariantCulture, $"<p>{Encode(Sentence(replica))}</p>\n");
        text.Append("<h2>Attempts that failed</h2>\n");
        if (view.Troubles.Count == 0) text.Append("<p>None. Every handshake that reached this server was answered as it should be. What never reaches it, <code>tieline doctor</code> finds from outside.</p>\n");
        foreach (var trouble in view.Troubles) Append(text, trouble);
        text.Append("<h2>What clients report</h2>\n");
        if (view.Reports.Count == 0) text.Append("<p>Nothing.</p>\n");
        foreach (var group in view.Reports) Append(text, group);
        text.Append("<form method=\"post\" action=\"operate\"><input type=\"hidden\" name=\"leave\" value=\"1\"><button>Sign out</button></form>\n");
        return Whole("Tieline: operator", text.ToString(), refresh: true);
    }

    private static string Sentence(BusStatus bus) => bus.Kind == "up"
        ? $"The bus at {bus.Address} is there since {Moment(bus.Since)}. Other nodes heard: {(bus.Nodes.Count == 0 ? "none" : string.Join(", ", bus.Nodes))}."
        : $"The bus at {bus.Address} is away since {Moment(bus.Since)}: {bus.Why ?? "no answer"}. Messages are delivered all the same, within 2 s; typing, presence, limits, attempts and tickets are this node's own.";

    private static string Sentence(ReplicaStatus replica) => replica.Why is { } why
        ? $"The replica at {replica.Address} is not read from since {Moment(replica.Since)}: {why}. History and searches are read from the primary."
        : $"History and searches are read from the replica at {replica.Address} since {Moment(replica.Since)}; {replica.Reads} reads so far.";

    private static void Append(StringBuilder text, Trouble trouble)
    {
        var finding = trouble.Finding;
        text.Append(CultureInfo.InvariantCulture, $"<section>\n<h3>{Encode(finding.Code)} {Encode(finding.Title)} <span class=\"count\">×{trouble.Count}</span></h3>\n");
        text.Append(CultureInfo.InvariantCulture, $"<p class=\"dim\">{Encode(finding.Cause)}, first {Moment(trouble.First)}, last {Moment(trouble.Last)}</p>\n<p>{Encode(finding.Why)}</p>\n<p><b>Fix:</b> {Encode(finding.Fix)}</p>\n");
        if (OperateView.ProxyLines(finding.Cause) is { Length: > 0 } lines) text.Append("<pre>").Append(Encode(lines)).Append("</pre>\n");
        text.Append(CultureInfo.InvariantCulture, $"<pre>{Encode(OperateView.Command(trouble))}</pre>\n<table>\n<tr><th>when</th><th>from</th><th>by</th><th>answer</th><th>what arrived</th><th>attempt</th></tr>\n");
        foreach (var one in trouble.Latest.Reverse())
        {
            var saw = string.Join(", ", one.Request.Headers.Where(h => h.Key is "Upgrade" or "Connection" or "Host" or "Origin" or "Via").Select(h => $"{h.Key}: {h.Value}"));
            text.Append(CultureInfo.InvariantCulture, $"<tr><td>{Moment(one.At)}</td><td>{Encode(one.Address)}</td><td>{Encode(one.Peer)}</td><td>{one.Answer} {Encode(one.Reason)}</td><td>{Encode(one.Request.Method)} {Encode(one.Request.Path)} {Encode(one.Request.HttpVersion)}; {Encode(saw)}</td><td>{Encode(one.Attempt)}</td></tr>\n");
        }
        text.Append("</table>\n</section>\n");
    }

    private static void Append(StringBuilder text, ReportGroup group)
    {
        text.Append(CultureInfo.InvariantCulture, $"<section>\n<h3>{Encode(group.Code)} <span class=\"count\">×{group.Count}</span></h3>\n");
        if (group.Finding is { } finding) text.Append(CultureInfo.InvariantCulture, $"<p>{Encode(finding.Code)} {Encode(finding.Title)}. {Encode(finding.Why)}</p>\n<p><b>Fix:</b> {Encode(finding.Fix)}</p>\n");
        text.Append("<table>\n");
        foreach (var (at, report) in group.Latest.Reverse()) text.Append(CultureInfo.InvariantCulture, $"<tr><td>{Moment(at)}</td><td>{Encode(report)}</td></tr>\n");
        text.Append("</table>\n</section>\n");
    }

    private static string Whole(string title, string body, bool refresh = false) =>
        $"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{(refresh ? "<meta http-equiv=\"refresh\" content=\"30\">\n" : "")}"
        + $"<title>{title}</title>\n<style>{Style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n";

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
