using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tieline.Server.Tests.Diagnosis;

/// <summary>A request written by hand, as a proxy in between may mangle it. The HTTP client would mend or refuse it.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    /// <summary>Sends a request with these header lines and reads the answer to its end.</summary>
    public static async Task<(int Status, string Head, string Body)> SendAsync(Uri server, string method, string path, params string[] headers)
    {
        using var limit = new CancellationTokenSource(_patience);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port, limit.Token);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {server.Authority}\r\n{string.Concat(headers.Select(line => line + "\r\n"))}\r\n"), limit.Token);
        var text = "";
        var buffer = new byte[16 * 1024];
        while (!IsWhole(text))
        {
            var read = await stream.ReadAsync(buffer, limit.Token);
            if (read == 0) break;
            text += Encoding.UTF8.GetString(buffer, 0, read);
        }

        var parts = text.Split("\r\n\r\n", 2);
        return (int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), parts[0], parts.Length > 1 ? parts[1] : "");
    }

    public static JsonElement Json(string body) => JsonDocument.Parse(body).RootElement;

    private static bool IsWhole(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        var length = text[..end].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        return text.StartsWith("HTTP/1.1 101", StringComparison.Ordinal)
            || (length is not null && Encoding.UTF8.GetByteCount(text[(end + 4)..]) >= int.Parse(length.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
