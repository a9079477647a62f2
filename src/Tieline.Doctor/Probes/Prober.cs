using System.Diagnostics;
using System.Net.Sockets;

namespace Tieline.Doctor.Probes;

/// <summary>Sends one request on a connection of its own and tells how far it came.</summary>
internal sealed class Prober(Network network)
{
    public Network Network => network;

    /// <summary>Asks and closes.</summary>
    public async Task<Answer> AskAsync(Ask ask, CancellationToken cancel)
    {
        var (answer, line) = await OpenAsync(ask, cancel).ConfigureAwait(false);
        if (line is not null) await line.DisposeAsync().ConfigureAwait(false);
        return answer;
    }

    /// <summary>Asks, and keeps the line where a sound 101 came back.</summary>
    public async Task<(Answer Answer, LiveLine? Line)> OpenAsync(Ask ask, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var (wire, failed) = await network.OpenAsync(ask, cancel).ConfigureAwait(false);
        if (wire is null) return (failed! with { Ms = (int)clock.ElapsedMilliseconds }, null);
        var keep = false;
        try
        {
            var (answer, rest) = await ExchangeAsync(wire, ask, cancel).ConfigureAwait(false);
            answer = answer with { Ms = (int)clock.ElapsedMilliseconds, Tls = answer.Tls ?? wire.Tls, Address = wire.Address };
            if (answer.Status == 101 && answer.Fault == Fault.None) answer = answer with { Flaw = HandshakeRules.Check(answer, ask) };
            if (!answer.Opened) return (answer, null);
            keep = true;
            return (answer, new LiveLine(wire, rest, answer["Sec-WebSocket-Extensions"]?.Contains("permessage-deflate", StringComparison.OrdinalIgnoreCase) == true));
        }
        finally
        {
            if (!keep) await wire.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<(Answer, byte[])> ExchangeAsync(Wire wire, Ask ask, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(ask.Patience);
        try
        {
            await wire.Stream.WriteAsync(ask.Bytes(), patience.Token).ConfigureAwait(false);
            await wire.Stream.FlushAsync(patience.Token).ConfigureAwait(false);
            var reader = new AnswerReader(wire.Stream);
            var answer = await reader.ReadAsync(patience.Token).ConfigureAwait(false);
            return (answer, reader.Rest);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (new Answer { Fault = Fault.Silent }, []);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // In TLS 1.3 a server that wants a client's certificate says so only when the client reads for the first time.
            var alert = TlsFailure.AlertOf([], e);
            return alert >= 0
                ? (new Answer { Fault = Fault.TlsRefused, Detail = $"TLS alert {alert} {TlsFailure.NameOf(alert)}", Tls = (wire.Tls ?? new TlsReport()) with { Alert = alert } }, [])
                : (new Answer { Fault = Fault.Reset, Detail = Answer.Clip((e.InnerException ?? e).Message, 80) }, []);
        }
    }
}
