using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tieline.Doctor.Tests.Peers;

/// <summary>A scripted listener on 127.0.0.1: a handler per connection, everything ended with the test.</summary>
internal class Peer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly Func<Stream, CancellationToken, Task> _handle;

    public Peer(Func<Stream, CancellationToken, Task> handle, IPAddress? address = null, int port = 0)
    {
        _handle = handle;
        _listener = new TcpListener(address ?? IPAddress.Loopback, port);
        _listener.Start(200);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _running.Add(AcceptAsync());
    }

    public int Port { get; }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                lock (_running) _running.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await _handle(client.GetStream(), _stop.Token);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // The other side went away.
            }
        }
    }

    /// <summary>Reads until the empty line; the head without it, and what came behind.</summary>
    public static async Task<(string Head, byte[] Behind)?> HeadAsync(Stream stream, CancellationToken cancel)
    {
        var all = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var n = await stream.ReadAsync(buffer, cancel);
            if (n == 0) return null;
            all.AddRange(buffer.AsSpan(0, n));
            if (!char.IsAsciiLetter((char)all[0]) && all[0] != '\r')
            {
                // A TLS hello and the like: real servers do not wait for an empty line in it.
                await SendAsync(stream, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", cancel);
                return null;
            }
            var bytes = all.ToArray();
            var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end >= 0) return (Encoding.Latin1.GetString(bytes, 0, end), bytes[(end + 4)..]);
            if (all.Count > 256 * 1024) return null;
        }
    }

    public static Task SendAsync(Stream stream, string text, CancellationToken cancel) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancel).AsTask();

    public static string Answer(string status, string type, string body, string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}Connection: close\r\n\r\n{body}";

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Task[] running;
        lock (_running) running = [.. _running];
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }
}
