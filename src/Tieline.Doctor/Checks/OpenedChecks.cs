using System.Diagnostics;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Judging;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Checks;

/// <summary>What may still be wrong where the socket opens: other clients, long tokens, many sockets, idle time, large data.</summary>
internal sealed class OpenedChecks(Prober prober)
{
    private const int InARow = 8;
    private const int AtOnce = 10;

    // A slow server shows in four what a fast one shows in eight.
    private static readonly TimeSpan _rowPatience = TimeSpan.FromSeconds(6);

    // A long access token of today with a few claims; still below the 4 KB line that some servers stop at.
    private const int LongToken = 3500;

    // Over the 8 KB line that nginx, Apache and Kestrel stop at by default: worth a note, no fault.
    private const int LongerToken = 9000;

    private const int LargeFrame = 200 * 1024;

    private const string Around = "{\"tieline_doctor\":\"\"}";

    public IEnumerable<Check> All =>
    [
        Make("origin", "open it as a page of this site does", Probe.Origin, f => Asks.Handshake(f) with { Origin = f.Options.PageOrOwn.GetLeftPart(UriPartial.Authority) }),
        Make("browser", "open it with a browser's headers", Probe.Browser, f => Asks.Handshake(f) with { UserAgent = Ask.BrowserAgent }),
        Make("firefox", "open it with Firefox's Connection header", Probe.Firefox, f => Asks.Handshake(f) with { Connection = "keep-alive, Upgrade" }),
        new("no-compression", "open it without permessage-deflate", f => f.First.Opened && !f.Opened, WithoutCompressionAsync) { Group = 5 },
        Make("subprotocol", "open it with subprotocols", Probe.Subprotocol, f => Asks.Handshake(f) with { Subprotocol = f.Options.Subprotocol ?? RefusedChecks.Subprotocols }),
        Make("long-token", "open it with a long address", Probe.LongToken, f => Padded(f, LongToken)),
        Make("longer-token", "open it with a very long address", Probe.LongerToken, f => Padded(f, LongerToken)),
        Make("alpn-both", "TLS that offers HTTP/2 as a browser's page load does", Probe.AlpnBoth, f => Asks.Get(f, "/") with { Alpn = ["h2", "http/1.1"], Verbatim = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x4\0\0\0\0\0"u8.ToArray() }, f => f.Target.Front.Secure),
        new("http2", "open it over HTTP/2, where that is offered to browsers", f => f.Opened && Judge.IsHttp2(f[Probe.AlpnBoth]), OverHttp2Async) { Group = 6 },
        new("in-a-row", $"open it {InARow} times in a row", f => f.Opened, InARowAsync) { Group = 6 },
        new("at-once", $"open it {AtOnce} times at once", f => f.Opened && f.Repeated.All(a => a.Opened), AtOnceAsync) { Group = 7 },
        new("large", "send 200 KB, or as much as the server says it takes, to the echo", f => f.Opened && f.Options.EchoOk, LargeAsync) { Group = 8 },
        new("hold", "hold a silent and a pinged line", f => f.Opened && f.Options.Hold > TimeSpan.Zero && f.Repeated.All(a => a.Opened), HoldAsync) { Group = 9 },
    ];

    private Check Make(string name, string what, Probe probe, Func<CaseFile, Ask> ask, Func<CaseFile, bool>? when = null) =>
        new(name, what, f => f.Opened && (when is null || when(f)), async (file, cancel) =>
        {
            var answer = await prober.AskAsync(ask(file), cancel).ConfigureAwait(false);
            file[probe] = answer;
            return answer.Summary();
        })
        { Group = 5 };

    private static Ask Padded(CaseFile f, int length)
    {
        var path = f.Target.FullPath;
        return Asks.Handshake(f) with { Path = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}_fill={new string('x', Math.Max(0, length - path.Length))}" };
    }

    private async Task<string> WithoutCompressionAsync(CaseFile file, CancellationToken cancel)
    {
        var (answer, line) = await prober.OpenAsync(Asks.Handshake(file) with { Compression = false }, cancel).ConfigureAwait(false);
        file[Probe.NoCompression] = answer;
        if (line is null) return answer.Summary();
        await using (line.ConfigureAwait(false))
        {
            file.LineWithoutCompression = await ReachChecks.WatchAsync(line, cancel).ConfigureAwait(false);
        }
        return file.LineWithoutCompression.Words();
    }

    private async Task<string> OverHttp2Async(CaseFile file, CancellationToken cancel)
    {
        var ask = Asks.Handshake(file) with { Compression = false };
        var over = new Http2Prober(prober.Network);
        // Once more before it is called broken: a proxy may just have been reloaded.
        for (var attempt = 0; attempt < 2 && file.Http2 is not ({ Works: true } or { Offered: false }); attempt++)
            file.Http2 = await over.OpenAsync(ask, line => ReachChecks.WatchAsync(line, cancel), cancel).ConfigureAwait(false);
        return file.Http2!.Words();
    }

    private async Task<string> InARowAsync(CaseFile file, CancellationToken cancel)
    {
        var answers = new List<Answer>();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < InARow && clock.Elapsed < _rowPatience; i++)
        {
            answers.Add(await prober.AskAsync(Asks.Handshake(file), cancel).ConfigureAwait(false));
            if (answers.Count(a => !a.Opened) >= 3) break;
        }
        file.Repeated = answers;
        return Counted(answers);
    }

    private async Task<string> AtOnceAsync(CaseFile file, CancellationToken cancel)
    {
        var lines = new List<LiveLine>();
        try
        {
            var opened = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
            {
                var (answer, line) = await prober.OpenAsync(Asks.Handshake(file), cancel).ConfigureAwait(false);
                lock (lines) { if (line is not null) lines.Add(line); }
                return answer;
            })).ConfigureAwait(false);
            file.Many = opened;
            if (opened.Any(a => !a.Opened && a.HasStatus)) await OneMoreAsync(file, lines, cancel).ConfigureAwait(false);
            return Counted(opened);
        }
        finally
        {
            foreach (var line in lines) await line.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Refused while the others are held and let in once they are gone: a limit of connections. A limit of the rate looks at the clock.</summary>
    private async Task OneMoreAsync(CaseFile file, List<LiveLine> lines, CancellationToken cancel)
    {
        await Task.Delay(TimeSpan.FromSeconds(1.2), cancel).ConfigureAwait(false);
        file[Probe.WhileHeld] = await prober.AskAsync(Asks.Handshake(file), cancel).ConfigureAwait(false);
        foreach (var line in lines) await line.DisposeAsync().ConfigureAwait(false);
        lines.Clear();
        await Task.Delay(TimeSpan.FromMilliseconds(300), cancel).ConfigureAwait(false);
        file[Probe.AfterHeld] = await prober.AskAsync(Asks.Handshake(file), cancel).ConfigureAwait(false);
    }

    private static string Counted(IReadOnlyCollection<Answer> answers)
    {
        var failed = answers.FirstOrDefault(a => !a.Opened);
        return failed is null ? $"all {answers.Count} opened" : $"{answers.Count(a => a.Opened)} of {answers.Count} opened; else {failed.Summary()}";
    }

    private async Task<string> LargeAsync(CaseFile file, CancellationToken cancel)
    {
        // Without compression, or 200 KB of one letter shrink to nothing.
        var (answer, line) = await prober.OpenAsync(Asks.Handshake(file) with { Compression = false }, cancel).ConfigureAwait(false);
        if (line is null) return answer.Summary();
        await using (line.ConfigureAwait(false))
        {
            var clock = Stopwatch.StartNew();
            // A server that greets says in its first frame how much it takes; more would only show that it keeps its word.
            await line.ReadUntilAsync(f => f.Kind is FrameKind.Text or FrameKind.Binary, TimeSpan.FromMilliseconds(700), cancel).ConfigureAwait(false);
            var frame = Math.Max(0, Math.Min(LargeFrame, line.StatedLimit ?? LargeFrame) - Around.Length);
            await line.TextAsync(Around.Insert(Around.Length - 2, new string('d', frame)), cancel).ConfigureAwait(false);
            await line.PingAsync("large"u8.ToArray(), cancel).ConfigureAwait(false);
            var pong = await line.ReadUntilAsync(f => f.Kind == FrameKind.Pong, TimeSpan.FromSeconds(4), cancel).ConfigureAwait(false);
            file.Large = LineReport.Of(line, clock.Elapsed.TotalSeconds) with { Pong = pong };
            return file.Large.Words();
        }
    }

    private async Task<string> HoldAsync(CaseFile file, CancellationToken cancel)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pinged = HoldOneAsync(file, TimeSpan.FromSeconds(1), file.Options.Hold, enough.Token, cancel);
        var silent = HoldOneAsync(file, Timeout.InfiniteTimeSpan, file.Options.Hold, enough.Token, cancel);
        var first = await Task.WhenAny(pinged, silent).ConfigureAwait(false);
        var cut = await first.ConfigureAwait(false);
        // One line is cut: the other must live clearly longer to be called different.
        if (cut is { Ended: true }) enough.CancelAfter(TimeSpan.FromSeconds(cut.Seconds * 1.3 + 2.5));
        file.SilentHold = await silent.ConfigureAwait(false);
        file.PingedHold = await pinged.ConfigureAwait(false);
        return $"silent: {file.SilentHold?.Words()}; pinged: {file.PingedHold?.Words()}";
    }

    private async Task<LineReport?> HoldOneAsync(CaseFile file, TimeSpan pingEvery, TimeSpan hold, CancellationToken enough, CancellationToken cancel)
    {
        var (_, line) = await prober.OpenAsync(Asks.Handshake(file), cancel).ConfigureAwait(false);
        if (line is null) return null;
        await using (line.ConfigureAwait(false))
        {
            var clock = Stopwatch.StartNew();
            var unanswered = 0;
            try
            {
                while (clock.Elapsed < hold && line.End == LineEnd.None)
                {
                    var wait = pingEvery == Timeout.InfiniteTimeSpan ? hold - clock.Elapsed : pingEvery;
                    if (pingEvery != Timeout.InfiniteTimeSpan)
                    {
                        await line.PingAsync("hold"u8.ToArray(), enough).ConfigureAwait(false);
                        var began = clock.Elapsed;
                        if (await line.ReadUntilAsync(f => f.Kind == FrameKind.Pong, TimeSpan.FromSeconds(1.5), enough).ConfigureAwait(false)) unanswered = 0;
                        else if (++unanswered >= 3) break;
                        wait = pingEvery - (clock.Elapsed - began);
                    }
                    if (wait > TimeSpan.Zero && line.End == LineEnd.None) await line.ReadUntilAsync(_ => false, wait, enough).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // The other line was cut long enough ago: this one outlived it.
            }
            return LineReport.Of(line, clock.Elapsed.TotalSeconds) with { Pong = unanswered < 3 };
        }
    }
}
