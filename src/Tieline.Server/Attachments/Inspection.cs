using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Server.Configuration;

namespace Tieline.Server.Attachments;

/// <summary>Looks at a complete upload: what it is, whether it may stay, and what is to be removed from it.</summary>
internal sealed class Inspection(TielineOptions options, Thumbnails thumbnails) : IDisposable
{
    /// <summary>One image at a time: each is held in memory, and a burst of them must not take the server's.</summary>
    private readonly SemaphoreSlim _images = new(1);

    public async Task<(Attachment? Attachment, Refused? Refusal)> LookAsync(Upload upload)
    {
        var type = await TypeOfAsync(upload.PartPath);
        var attachment = new Attachment(upload.Id, upload.Owner, upload.Name, type, upload.Length, upload.Length);
        if (!CleanImage.Knows(type)) return (attachment, null);
        await _images.WaitAsync();
        try
        {
            return await LookAtImageAsync(upload, attachment);
        }
        finally
        {
            _images.Release();
        }
    }

    public void Dispose() => _images.Dispose();

    private async Task<(Attachment?, Refused?)> LookAtImageAsync(Upload upload, Attachment attachment)
    {
        var file = await File.ReadAllBytesAsync(upload.PartPath);
        if (CleanImage.From(attachment.Type, file) is not { } image)
            return (null, new Refused(WireError.Invalid, "The image is damaged: what it tells of its maker cannot be removed from it."));
        if (AttachmentRules.CheckPixels(image.Width, image.Height, file.Length, options.ImageMegapixels * 1_000_000L) is { } why)
            return (null, new Refused(WireError.TooLarge, why));
        await File.WriteAllBytesAsync(upload.CleanPath, image.Bytes);
        var picture = thumbnails.Make(image);
        if (picture is not null) await File.WriteAllBytesAsync(upload.ThumbPath, picture.Thumb);
        return (attachment with { Size = image.Bytes.Length, Width = image.Width, Height = image.Height, Blur = picture?.Blur, HasThumb = picture is not null }, null);
    }

    private static async Task<string> TypeOfAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous);
        var head = new byte[Math.Min(MediaType.EndLength, file.Length)];
        await file.ReadExactlyAsync(head);
        var tail = new byte[head.Length];
        file.Position = file.Length - tail.Length;
        await file.ReadExactlyAsync(tail);
        return MediaType.Of(head, tail);
    }
}
