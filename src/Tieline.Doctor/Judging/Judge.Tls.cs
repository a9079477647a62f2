using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Judging;

internal sealed partial class Judge
{
    /// <summary>A bad certificate is the cause, whoever answers behind it: clients never come that far.</summary>
    private void JudgeCertificate()
    {
        if (First.Tls is not { Flaw: not CertificateFlaw.None and var flaw } tls || tls.Names.Count == 0) return;
        var host = file.Target.Front.Host;
        var names = string.Join(", ", tls.Names);
        switch (flaw)
        {
            case CertificateFlaw.Name when First.Opened:
                _suspects.Add("tls.cert_name_mismatch", Proven, $"the certificate is for {names}, not for {host}; behind it the right application answers");
                break;
            case CertificateFlaw.Name:
                // Another certificate and another speaker: the request fell into another site.
                _suspects.Add("tls.wrong_vhost_cert", Proven, $"the certificate is for {names}, not for {host}, and behind it someone else answers: {First.Summary()}");
                _suspects.Add("tls.cert_name_mismatch", Plausible);
                break;
            case CertificateFlaw.Expired:
                _suspects.Add("tls.cert_expired", Proven, $"the certificate expired on {tls.NotAfter:yyyy-MM-dd}");
                break;
            case CertificateFlaw.NotYetValid:
                _suspects.Add("tls.cert_not_yet_valid", Proven, $"the certificate begins on {tls.NotBefore:yyyy-MM-dd}");
                break;
            case CertificateFlaw.SelfSigned:
                _suspects.Add("tls.self_signed", Proven, $"the certificate for {names} is signed by itself");
                break;
            case CertificateFlaw.ChainIncomplete:
                _suspects.Add("tls.chain_incomplete", Proven, $"the certificate is signed by '{tls.Issuer}', and that certificate is not sent along");
                _suspects.Add("tls.untrusted", Possible);
                break;
            default:
                _suspects.Add("tls.untrusted", Proven, $"the certificate is signed by '{tls.Issuer}', which is not trusted here");
                break;
        }
    }

    private void JudgeTlsFault()
    {
        var plainAnswers = file[Probe.OtherScheme] is { HasStatus: true };
        switch (First.Fault)
        {
            case Fault.TlsNotSpoken:
                _suspects.Add("client.tls_to_plain_port", plainAnswers ? Proven : Likely, First.Summary());
                if (!plainAnswers) _suspects.Add("net.not_http", Plausible);
                return;
            case Fault.TlsSilent:
                _suspects.Add("net.tls_no_answer", Likely, First.Summary());
                _suspects.Add("net.accepts_never_answers", Possible);
                if (plainAnswers) _suspects.Add("client.tls_to_plain_port", Proven);
                return;
            case Fault.TlsReset:
                if (plainAnswers) _suspects.Add("client.tls_to_plain_port", Proven, Quote("the same port in plain text", file[Probe.OtherScheme]));
                _suspects.Add("net.tls_reset", Likely, First.Summary());
                _suspects.Add(Possible, "net.reset", "net.closed_without_answer", "upstream.refused_backend_down", "proxy.proxy_protocol_expected");
                if (file[Probe.OtherSni] is { Fault: Fault.None } other) _suspects.Add("net.tls_reset", Plausible, Quote("under another name", other));
                return;
        }
        var h2 = file[Probe.AlpnHttp2] is { } a && (a.Tls?.Alpn == "h2" || a.Fault == Fault.NotHttp);
        if (First.Tls is { AsksForCertificate: true, Alert: -1 or TlsFailure.HandshakeFailure })
        {
            _suspects.Add("tls.client_cert_required", Proven, $"TLS asked for a client certificate, none was shown, then {First.Summary()}");
            return;
        }
        switch (First.Tls?.Alert ?? -1)
        {
            case TlsFailure.NoApplicationProtocol:
                _suspects.Add("tls.alpn_h2_only", h2 ? Proven : Likely, First.Summary());
                break;
            case TlsFailure.ProtocolVersion:
                _suspects.Add("tls.old_protocol", Proven, First.Summary());
                break;
            case TlsFailure.UnrecognizedName:
                _suspects.Add("tls.sni_rejected", Proven, First.Summary());
                break;
            case TlsFailure.InternalError:
                _suspects.Add("tls.sni_rejected", Likely, First.Summary());
                break;
            case TlsFailure.CertificateRequired or 42:
                _suspects.Add("tls.client_cert_required", Proven, First.Summary());
                break;
            case TlsFailure.HandshakeFailure:
                if (h2 && file[Probe.AlpnNone] is { Opened: false }) _suspects.Add("tls.alpn_h2_only", Likely, First.Summary());
                _suspects.Add("tls.sni_rejected", Plausible, First.Summary());
                _suspects.Add("tls.old_protocol", Plausible, First.Summary());
                _suspects.Add("tls.client_cert_required", Possible);
                break;
            default:
                if (h2) _suspects.Add("tls.alpn_h2_only", Likely, First.Summary());
                _suspects.Add("tls.old_protocol", First.Detail.Contains("protocol", StringComparison.OrdinalIgnoreCase) ? Likely : Possible, First.Summary());
                _suspects.Add("net.tls_reset", Plausible, First.Summary());
                break;
        }
    }
}
