using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Server.Configuration;
using Tieline.Server.Http;

namespace Tieline.Server.Attachments;

/// <summary>Uploads from their beginning to the attachment that a message may name.</summary>
internal sealed class Uploads : IDisposable
{
    public const string Folder = "uploads";
    private const int MaxUnfinished = 100;
    private const int CopyBuffer = 64 * 1024;

    /// <summary>What a server that is killed in the middle of a long request may forget of it.</summary>
    private const int SyncEvery = 4 * 1024 * 1024;

    /// <summary>For what is not finished, and for what is finished and not sent.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, Upload> _unfinished = new();
    private readonly TielineOptions _options;
    private readonly IMessageStore _store;
    private readonly IFileStore _files;
    private readonly Inspection _inspection;
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly Lock _lock = new();

    public Uploads(TielineOptions options, IMessageStore store, IFileStore files, TimeProvider time, ILogger log)
    {
        (_options, _store, _files, _time) = (options, store, files, time);
        _inspection = new Inspection(options, new Thumbnails(log));
        _folder = Path.Combine(options.Data, Folder);
        Directory.CreateDirectory(_folder);
        foreach (var upload in Upload.LoadAll(_folder)) _unfinished[upload.Id] = upload;
    }

    public static DateTimeOffset ExpiryOf(Upload upload) => upload.Created + Lifetime;

    /// <exception cref="RefusedRequestException">too_large or rate_limited.</exception>
    public Upload Create(AccountKey owner, long length, string? name)
    {
        if (length > _options.UploadBytes) throw new RefusedRequestException(WireError.TooLarge, string.Create(CultureInfo.InvariantCulture, $"A file may have at most {_options.UploadBytes} bytes."));
        if (length == 0) throw new RefusedRequestException(WireError.Invalid, "The file is empty.");
        var upload = new Upload(_folder, ChatServer.NewId(), owner, length, AttachmentRules.CleanName(name), _time.GetUtcNow());
        lock (_lock)
        {
            var mine = _unfinished.Values.Where(other => other.Owner == owner).ToList();
            if (mine.Count >= MaxUnfinished || mine.Sum(other => other.Length) + length > _options.UploadQuotaBytes)
                throw new RefusedRequestException(WireError.RateLimited, "Too much is being uploaded at once; finish or cancel what has begun.", retryAfter: TimeSpan.FromMinutes(1));
            _unfinished[upload.Id] = upload;
        }

        Writing(() =>
        {
            using (File.Create(upload.PartPath)) upload.Save(synced: 0);
            return true;
        });
        return upload;
    }

    /// <summary>An upload of this owner that is not finished.</summary>
    public Upload? Find(AccountKey owner, string id) => _unfinished.TryGetValue(id, out var upload) && upload.Owner == owner && !IsExpired(upload) ? upload : null;

    /// <summary>How far the upload is. One that is complete, but became no attachment because the server went down, becomes one now.</summary>
    public async Task<long> OffsetAsync(Upload upload, CancellationToken cancel)
    {
        using var turn = await upload.TakeAsync(cancel);
        return await FinishIfCompleteAsync(upload, turn.Cancel);
    }

    /// <summary>Adds what comes, and keeps what came before a cut. The last byte finishes the upload.</summary>
    /// <returns>The new offset.</returns>
    /// <exception cref="RefusedRequestException">conflict where the offset is another one, too_large where more comes than was announced.</exception>
    public async Task<long> AppendAsync(Upload upload, long offset, Stream body, long? announced, CancellationToken cancel)
    {
        using var turn = await upload.TakeAsync(cancel);
        if (upload.IsOver) throw new RefusedRequestException(WireError.NotFound, "There is no such upload.");
        if (offset != upload.Offset) throw new RefusedRequestException(WireError.Conflict, string.Create(CultureInfo.InvariantCulture, $"The upload stands at {upload.Offset}, not at {offset}."));
        if (announced > upload.Length - offset) throw TooMuch(upload);
        try
        {
            await CopyAsync(upload, offset, body, turn.Cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new RefusedRequestException(WireError.Conflict, "Another request took this upload over.");
        }

        return await FinishIfCompleteAsync(upload, turn.Cancel);
    }

    /// <summary>Gives an upload up.</summary>
    public async Task RemoveAsync(Upload upload, CancellationToken cancel)
    {
        using var turn = await upload.TakeAsync(cancel);
        if (upload.IsOver) return;
        await DropAsync(upload, cancel);
    }

    public async Task RemoveExpiredAsync(CancellationToken cancel)
    {
        foreach (var upload in _unfinished.Values)
            if (IsExpired(upload)) await RemoveAsync(upload, cancel);
    }

    public void Dispose() => _inspection.Dispose();

    private bool IsExpired(Upload upload) => _time.GetUtcNow() >= ExpiryOf(upload);

    private static async Task CopyAsync(Upload upload, long offset, Stream body, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        var synced = offset;
        // No buffer of its own: what was read is in the file, whatever becomes of the request.
        await using var part = Writing(() => new FileStream(upload.PartPath, FileMode.Append, FileAccess.Write, FileShare.Read, 0, FileOptions.Asynchronous));
        try
        {
            while (await body.ReadAsync(buffer, cancel) is > 0 and var read)
            {
                if (read > upload.Length - offset) throw TooMuch(upload);
                try
                {
                    await part.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
                }
                catch (IOException e)
                {
                    throw NotWritten(e);
                }

                offset += read;
                if (offset - synced >= SyncEvery) synced = Sync(upload, part, offset);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (offset > synced) Sync(upload, part, offset);
        }
    }

    private static long Sync(Upload upload, FileStream part, long offset) => Writing(() =>
    {
        part.Flush(flushToDisk: true);
        upload.Save(synced: offset);
        return offset;
    });

    private async Task<long> FinishIfCompleteAsync(Upload upload, CancellationToken cancel)
    {
        if (upload.IsOver) return upload.Length;
        var offset = upload.Offset;
        if (offset < upload.Length) return offset;
        // From here on a client that goes away changes nothing: its next HEAD finds the attachment.
        var (attachment, refusal) = await _inspection.LookAsync(upload);
        if (refusal is not null)
        {
            await DropAsync(upload, CancellationToken.None);
            throw new RefusedRequestException(refusal.Error, refusal.Why);
        }

        try
        {
            await _files.PutAsync(upload.Id, attachment!.IsImage ? upload.CleanPath : upload.PartPath, CancellationToken.None);
            if (attachment.HasThumb) await _files.PutAsync(Thumbnails.NameOf(upload.Id), upload.ThumbPath, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw NotWritten(e);
        }

        // The file is durable before anything can refer to it.
        if (await _store.SubmitAsync(new AddAttachment(attachment)) is Refused refused) throw new RefusedRequestException(refused.Error, refused.Why);
        Forget(upload);
        return upload.Length;
    }

    private async Task DropAsync(Upload upload, CancellationToken cancel)
    {
        // It may have got this far before it failed; the row, which alone counts, is not there.
        if (upload.Offset == upload.Length)
        {
            await _files.DeleteAsync(upload.Id, cancel);
            await _files.DeleteAsync(Thumbnails.NameOf(upload.Id), cancel);
        }

        Forget(upload);
    }

    private void Forget(Upload upload)
    {
        upload.IsOver = true;
        upload.DeleteFiles();
        _unfinished.TryRemove(upload.Id, out _);
    }

    private static T Writing<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (IOException e)
        {
            throw NotWritten(e);
        }
    }

    private static RefusedRequestException TooMuch(Upload upload) => new(WireError.TooLarge, string.Create(CultureInfo.InvariantCulture, $"More comes than the {upload.Length} bytes that were announced."));

    private static RefusedRequestException NotWritten(Exception e) => new(WireError.StorageFull, $"The file cannot be stored right now: {e.Message}");
}
