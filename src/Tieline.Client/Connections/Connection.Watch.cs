using Tieline.Client.Http;
using Tieline.Client.Lines;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Connections;

internal sealed partial class Connection
{
    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(5);

    /// <summary>Completes when a line has been silent for too long. A socket is asked first; a stream or poll that is silent is simply replaced.</summary>
    private async Task<Failure> WatchAsync(Line line, Pulse pulse, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var awake = _awake.Take();
                var clock = _time.GetUtcNow();
                var left = pulse.Limit - pulse.Silence;
                var step = left <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : left < _tick ? left : _tick;
                using (var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel))
                {
                    await Task.WhenAny(awake, Task.Delay(step, _time, timer.Token));
                    await timer.CancelAsync();
                }

                cancel.ThrowIfCancellationRequested();
                // A step that took far longer by the wall clock: the machine was asleep, and nobody knows what became of the line.
                var slept = _time.GetUtcNow() - clock > (2 * step) + _tick;
                var woken = awake.IsCompleted || slept;
                if (!woken && pulse.Silence < pulse.Limit) continue;
                if (!await AnswersAsync(line, pulse, woken ? _timings.PongLimitAwake : _timings.PongLimit, cancel))
                    return new Failure(line.Transport, FailureKind.Timeout, $"silent for {pulse.Silence.TotalSeconds:0} s");
            }
        }
        catch (OperationCanceledException)
        {
            return new Failure(line.Transport, FailureKind.Network, "given up");
        }
    }

    private async Task<bool> AnswersAsync(Line line, Pulse pulse, TimeSpan limit, CancellationToken cancel)
    {
        var asked = pulse.Silence;
        var waiting = Task.Delay(limit, _time, cancel);
        if (line.CanSend) _ = TellAsync(line, new PingFrame(), cancel);
        else if (asked < pulse.Limit) return false; // woken: a stream costs nothing to open anew
        await waiting;
        return pulse.Silence < limit + TimeSpan.FromMilliseconds(1);
    }
}
