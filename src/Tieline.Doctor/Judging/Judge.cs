using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

/// <summary>
/// Reasons from what was seen to causes, along the path of a connection. It knows no names of cases and no tables of
/// answers: every rule compares two probes that differ in one thing, or reads what a program says about itself.
/// </summary>
internal sealed partial class Judge(CaseFile file)
{
    private const int Proven = Suspects.Proven, Likely = Suspects.Likely, Plausible = Suspects.Plausible, Possible = Suspects.Possible;

    private readonly Suspects _suspects = new();
    private readonly List<string> _notes = [];

    private Answer First => file.First;

    private Answer? Plain => file[Probe.Plain];

    private Answer? Known => file[Probe.Known];

    private Answer? Direct => file[Probe.Direct];

    private bool Secure => file.Target.Front.Secure;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The program in front, where its own error page gives it away.</summary>
    public string FrontName => _frontName ??= NameFront();

    private string? _frontName;

    public Suspects Outside()
    {
        JudgeElsewhere();
        if (_suspects.Top < Proven) JudgeCertificate();
        if (_suspects.Top >= Proven) return _suspects;
        if (First.Fault != Fault.None) JudgeFault();
        else if (First.Flaw is { } flaw) JudgeFlaw(flaw);
        else if (First.Status != 101) JudgeRefusal();
        else if (!file.Opened) JudgeDeadLine();
        else JudgeOpened();
        if (!file.Opened && file.Options.Backend is not null) JudgeDirect();
        return _suspects;
    }

    private void JudgeFlaw(HandshakeFlaw flaw)
    {
        _suspects.Add(flaw.Cause, Proven, $"the answer is 101, but {flaw.Words}");
        // A proxy that misses the key may make one up, and then the answer belongs to that one.
        if (flaw.Cause == "proxy.wrong_accept") _suspects.Add("proxy.ws_key_stripped", FrontName == "haproxy" ? Proven + 10 : Plausible, FrontName == "haproxy" ? "HAProxy makes a key of its own where a rule has taken the client's away" : "");
    }

    private string NameFront()
    {
        foreach (var probe in (Probe[])[Probe.Malformed, Probe.Random, Probe.Plain, Probe.Handshake])
            if (Speaker.Of(file[probe]) is { IsProxy: true } speaker) return speaker.Name;
        if (file[Probe.Malformed] is { HasStatus: true } m)
        {
            if (m["Server"] is { } server) return server.Split('/', ' ')[0].ToLowerInvariant();
            // Go's server answers a broken header with this sentence; among the proxies that is Caddy (or Traefik).
            if (m.BodyHas("400 Bad Request") && m["Content-Type"]?.Contains("charset=utf-8", StringComparison.Ordinal) == true) return "caddy";
        }
        var name = (First["Server"] ?? "").Split('/', ' ')[0].ToLowerInvariant();
        return name is "nginx" or "openresty" or "apache" or "caddy" or "h2o" or "lighttpd" ? name : "";
    }

    /// <summary>Whether anything suggests a proxy between us and the application.</summary>
    private bool ProxyInFront =>
        FrontName is "nginx" or "apache" or "haproxy" or "caddy" or "varnish" or "lighttpd" or "h2o" or "squid" || First["Via"] is not null;

    private static string Quote(string what, Answer? answer) => answer is null ? "" : $"{what}: {answer.Summary()}";
}
