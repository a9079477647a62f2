using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;

namespace Tieline.Server.Attachments;

/// <summary>Collects what nobody needs: uploads not finished or not sent within a day, and what deleted messages carried.</summary>
internal sealed class AttachmentSweeper(Uploads uploads, IMessageStore store, IFileStore files, TimeProvider time, ILogger log)
{
    private const int Batch = 500;
    private static readonly TimeSpan _every = TimeSpan.FromMinutes(5);

    // One round after the other: of two at once, one would take for done what the other is still at.
    private readonly SemaphoreSlim _round = new(1);

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
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    ServerLog.SweepFailed(log, e);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    public async Task SweepAsync(CancellationToken cancel)
    {
        await _round.WaitAsync(cancel);
        try
        {
            await SweepRoundAsync(cancel);
        }
        finally
        {
            _round.Release();
        }
    }

    private async Task SweepRoundAsync(CancellationToken cancel)
    {
        await uploads.RemoveExpiredAsync(cancel);
        var collected = 0;
        while (true)
        {
            var unused = await store.ReadUnusedAttachmentsAsync(time.GetUtcNow() - Uploads.Lifetime, Batch, cancel);
            var before = collected;
            foreach (var (id, doomed) in unused)
                if (doomed || await DoomAsync(id, null)) collected += await CollectAsync(id, cancel);
            if (unused.Count < Batch || collected == before) break;
        }

        if (collected > 0) ServerLog.AttachmentsCollected(log, collected);
    }

    /// <summary>Removes a finished upload that was not sent.</summary>
    /// <returns>False when a message carries it.</returns>
    public async Task<bool> RemoveAsync(string id, AccountKey owner, CancellationToken cancel)
    {
        if (!await DoomAsync(id, owner)) return false;
        await CollectAsync(id, cancel);
        return true;
    }

    private async Task<bool> DoomAsync(string id, AccountKey? owner) => await store.SubmitAsync(new DoomAttachment(id, owner)) is Changed { Count: > 0 };

    /// <summary>Doomed first, the file next, the row last: a crash in between leaves work for the next round and never a file that could be sent and is not there.</summary>
    private async Task<int> CollectAsync(string id, CancellationToken cancel)
    {
        await files.DeleteAsync(id, cancel);
        await files.DeleteAsync(Thumbnails.NameOf(id), cancel);
        await store.SubmitAsync(new ForgetAttachment(id));
        return 1;
    }
}
