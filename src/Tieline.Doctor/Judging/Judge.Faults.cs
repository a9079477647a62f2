using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    /// <summary>No HTTP answer: how far did it come, and does anything else come further?</summary>
    private void JudgeFault()
    {
        switch (First.Fault)
        {
            case Fault.NameUnknown: _suspects.Add("dns.nxdomain", Proven, $"no address for {file.Target.Front.Host}"); break;
            case Fault.Refused: _suspects.Add("net.tcp_refused", Proven, First.Summary()); break;
            case Fault.Unreachable: _suspects.Add("net.unreachable", Proven, First.Summary()); break;
            case Fault.ConnectTimeout: _suspects.Add("net.tcp_dropped", Proven, First.Summary()); break;
            case Fault.ForwardDenied: _suspects.Add("client.forward_proxy_denies", Proven, First.Summary()); break;
            case Fault.ForwardAuth: _suspects.Add("client.forward_proxy_auth", Proven, First.Summary()); break;
            case Fault.Silent: JudgeSilence(); break;
            case Fault.NotHttp: JudgeStrangeBytes(); break;
            case Fault.Closed or Fault.Reset: JudgeClosed(); break;
            default: JudgeTlsFault(); break;
        }
    }

    private bool Http2Answers => file[Probe.Http2Preface] is { } a && IsHttp2(a);

    /// <summary>A SETTINGS frame on stream 0 begins every HTTP/2 server's side.</summary>
    internal static bool IsHttp2(Answer? answer) => answer is { Raw: { Length: >= 9 } raw } && raw[0] == 0 && raw[3] == 4 && raw[5] == 0 && raw[6] == 0 && raw[7] == 0 && raw[8] == 0;

    private static bool IsTlsRecord(Answer? answer) => answer is { Raw: { Length: >= 3 } raw } && raw[0] is 0x15 or 0x16 && raw[1] == 3;

    private bool OtherSchemeAnswers => file[Probe.OtherScheme] is { HasStatus: true };

    private bool ProxyLineHelps => file[Probe.ProxyPrefix] is { HasStatus: true, Status: not 400 };

    private void JudgeStrangeBytes()
    {
        if (IsTlsRecord(First) || (!Secure && OtherSchemeAnswers))
            _suspects.Add("client.plain_to_tls_port", Proven, $"{First.Summary()}; with TLS: {file[Probe.OtherScheme]?.Summary()}");
        else if (IsHttp2(First) || Http2Answers)
            _suspects.Add("proxy.http2_only", Proven, "it answers HTTP/1.1 with HTTP/2 frames");
        else if (ProxyLineHelps)
            _suspects.Add("proxy.proxy_protocol_expected", Proven, Quote("with a PROXY line in front", file[Probe.ProxyPrefix]));
        else
            JudgeBanner();
    }

    /// <summary>Bytes of another protocol: of the port itself, or of what a proxy forwards to (nginx lets a banner through).</summary>
    private void JudgeBanner()
    {
        var others = new[] { Known, file[Probe.Random], file[Probe.Malformed] };
        if (others.Any(a => a is { HasStatus: true }))
        {
            _suspects.Add("upstream.wrong_service", Proven, $"{First.Summary()}, while the same port answers other requests with HTTP");
            return;
        }
        _suspects.Add("net.not_http", Likely + 20, First.Summary());
        _suspects.Add("upstream.wrong_service", Plausible);
    }

    private void JudgeSilence()
    {
        var answers = new[] { Plain, Known, file[Probe.Random], file[Probe.Malformed] }.Where(a => a is not null).ToList();
        var talks = answers.Where(a => a!.HasStatus).ToList();
        var saw = First.Summary();
        if (OtherSchemeAnswers && !Secure && talks.Count == 0)
        {
            _suspects.Add("client.plain_to_tls_port", Proven, $"{saw}; with TLS: {file[Probe.OtherScheme]!.Summary()}");
            return;
        }
        if (Http2Answers && talks.Count == 0) _suspects.Add("proxy.http2_only", Proven, "it answers an HTTP/2 preface");
        if (ProxyLineHelps) _suspects.Add("proxy.proxy_protocol_expected", Proven, Quote("with a PROXY line in front", file[Probe.ProxyPrefix]));
        if (talks.Count == 0)
        {
            _suspects.Add("net.accepts_never_answers", Likely, saw);
            _suspects.Add(Possible, "upstream.hung", "limit.workers", "limit.connections", "upstream.unreachable", "proxy.proxy_protocol_expected");
        }
        else if (Plain is { HasStatus: true } plain)
        {
            _suspects.Add("net.middlebox_drops_upgrade", Likely, $"{saw}; the same path without an upgrade: {plain.Summary()}");
            _suspects.Add(Plausible, "upstream.hung");
        }
        else
        {
            // Something in front speaks (its own error page), what is behind it does not.
            var all = talks.All(a => Speaker.Of(a).IsProxy || a == file[Probe.Malformed]);
            _suspects.Add("upstream.hung", Likely + (all ? 20 : 0), $"{saw}; but {talks[0]!.Summary()}");
            _suspects.Add(Plausible, "upstream.unreachable");
            _suspects.Add(Possible, "limit.workers", "limit.connections", "upstream.tls_to_plain");
        }
    }

    private void JudgeClosed()
    {
        var saw = First.Summary();
        if (First.Tls is { AsksForCertificate: true })
        {
            // TLS 1.3 refuses only after the client believes that all is well.
            _suspects.Add("tls.client_cert_required", Proven, $"TLS asked for a client certificate, none was shown, then {saw}");
            return;
        }
        if (OtherSchemeAnswers && !Secure) _suspects.Add("client.plain_to_tls_port", Proven, $"{saw}; with TLS: {file[Probe.OtherScheme]!.Summary()}");
        if (Http2Answers && file[Probe.Malformed] is not { HasStatus: true }) _suspects.Add("proxy.http2_only", Proven, "it answers an HTTP/2 preface, and HTTP/1.1 with nothing at all");
        if (ProxyLineHelps) _suspects.Add("proxy.proxy_protocol_expected", Proven, Quote("with a PROXY line in front", file[Probe.ProxyPrefix]));
        var known = Known is { HasStatus: true };
        var plain = Plain is { HasStatus: true };
        var random = file[Probe.Random] is { HasStatus: true };
        var malformed = file[Probe.Malformed] is { HasStatus: true };
        if (Plain is { Status: 502 or 503 or 504 } page && Speaker.Of(page).IsProxy)
        {
            // A pipe that finds nobody at its other end just closes; to a plain request the proxy can say so.
            var both = $"{saw}; the same path without an upgrade: {page.Summary()}";
            _suspects.Add("upstream.refused_backend_down", Likely, both);
            _suspects.Add(Plausible, "upstream.refused_wrong_port", "upstream.health_check_wrong", "upstream.refused_wrong_interface", "upstream.resets");
            _suspects.Add(Possible, "upstream.unreachable", "upstream.hung", "net.middlebox_drops_upgrade", "upstream.plain_to_tls", "upstream.dns");
        }
        else if (plain)
        {
            _suspects.Add("net.middlebox_drops_upgrade", Plausible, $"{saw}; the same path without an upgrade: {Plain!.Summary()}");
            _suspects.Add("net.reset", Plausible, saw);
        }
        else if (known || random)
        {
            _suspects.Add("upstream.resets", Likely, $"{saw}; other paths answer");
            _suspects.Add("upstream.wrong_service", Plausible, saw);
        }
        else if (file[Probe.OtherHost] is { HasStatus: true } other)
        {
            _suspects.Add("proxy.wrong_vhost", Proven, $"{saw}; under another name: {other.Summary()}");
        }
        else if (malformed)
        {
            // An HTTP server reads us and closes on purpose: `return 444`, which takes no time, or what it forwards to closes.
            var waited = First.Ms > 500 && Plain is { Ms: > 500 };
            if (waited) _suspects.Add("upstream.wrong_service", Likely, $"{saw}, after {Plain!.Ms} ms");
            _suspects.Add("proxy.wrong_vhost", waited ? Possible : Likely, $"{saw}; a broken request is answered: {file[Probe.Malformed]!.Summary()}");
            _suspects.Add(Plausible, "upstream.wrong_service", "upstream.resets", "net.closed_without_answer");
            // nginx closes so for a name (return 444); HAProxy knows no such thing, but a rule that drops or rejects.
            if (FrontName == "haproxy" && !waited) _suspects.Add("policy.ip_denied", Likely + 20, $"{saw}; HAProxy does so where a rule says silent-drop or reject");
            else _suspects.Add("policy.ip_denied", Plausible - 5);
        }
        else if (Secure)
        {
            // TLS ends here and there is nobody behind it: a terminator that forwards bytes.
            _suspects.Add("upstream.refused_backend_down", Likely, $"TLS opens, then {saw}");
            _suspects.Add(Plausible, "net.closed_without_answer", "upstream.proxy_protocol_unexpected", "upstream.resets");
        }
        else
        {
            _suspects.Add(First.Fault == Fault.Reset ? "net.reset" : "net.closed_without_answer", Likely, saw);
            _suspects.Add(First.Fault == Fault.Reset ? "net.closed_without_answer" : "net.reset", Possible);
            _suspects.Add("upstream.refused_backend_down", Plausible);
            _suspects.Add(Possible, "upstream.plain_to_tls", "proxy.http2_only", "proxy.proxy_protocol_expected", "client.plain_to_tls_port");
        }
    }
}
