using Tieline.Client.Http;
using Tieline.Client.Lines;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Outboxes;

internal sealed partial class Sender
{
    private const int MaxInFlight = 256;

    private CancellationTokenSource? _posting;
    private bool _doubted;
    private long _progress, _notBefore;

    /// <summary>Sends until the client is closed.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await StepAsync(cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                // Nothing that goes wrong with one message may end the sending of all.
                Later(null, $"{e.GetType().Name}: {e.Message}");
            }
        }
    }

    private async Task StepAsync(CancellationToken cancel)
    {
        var changed = _changed.Take();
        var (action, entry, line, wait) = Decide();
        if (action == Step.Write) await WriteAsync(entry!, line!, cancel);
        else if (action == Step.Post) await PostAsync(entry!, cancel);
        else await WaitAsync(changed, wait, cancel);
    }

    private enum Step
    {
        Wait,
        Write,
        Post,
    }

    private (Step Step, Entry? Entry, Line? Line, TimeSpan? Wait) Decide()
    {
        lock (_lock)
        {
            if (!_restored || _signedOut || _path == SendPath.Hold || _queue.First is not { Value.Ready: true } oldest) return (Step.Wait, null, null, null);
            var now = time.GetTimestamp();
            if (_notBefore > now) return (Step.Wait, null, null, time.GetElapsedTime(now, _notBefore));
            if (_path == SendPath.Post) return (Step.Post, oldest.Value, null, null);

            var inFlight = 0;
            for (var node = oldest; node is { Value.SentOn: var on } && on == _line; node = node.Next) inFlight++;
            if (inFlight == 0) _doubted = false;
            if (!_doubted && inFlight < MaxInFlight)
            {
                var next = oldest;
                for (var i = 0; i < inFlight && next is not null; i++) next = next.Next;
                if (next is { Value.Ready: true })
                {
                    if (inFlight == 0) _progress = now;
                    next.Value.SentOn = _line;
                    return (Step.Write, next.Value, _line, null);
                }
            }

            // Nothing more may be written to a line that swallowed something, or a later message would overtake an earlier one.
            if (inFlight == 0) return (Step.Wait, null, null, null);
            var silent = time.GetElapsedTime(_progress, now);
            if (!_doubted && silent < timings.AckLimit) return (Step.Wait, null, null, timings.AckLimit - silent);
            _doubted = true;
            return (Step.Post, oldest.Value, null, null);
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan? wait, CancellationToken cancel)
    {
        if (wait is null)
        {
            await changed.WaitAsync(cancel);
            return;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(changed, Task.Delay(wait.Value + TimeSpan.FromMilliseconds(1), time, timer.Token));
        await timer.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private async Task WriteAsync(Entry entry, Line line, CancellationToken cancel)
    {
        if (TooLarge(entry)) return;
        try
        {
            await line.SendAsync(entry.Frame, cancel);
        }
        catch (LineException e)
        {
            log($"send: the line ended ({e.Failure.Text})");
            lock (_lock)
            {
                // Its reader will say so too; until then nothing is sent on it.
                if (_line == line) (_path, _line) = (SendPath.Hold, null);
            }
        }
    }

    private async Task PostAsync(Entry entry, CancellationToken cancel)
    {
        if (TooLarge(entry)) return;
        using var posting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        lock (_lock) _posting = posting;
        string? token = null;
        try
        {
            token = await tokens.GetAsync(posting.Token);
            if (await http.CommandAsync(entry.Frame, token, timings.Request, posting.Token) is AckFrame ack) Acknowledge(ack);
            else Later(null, "the answer to a send was no ack");
        }
        catch (LineException e)
        {
            await RefusedAsync(entry, e.Failure, token, cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // A line came up, or somebody signed out.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Later(null, $"no token: {e.Message}");
        }
        finally
        {
            lock (_lock) _posting = null;
        }
    }

    private async Task RefusedAsync(Entry entry, Failure failure, string? token, CancellationToken cancel)
    {
        if (failure.IsUnauthorized)
        {
            try
            {
                await tokens.RefreshAsync(token, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The connection finds out and says so.
            }

            Later(null, "the token was refused");
        }
        else if (IsFinal(failure)) Fail(entry.Item.ClientId, new MessageError(failure.Error?.Code ?? WireError.TooLarge.Code, failure.Error?.Message ?? "The message is too large."));
        else Later(failure.RetryAfter, failure.Text);
    }

    /// <summary>A refusal for good comes from the server itself; a proxy's 404 or 403 is weather. Only its 413 is about this message.</summary>
    private static bool IsFinal(Failure failure) => failure.Status == 413
        || (failure is { Error: { Retryable: false }, Status: 400 or 403 or 404 or 409 or 422 } && WireError.Find(failure.Error.Code) is not null);

    private bool TooLarge(Entry entry)
    {
        var bytes = ClientFrameWriter.ToUtf8(entry.Frame).Length;
        int limit;
        lock (_lock) limit = _maxBytes;
        if (bytes <= limit) return false;
        Fail(entry.Item.ClientId, new MessageError(WireError.TooLarge.Code, $"The message has {bytes} bytes; the server takes {limit}."));
        return true;
    }

    private void Later(TimeSpan? after, string why)
    {
        var wait = after ?? backoff.Next();
        log($"send: again in {wait.TotalSeconds:0.0} s ({why})");
        lock (_lock) _notBefore = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
    }
}
