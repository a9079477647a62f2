using System.Net;
using System.Net.Security;
using Tieline.Doctor.Evidence;

namespace Tieline.Doctor.Probes;

/// <summary>Opens a WebSocket over HTTP/2 as browsers do wherever a server offers that: an extended CONNECT on a connection that carries pages too.</summary>
internal sealed class Http2Prober(Network network)
{
    /// <param name="watch">Looks at the line while it is open.</param>
    public async Task<Http2Report> OpenAsync(Ask ask, Func<LiveLine, Task<LineReport>> watch, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(ask.Patience);
        var unreached = "";
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cut) =>
            {
                // TLS is the handler's own here; what the certificate is worth was said by the checks before.
                var (wire, failed) = await network.OpenAsync(ask with { To = ask.To with { Secure = false } }, cut).ConfigureAwait(false);
                unreached = failed?.Summary() ?? "";
                return wire?.Stream ?? throw new IOException(unreached);
            },
#pragma warning disable CA5359 // The certificate is judged by the checks of TLS; this one asks what comes behind it.
            SslOptions = new SslClientAuthenticationOptions { TargetHost = ask.Sni ?? ask.To.Host, RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var request = Request(ask);
        try
        {
            using var response = await invoker.SendAsync(request, patience.Token).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            if (status is < 200 or > 299) return new Http2Report(true, status);
            var stream = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            var line = new LiveLine(new Wire(stream, ask.To.Authority), [], ask.Compression);
            await using (line.ConfigureAwait(false)) return new Http2Report(true, status, Line: await watch(line).ConfigureAwait(false));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ExtendedConnectNotSupported or HttpRequestError.VersionNegotiationError)
        {
            return new Http2Report(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Http2Report(true, Detail: unreached.Length > 0 ? unreached : Answer.Clip((e.InnerException ?? e).Message, 120));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Http2Report(true, Detail: $"no answer within {ask.Patience.TotalSeconds:0} s");
        }
    }

    private static HttpRequestMessage Request(Ask ask)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, $"https://{ask.To.Authority}{ask.Path}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Protocol = "websocket";
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("User-Agent", ask.UserAgent);
        if (ask.Host is not null) request.Headers.Host = ask.Host;
        if (ask.Compression) request.Headers.TryAddWithoutValidation("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits");
        return request;
    }
}
