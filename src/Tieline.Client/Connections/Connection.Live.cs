using Tieline.Client.Conversations;
using Tieline.Client.Http;
using Tieline.Client.Lines;
using Tieline.Client.Outboxes;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Connections;

internal sealed partial class Connection
{
    /// <summary>Lives on a line until it ends; a WebSocket that comes up behind a stream or poll takes its place.</summary>
    private async Task<Failure> LiveAsync(Opened opened, CancellationToken cancel)
    {
        var line = opened.Line;
        var late = opened.Late;
        var upgrades = 0;
        try
        {
            while (true)
            {
                using var life = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                using var climbing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                var living = LiveOnAsync(line, life.Token);
                if (line.Transport == Transport.WebSocket) return await living;

                var climb = ClimbAsync(late, upgrades, climbing.Token);
                if (await Task.WhenAny(living, climb) == living)
                {
                    await climbing.CancelAsync();
                    _ = DisposeWhenOpenAsync(climb);
                    return await living;
                }

                // Only one line is read at a time. What the old one would still have brought, the new one brings as well: it began at an
                // earlier cursor.
                var next = await climb;
                await life.CancelAsync();
                await living;
                if (line != opened.Line) await line.DisposeAsync();
                (line, late) = (next, null);
                upgrades++;
            }
        }
        finally
        {
            if (line != opened.Line) await line.DisposeAsync();
        }
    }

    /// <summary>Tries a WebSocket again and again, rarely, for as long as the other line works.</summary>
    private async Task<Line> ClimbAsync(Task<Line>? late, int upgrades, CancellationToken cancel)
    {
        for (var i = upgrades; ; i++)
        {
            try
            {
                if (late is not null) return await late;
            }
            catch (LineException)
            {
                // The one that was still open when the race was won.
            }

            late = null;
            var awake = _awake.Take();
            var wait = _timings.Upgrades[Math.Min(i, _timings.Upgrades.Count - 1)] * (0.75 + (0.5 * options.Random()));
            using (var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel))
            {
                await Task.WhenAny(awake, Task.Delay(wait, _time, timer.Token));
                await timer.CancelAsync();
            }

            cancel.ThrowIfCancellationRequested();
            try
            {
                return await OpenSocketAsync(await tokens.GetAsync(cancel), Guid.CreateVersion7(_time.GetUtcNow()), _timings.UpgradeLimit, cancel);
            }
            catch (LineException e)
            {
                log($"websocket: still not ({e.Failure.Text})");
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log($"token: {e.Message}");
            }
        }
    }

    /// <summary>Reads one line, and watches that it is alive.</summary>
    private async Task<Failure> LiveOnAsync(Line line, CancellationToken cancel)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pulse = new Pulse(_time, line.Hello.PingSeconds, _timings);
        var started = _time.GetTimestamp();
        var watch = WatchAsync(line, pulse, life.Token);
        var read = ReadAsync(line, pulse, life.Token);
        var receipts = _receipts.RunAsync(line, life.Token);
        _line = line;
        var ended = await Task.WhenAny(read, watch);
        _line = null;
        await life.CancelAsync();
        await Task.WhenAll(read, watch, receipts);
        var failure = await ended;
        if (line.Transport == Transport.WebSocket && !failure.IsUnauthorized) _flaps = _time.GetElapsedTime(started) < _timings.Stable ? _flaps + 1 : 0;
        log($"line: {line.Transport} ended ({failure.Text})");
        return failure;
    }

    private async Task<Failure> ReadAsync(Line line, Pulse pulse, CancellationToken cancel)
    {
        try
        {
            await LearnSelfAsync(line.Hello, cancel);
            Handle(line, line.Hello, pulse, cancel);
            if (line.CanSend) sender.Use(SendPath.Line, line, line.Hello.Limits.Bytes);
            else sender.Use(SendPath.Post, null, line.Hello.Limits.Bytes);
            if (line.Transport == Transport.WebSocket) _socketIsSlow = false;
            Show(new ConnectionStatus(ConnectionState.Online, line.Transport, Diagnosis: line.Transport == Transport.WebSocket ? null : _status.Diagnosis));
            TimeSpan? comeBack = null;
            while (true)
            {
                try
                {
                    var frame = await line.ReadAsync(cancel);
                    pulse.Heard();
                    if (frame is GoawayFrame goaway) comeBack = TimeSpan.FromMilliseconds(goaway.RetryAfterMs);
                    Handle(line, frame, pulse, cancel);
                    if (frame is SyncedFrame) _refusals = 0; // the token works
                }
                catch (LineException e) when (comeBack is not null)
                {
                    return e.Failure with { RetryAfter = comeBack };
                }
            }
        }
        catch (LineException e)
        {
            return e.Failure;
        }
        catch (LedgerException e)
        {
            return new Failure(line.Transport, FailureKind.Garbled, e.Message);
        }
        catch (OperationCanceledException)
        {
            return new Failure(line.Transport, FailureKind.Network, "given up");
        }
    }

    private void Handle(Line line, ServerFrame frame, Pulse pulse, CancellationToken cancel)
    {
        switch (frame)
        {
            case AckFrame ack: sender.AcknowledgeOnLine(ack); break;
            case ErrorFrame { ClientId: not null } error: sender.Refused(error); break;
            case ErrorFrame error: log($"server: {error.Code}: {error.Message}"); break;
            case TokenExpiringFrame: _ = RenewAsync(line, cancel); break;
            case ServerPingFrame when line.CanSend: _ = TellAsync(line, new PongFrame(), cancel); break;
            case UnknownServerFrame unknown: log($"ignored a frame {unknown.Type}"); break;
        }

        if (ledger.Apply(frame) == Applied.Gap) Heal(line, pulse, cancel);
        else if (frame is LoggedFrame or SyncedFrame or SnapshotFrame) _receipts.Advance();
    }

    /// <summary>Asks for what is missing. What arrives out of order is dropped: the answer brings it again, in order.</summary>
    private void Heal(Line line, Pulse pulse, CancellationToken cancel)
    {
        if (!line.CanSend) throw new LineException(new Failure(line.Transport, FailureKind.Garbled, "events are missing: starting again from the cursor"));
        if (!pulse.MissedAt(ledger.Cursor!.Value.Pos)) return;
        log($"line: events after {ledger.Cursor} are missing, asking for them");
        _ = TellAsync(line, new SyncFrame(ledger.Cursor.Value.ToString()), cancel);
    }

    private async Task RenewAsync(Line line, CancellationToken cancel)
    {
        try
        {
            var token = await tokens.RefreshAsync(tokens.Current, cancel);
            if (line.CanSend) await line.SendAsync(new AuthFrame(token), cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log($"token: not renewed in time, the server will close the line ({e.Message})");
        }
        catch (OperationCanceledException)
        {
            // The line has ended.
        }
    }

    private static async Task TellAsync(Line line, ClientFrame frame, CancellationToken cancel)
    {
        try
        {
            await line.SendAsync(frame, cancel);
        }
        catch (Exception e) when (e is LineException or OperationCanceledException)
        {
            // The reader learns it too.
        }
    }

    /// <summary>Frames name people by id. A server that does not say in hello who I am is asked once.</summary>
    private async Task LearnSelfAsync(HelloFrame hello, CancellationToken cancel)
    {
        if (hello.User is not null || ledger.Self is not null) return;
        try
        {
            var me = await http.ExchangeAsync(HttpMethod.Get, "../auth/me", tokens.Current, null, _timings.Probe, Transport.None, cancel);
            ledger.Self = ChatHttp.Parse(me, static json => json.GetProperty("id").ToString());
        }
        catch (LineException e)
        {
            log($"me: {e.Failure.Text}");
        }
    }
}
