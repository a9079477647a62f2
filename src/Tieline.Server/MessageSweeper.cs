using Microsoft.Extensions.Logging;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;

namespace Tieline.Server;

/// <summary>Removes messages whose time has come. Clients do not wait for it: they know <c>expires_at</c>.</summary>
internal sealed class MessageSweeper(IMessageStore store, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_every, time);
        try
        {
            do
            {
                try
                {
                    await SweepAsync(stop);
                }
                catch (OutcomeUnknownException e)
                {
                    ServerLog.MessageSweepFailed(log, e);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Until nothing is over any more, or the store refuses: the next round tries again.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        long swept = 0;
        while (await store.SubmitAsync(new Sweep()) is Changed { Count: > 0 and var count })
        {
            swept += count;
            cancel.ThrowIfCancellationRequested();
        }

        if (swept > 0) ServerLog.MessagesSwept(log, swept);
    }
}
