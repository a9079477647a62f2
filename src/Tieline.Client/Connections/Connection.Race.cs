using Tieline.Client.Http;
using Tieline.Client.Lines;

namespace Tieline.Client.Connections;

internal sealed partial class Connection
{
    /// <summary>A line with its first frame, and a WebSocket that may still come up behind it.</summary>
    private sealed record Opened(Line Line, Task<Line>? Late, CancellationTokenSource Attempt) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Attempt.CancelAsync();
            if (Late is not null) await DisposeWhenOpenAsync(Late);
            await Line.DisposeAsync();
            Attempt.Dispose();
        }
    }

    /// <summary>
    /// WebSocket first; after its head start, or as soon as it has failed, the stream and then the poll beside it. The first frame wins: an
    /// open socket that says nothing has not won.
    /// </summary>
    /// <exception cref="LineException">All of them failed; the failure is the WebSocket's.</exception>
    private async Task<Opened> RaceAsync(string token, CancellationToken cancel)
    {
        var attempt = Guid.CreateVersion7(_time.GetUtcNow());
        var life = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        sender.Use(Outboxes.SendPath.Hold, null);
        try
        {
            if (_flaps >= _timings.Flaps && await OpenWithoutSocketAsync(token, attempt, life.Token) is { } calm) return new Opened(calm, null, life);

            // The timer before the request, so that the head start is counted from here.
            var headStart = Task.Delay(_socketIsSlow ? TimeSpan.Zero : _timings.HeadStart, _time, life.Token);
            var socket = OpenSocketAsync(token, attempt, _timings.WebSocketLimit, life.Token);
            await Task.WhenAny(socket, headStart);
            if (socket.IsCompletedSuccessfully) return new Opened(await socket, null, life);

            cancel.ThrowIfCancellationRequested();
            if (socket.IsFaulted && FailureOf(socket).IsUnauthorized) throw new LineException(FailureOf(socket));
            log(socket.IsFaulted ? $"websocket: {FailureOf(socket).Text}; trying other ways" : "websocket: no frame yet; trying other ways beside it");
            sender.Use(Outboxes.SendPath.Post, null);
            _ = ExplainAsync(socket.IsFaulted ? FailureOf(socket) : null, attempt, token, cancel);
            var other = OpenOtherAsync(token, life.Token);
            var first = await Task.WhenAny(socket, other);
            if (!first.IsCompletedSuccessfully) first = first == socket ? other : socket;
            try
            {
                var line = await first;
                if (first == socket)
                {
                    _ = DisposeWhenOpenAsync(other);
                    return new Opened(line, null, life);
                }

                _socketIsSlow = true;
                return new Opened(line, socket.IsFaulted ? null : socket, life);
            }
            catch (LineException) when (socket.IsFaulted && other.IsFaulted)
            {
                var (one, two) = (FailureOf(socket), FailureOf(other));
                throw new LineException(two.IsUnauthorized ? two : one with { RetryAfter = one.RetryAfter ?? two.RetryAfter });
            }
        }
        catch
        {
            await life.CancelAsync();
            life.Dispose();
            throw;
        }
    }

    private Task<Line> OpenSocketAsync(string token, Guid attempt, TimeSpan limit, CancellationToken cancel) =>
        LimitAsync(Transport.WebSocket, limit, inner => WebSocketLine.OpenAsync(http, token, ledger.Cursor, attempt, inner), cancel);

    private async Task<Line> OpenOtherAsync(string token, CancellationToken cancel)
    {
        try
        {
            return await LimitAsync(Transport.Stream, _timings.StreamFirstFrame, inner => StreamLine.OpenAsync(http, token, ledger.Cursor, inner), cancel);
        }
        catch (LineException e) when (!e.Failure.IsUnauthorized)
        {
            log($"stream: {e.Failure.Text}; trying long poll");
            return await PollLine.OpenAsync(http, () => tokens.Current ?? token, ledger.Cursor, _timings, _time, cancel);
        }
    }

    private async Task<Line> LimitAsync(Transport transport, TimeSpan limit, Func<CancellationToken, Task<Line>> open, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            return await open(both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new LineException(new Failure(transport, FailureKind.Timeout, $"no frame within {limit.TotalSeconds:0.#} s"));
        }
    }

    /// <summary>A WebSocket that opens and dies, again and again, would win every race. The other ways go first; it may come back behind them.</summary>
    private async Task<Line?> OpenWithoutSocketAsync(string token, Guid attempt, CancellationToken cancel)
    {
        try
        {
            sender.Use(Outboxes.SendPath.Post, null);
            _ = ExplainAsync(null, attempt, token, cancel);
            return await OpenOtherAsync(token, cancel);
        }
        catch (LineException e) when (!e.Failure.IsUnauthorized)
        {
            _flaps = 0;
            return null;
        }
    }

    private async Task ExplainAsync(Failure? failure, Guid attempt, string token, CancellationToken cancel)
    {
        try
        {
            await probes.RunAsync(failure, attempt, token, _flaps >= _timings.Flaps, Diagnosed, cancel);
        }
        catch (Exception e)
        {
            if (!cancel.IsCancellationRequested) log($"diagnosis: {e.Message}");
        }
    }

    private static Failure FailureOf(Task<Line> task) => Failure.Of(Transport.WebSocket, task.Exception!.InnerException!);

    private static async Task DisposeWhenOpenAsync(Task<Line> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception e) when (e is LineException or OperationCanceledException)
        {
            // It never opened.
        }
    }
}
