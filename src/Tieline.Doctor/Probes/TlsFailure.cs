using System.Text;

namespace Tieline.Doctor.Probes;

/// <summary>Reads why a TLS handshake failed from the bytes that came, and only then from OpenSSL's words.</summary>
internal static class TlsFailure
{
    public const int HandshakeFailure = 40, ProtocolVersion = 70, InternalError = 80, UnrecognizedName = 112, CertificateRequired = 116, NoApplicationProtocol = 120;

    private static readonly (string Words, int Alert)[] _spoken =
    [
        ("unrecognized name", UnrecognizedName),
        ("no application protocol", NoApplicationProtocol),
        ("alert protocol version", ProtocolVersion),
        ("unsupported protocol", ProtocolVersion),
        ("alert internal error", InternalError),
        ("certificate required", CertificateRequired),
        ("alert handshake failure", HandshakeFailure),
    ];

    public static Answer Of(Exception e, byte[] first)
    {
        if (e is OperationCanceledException) return new Answer { Fault = first.Length == 0 ? Fault.TlsSilent : Fault.TlsRefused, Detail = "it stopped answering" };
        if (first.Length > 0 && first[0] is < 0x14 or > 0x17) return new Answer { Fault = Fault.TlsNotSpoken, Raw = first[..Math.Min(256, first.Length)], Detail = "it answers: " + Answer.Clip(Encoding.Latin1.GetString(first, 0, Math.Min(60, first.Length)), 60) };
        var alert = AlertOf(first, e);
        if (alert >= 0) return new Answer { Fault = Fault.TlsRefused, Detail = $"TLS alert {alert} {NameOf(alert)}" };
        if (first.Length == 0) return new Answer { Fault = Fault.TlsReset, Detail = "it ended after the ClientHello" };
        return new Answer { Fault = Fault.TlsRefused, Detail = Answer.Clip((e.InnerException ?? e).Message, 120) };
    }

    /// <summary>The last alert record among the bytes, else the one that OpenSSL names; -1 when there is none.</summary>
    public static int AlertOf(byte[] first, Exception e)
    {
        for (var at = 0; at + 5 <= first.Length;)
        {
            var length = (first[at + 3] << 8) | first[at + 4];
            // Two bytes of plain text: level and description. An encrypted alert is longer and says nothing here.
            if (first[at] == 0x15 && length == 2 && at + 7 <= first.Length) return first[at + 6];
            at += 5 + length;
        }
        for (var x = e; x is not null; x = x.InnerException)
            foreach (var (words, alert) in _spoken)
                if (x.Message.Contains(words, StringComparison.OrdinalIgnoreCase)) return alert;
        return -1;
    }

    public static string NameOf(int alert) => alert switch
    {
        HandshakeFailure => "handshake_failure",
        ProtocolVersion => "protocol_version",
        InternalError => "internal_error",
        UnrecognizedName => "unrecognized_name",
        CertificateRequired => "certificate_required",
        NoApplicationProtocol => "no_application_protocol",
        42 => "bad_certificate",
        71 => "insufficient_security",
        49 => "access_denied",
        _ => "",
    };
}
