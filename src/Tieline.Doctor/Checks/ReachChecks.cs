using System.Diagnostics;
using System.Text;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Checks;

/// <summary>Name, connection and the handshake itself.</summary>
internal sealed class ReachChecks(Prober prober)
{
    // Longer than the 3 s that HAProxy spends on retries and than a slow 101 of a few seconds, shorter than a client's patience.
    private static readonly TimeSpan _firstPatience = TimeSpan.FromSeconds(9);

    public IEnumerable<Check> All =>
    [
        new("name", "resolve the name", f => f.Options.ForwardProxy is null, NameAsync),
        new("handshake", "open the socket as a browser does", f => f.Options.ForwardProxy is not null || f.Addresses.Count > 0, HandshakeAsync),
    ];

    private async Task<string> NameAsync(CaseFile file, CancellationToken cancel)
    {
        var host = file.Target.Front.Host;
        var addresses = await prober.Network.ResolveAsync(host, cancel).ConfigureAwait(false);
        file.Addresses = [.. addresses.Select(a => a.ToString())];
        if (addresses.Count > 0) return string.Join(", ", file.Addresses);
        file[Probe.Handshake] = new Answer { Fault = Fault.NameUnknown, Detail = host };
        return "no address";
    }

    private async Task<string> HandshakeAsync(CaseFile file, CancellationToken cancel)
    {
        var ask = Asks.Handshake(file) with { Patience = _firstPatience };
        var (answer, line) = await prober.OpenAsync(ask, cancel).ConfigureAwait(false);
        // A cold server or a lost packet must not become a diagnosis: what failed without an answer is tried once more.
        if (answer.Fault is Fault.Closed or Fault.Reset or Fault.Refused or Fault.TlsReset)
        {
            await Task.Delay(250, cancel).ConfigureAwait(false);
            (answer, line) = await prober.OpenAsync(ask with { Key = Asks.NewKey() }, cancel).ConfigureAwait(false);
        }
        file[Probe.Handshake] = answer;
        if (line is null) return answer.Summary();
        await using (line.ConfigureAwait(false))
        {
            file.Line = await WatchAsync(line, cancel).ConfigureAwait(false);
        }
        return $"101, {file.Line.Words()}";
    }

    /// <summary>A ping and its pong; where none comes, more pings to fill a buffer, then a close to learn who hears whom.</summary>
    internal static async Task<LineReport> WatchAsync(LiveLine line, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        await line.PingAsync("tieline"u8.ToArray(), cancel).ConfigureAwait(false);
        var pong = await line.ReadUntilAsync(f => f.Kind == FrameKind.Pong, TimeSpan.FromSeconds(2.5), cancel).ConfigureAwait(false);
        var late = false;
        // Some servers open, answer the ping, and only then say that the token is wrong.
        if (pong) await line.ReadUntilAsync(f => f.Kind == FrameKind.Close, TimeSpan.FromMilliseconds(400), cancel).ConfigureAwait(false);
        if (!pong && line.End == LineEnd.None)
        {
            var filling = Encoding.ASCII.GetBytes(new string('t', 125));
            for (var i = 0; i < 80; i++)
                if (!await line.PingAsync(filling, cancel).ConfigureAwait(false)) break;
            late = await line.ReadUntilAsync(f => f.Kind == FrameKind.Pong, TimeSpan.FromSeconds(1.5), cancel).ConfigureAwait(false);
        }
        var report = LineReport.Of(line, clock.Elapsed.TotalSeconds) with { Pong = pong, PongAfterBurst = late };
        if (pong || late || line.End != LineEnd.None) return report;
        await line.CloseAsync(cancel).ConfigureAwait(false);
        await line.ReadUntilAsync(_ => false, TimeSpan.FromSeconds(2), cancel).ConfigureAwait(false);
        return report with { HeardOurClose = line.End is LineEnd.Fin or LineEnd.Closed, DataFrames = line.DataFrames };
    }
}
