using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Probes;

/// <summary>How names become connections: fixed addresses, trusted roots and the forward proxy of this run.</summary>
internal sealed class Network(
    IReadOnlyDictionary<string, IPAddress> fixedAddresses, X509Certificate2Collection trusted, Endpoint? forwardProxy, string? forwardLogin)
{
    private static readonly TimeSpan _connectPatience = TimeSpan.FromSeconds(5);

    public Endpoint? ForwardProxy { get; } = forwardProxy;

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancel)
    {
        if (fixedAddresses.TryGetValue(host, out var known)) return [known];
        if (IPAddress.TryParse(host, out var literal)) return [literal];
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(_connectPatience);
            return await Dns.GetHostAddressesAsync(host, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return [];
        }
    }

    /// <summary>Opens TCP and, where asked, TLS. Either the wire or the answer that says how far it came.</summary>
    public async Task<(Wire? Wire, Answer? Failed)> OpenAsync(Ask ask, CancellationToken cancel)
    {
        var via = ForwardProxy is not null && !IsLoopbackName(ask.To.Host) ? ForwardProxy : ask.To;
        var addresses = await ResolveAsync(via.Host, cancel).ConfigureAwait(false);
        if (addresses.Count == 0) return (null, new Answer { Fault = Fault.NameUnknown, Detail = via.Host });
        Answer? failed = null;
        foreach (var address in addresses.Take(4))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            failed = await ConnectAsync(socket, address, via.Port, cancel).ConfigureAwait(false);
            if (failed is not null)
            {
                socket.Dispose();
                continue;
            }
            var wire = new Wire(new NetworkStream(socket, ownsSocket: true), $"{address}:{via.Port}");
            if (via != ask.To && await TunnelAsync(wire, ask.To, cancel).ConfigureAwait(false) is { } denied)
            {
                await wire.DisposeAsync().ConfigureAwait(false);
                return (null, denied);
            }
            if (!ask.To.Secure) return (wire, null);
            return await SecureAsync(wire, ask, cancel).ConfigureAwait(false);
        }
        return (null, failed);
    }

    private static bool IsLoopbackName(string host) => host == "localhost" || (IPAddress.TryParse(host, out var a) && IPAddress.IsLoopback(a));

    private static async Task<Answer?> ConnectAsync(Socket socket, IPAddress address, int port, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(_connectPatience);
        var at = $"{address}:{port}";
        try
        {
            await socket.ConnectAsync(address, port, patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (SocketException e)
        {
            var fault = e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => Fault.Refused,
                SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.AccessDenied => Fault.Unreachable,
                SocketError.TimedOut => Fault.ConnectTimeout,
                _ => Fault.Refused,
            };
            return new Answer { Fault = fault, Detail = $"{at}: {e.SocketErrorCode}", Address = at };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Answer { Fault = Fault.ConnectTimeout, Detail = $"{at}: nothing for {_connectPatience.TotalSeconds:0} s", Address = at };
        }
    }

    private async Task<Answer?> TunnelAsync(Wire wire, Endpoint to, CancellationToken cancel)
    {
        var login = forwardLogin is null ? "" : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(forwardLogin))}\r\n";
        var request = $"CONNECT {to.Host}:{to.Port} HTTP/1.1\r\nHost: {to.Host}:{to.Port}\r\n{login}\r\n";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(_connectPatience);
        try
        {
            await wire.Stream.WriteAsync(Encoding.ASCII.GetBytes(request), patience.Token).ConfigureAwait(false);
            var head = new List<byte>();
            var one = new byte[1];
            while (head.Count < 8192 && !(head.Count > 3 && head[^1] == 10 && head[^3] == 10))
            {
                if (await wire.Stream.ReadAsync(one, patience.Token).ConfigureAwait(false) == 0) break;
                head.Add(one[0]);
            }
            var answer = AnswerReader.ParseHead(Encoding.Latin1.GetString([.. head]).TrimEnd());
            if (answer.Status is >= 200 and < 300) return null;
            return answer with { Fault = answer.Status == 407 ? Fault.ForwardAuth : Fault.ForwardDenied, Detail = $"{answer.Status} {answer.Reason}" };
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return new Answer { Fault = Fault.ForwardDenied, Detail = "the forward proxy did not answer CONNECT" };
        }
    }

    private async Task<(Wire?, Answer?)> SecureAsync(Wire wire, Ask ask, CancellationToken cancel)
    {
        var tap = new TappedStream(wire.Stream);
        TlsReport? report = null;
        var asked = false;
        var host = ask.Sni ?? ask.To.Host;
#pragma warning disable CA5359 // The certificate is judged and reported below; the probe goes on to see who is behind it.
        var tls = new SslStream(tap, false, (_, certificate, chain, _) =>
        {
            if (certificate is X509Certificate2 leaf) report = TlsReport.Of(leaf, chain?.ChainPolicy.ExtraStore ?? [], trusted, ask.To.Host);
            return true;
        }, (_, _, _, remote, _) =>
        {
            // Called once before the handshake, without a peer, and again when the peer asks.
            asked |= remote is not null;
            return null!;
        });
#pragma warning restore CA5359
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(ask.Patience);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
                ApplicationProtocols = ask.Alpn.Count == 0 ? null : [.. ask.Alpn.Select(p => new SslApplicationProtocol(p))],
            }, patience.Token).ConfigureAwait(false);
            report = (report ?? new TlsReport()) with
            {
                AsksForCertificate = asked,
                Protocol = tls.SslProtocol.ToString(),
                Alpn = Encoding.ASCII.GetString(tls.NegotiatedApplicationProtocol.Protocol.Span),
            };
            return (new Wire(tls, wire.Address) { Tls = report }, null);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            var failed = TlsFailure.Of(e, tap.First) with { Tls = (report ?? new TlsReport()) with { AsksForCertificate = asked, Alert = TlsFailure.AlertOf(tap.First, e) }, Address = wire.Address };
            await tls.DisposeAsync().ConfigureAwait(false);
            return (null, failed);
        }
    }
}
