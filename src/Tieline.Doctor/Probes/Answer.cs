using System.Globalization;
using System.Text;

namespace Tieline.Doctor.Probes;

internal readonly record struct Header(string Name, string Value);

/// <summary>What came back for one request: an HTTP answer, or the place where it ended without one.</summary>
internal sealed record Answer
{
    public Fault Fault { get; init; }

    /// <summary>The system's or the peer's own words for the fault.</summary>
    public string Detail { get; init; } = "";

    public int Status { get; init; }
    public string Reason { get; init; } = "";
    public string HttpVersion { get; init; } = "";
    public IReadOnlyList<Header> Headers { get; init; } = [];
    public string Body { get; init; } = "";

    /// <summary>First bytes where they were no HTTP.</summary>
    public byte[] Raw { get; init; } = [];

    public int Ms { get; init; }
    public TlsReport? Tls { get; init; }

    /// <summary>The 101 breaks RFC 6455 section 4.1 here; null when it is sound or no 101.</summary>
    public HandshakeFlaw? Flaw { get; init; }

    /// <summary>The address that was reached, for the picture of the path.</summary>
    public string Address { get; init; } = "";

    public bool HasStatus => Fault == Fault.None && Status > 0;

    public bool Opened => Status == 101 && Flaw is null && Fault == Fault.None;

    public string? this[string name]
    {
        get
        {
            foreach (var h in Headers)
                if (h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return h.Value;
            return null;
        }
    }

    public int Count(string name) => Headers.Count(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public bool BodyHas(string text) => Body.Contains(text, StringComparison.OrdinalIgnoreCase);

    /// <summary>Status, body and the headers that carry meaning; what two answers are compared by.</summary>
    public bool LooksLike(Answer other) =>
        Fault == other.Fault && Status == other.Status && Flat(Body) == Flat(other.Body) && this["Location"] == other["Location"];

    private static string Flat(string body) => body.Length > 600 ? body[..600] : body;

    /// <summary>One line for a reader: "404 Not Found, {"detail":"Not Found"}, after 12 ms".</summary>
    public string Summary()
    {
        if (Fault != Fault.None) return Detail.Length > 0 ? $"{FaultWords()} ({Detail})" : FaultWords();
        var text = new StringBuilder($"{Status} {Reason}".TrimEnd());
        if (Flaw is { } flaw) text.Append(CultureInfo.InvariantCulture, $", but {flaw.Words}");
        if (this["Location"] is { } to) text.Append(CultureInfo.InvariantCulture, $" to {Clip(to, 120)}");
        if (this["Server"] is { } server) text.Append(CultureInfo.InvariantCulture, $", Server: {Clip(server, 40)}");
        if (Body.Length > 0) text.Append(CultureInfo.InvariantCulture, $", body: {Clip(OneLine(Body), 160)}");
        return text.ToString();
    }

    public string FaultWords() => Fault switch
    {
        Fault.NameUnknown => "the name does not resolve",
        Fault.Refused => "connection refused",
        Fault.Unreachable => "no route to the host",
        Fault.ConnectTimeout => "no answer to the TCP connection",
        Fault.ForwardDenied => "the forward proxy refused CONNECT",
        Fault.ForwardAuth => "the forward proxy asks for a login",
        Fault.TlsRefused => "the TLS handshake was refused",
        Fault.TlsSilent => "no answer to the TLS ClientHello",
        Fault.TlsReset => "connection ended during the TLS handshake",
        Fault.TlsNotSpoken => "the port does not speak TLS",
        Fault.Silent => $"no answer within {Ms} ms",
        Fault.Closed => "closed without an answer",
        Fault.Reset => "reset without an answer",
        Fault.NotHttp => "an answer that is not HTTP",
        _ => "no fault",
    };

    public static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Shortens, and takes the control characters out: what a server sends must not steer a terminal.</summary>
    public static string Clip(string text, int length)
    {
        var cut = text.Length > length ? text[..length] + "..." : text;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c));
    }
}

/// <summary>A rule of RFC 6455 section 4.1 that a 101 breaks.</summary>
internal sealed record HandshakeFlaw(string Cause, string Words);
