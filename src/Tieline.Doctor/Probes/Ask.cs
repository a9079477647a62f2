using System.Security.Cryptography;
using System.Text;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Probes;

/// <summary>One request, byte for byte under the doctor's control.</summary>
internal sealed record Ask
{
    public const string ToolAgent = "tieline-doctor/0.1";
    public const string BrowserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    public required Endpoint To { get; init; }

    /// <summary>Path with query.</summary>
    public required string Path { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>True for a WebSocket handshake.</summary>
    public bool Handshake { get; init; }

    /// <summary>Host header; null takes that of <see cref="To"/>.</summary>
    public string? Host { get; init; }

    public string? Origin { get; init; }

    /// <summary>What a proxy would say of the client; null says nothing.</summary>
    public string? ForwardedFor { get; init; }
    public string UserAgent { get; init; } = ToolAgent;
    public string Connection { get; init; } = "Upgrade";
    public bool Compression { get; init; } = true;
    public string? Subprotocol { get; init; }
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>ALPN protocols to offer; empty offers none.</summary>
    public IReadOnlyList<string> Alpn { get; init; } = ["http/1.1"];

    /// <summary>Name for SNI; null takes the host.</summary>
    public string? Sni { get; init; }

    /// <summary>Bytes sent in front of the request, for PROXY protocol and the like.</summary>
    public byte[] Prefix { get; init; } = [];

    /// <summary>The whole request where it is not to be built from the fields.</summary>
    public byte[]? Verbatim { get; init; }

    /// <summary>A fresh random key for every handshake, as RFC 6455 wants; a fixed one is refused by every good server.</summary>
    public string Key { get; init; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    public byte[] Bytes()
    {
        if (Verbatim is not null) return [.. Prefix, .. Verbatim];
        var text = new StringBuilder()
            .Append(Method).Append(' ').Append(Path).Append(" HTTP/1.1\r\nHost: ").Append(Host ?? To.Authority).Append("\r\n");
        if (Handshake)
        {
            text.Append("Connection: ").Append(Connection).Append("\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
                .Append(Key).Append("\r\n");
            if (Compression) text.Append("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
            if (Subprotocol is not null) text.Append("Sec-WebSocket-Protocol: ").Append(Subprotocol).Append("\r\n");
        }
        else
        {
            text.Append("Connection: close\r\nAccept: */*\r\n");
            if (Method == "POST") text.Append("Content-Length: 0\r\n");
        }
        if (ForwardedFor is not null) text.Append("X-Forwarded-For: ").Append(ForwardedFor).Append("\r\n");
        if (Origin is not null) text.Append("Origin: ").Append(Origin).Append("\r\n");
        text.Append("User-Agent: ").Append(UserAgent).Append("\r\n\r\n");
        return [.. Prefix, .. Encoding.Latin1.GetBytes(text.ToString())];
    }

    public string ExpectedAccept() =>
#pragma warning disable CA5350 // RFC 6455 fixes SHA-1 for this header; nothing secret hangs on it.
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
