using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Tieline.Core.Attachments;
using Tieline.Protocol;
using Tieline.Server.Attachments;

namespace Tieline.Server.Http;

/// <summary>Files by their signed addresses, and fresh addresses for members.</summary>
internal static class FileEndpoints
{
    private const int CopyBuffer = 64 * 1024;

    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/files/{id}", ("GET", request => ServeAsync(request, thumb: false)));
        routes.Map("/api/chat/files/{id}/thumb", ("GET", request => ServeAsync(request, thumb: true)));
        routes.Map("/api/chat/files/{id}/picture", ("GET", PictureAsync));
        routes.Map("/api/chat/attachments/{id}", ("GET", FreshAsync));
    }

    /// <summary>For a client whose addresses ran out while it showed them.</summary>
    private static async Task FreshAsync(ApiRequest request)
    {
        var me = (await request.IdentifyAsync()).Account;
        var (attachment, conversation) = await request.Store.FindVisibleAttachmentAsync(me.Key, IdOf(request), request.Cancel)
            ?? throw new RefusedRequestException(WireError.NotFound, "There is no such attachment.");
        var links = request.Server.Links;
        var expiry = links.Expiry;
        await request.Context.ObjectAsync(json =>
        {
            json.WriteString("id", attachment.Id);
            json.WriteString("url", links.AddressOf(attachment.Id, false, conversation, expiry));
            if (attachment.HasThumb) json.WriteString("thumb_url", links.AddressOf(attachment.Id, true, conversation, expiry));
            json.WriteNumber("expires_in_s", expiry - request.Server.Time.GetUtcNow().ToUnixTimeSeconds());
        });
    }

    private static async Task ServeAsync(ApiRequest request, bool thumb)
    {
        var (id, conversation, expiry) = (IdOf(request), request.Text("c") ?? "", request.Number("e") ?? 0);
        // Without a signature of ours nothing is told, not even that the file exists.
        if (!request.Server.Links.IsSigned(id, thumb, conversation, expiry, request.Text("s") ?? "")) throw NotFound();
        if (request.Server.Links.IsExpired(expiry)) throw new RefusedRequestException(WireError.Forbidden, "This address has run out; the message has a fresh one.");
        // Deleted for all means now, not when the addresses run out.
        var attachment = await request.Store.FindAttachmentInAsync(conversation, id, request.Cancel) ?? throw NotFound();
        if (thumb && !attachment.HasThumb) throw NotFound();

        var response = request.Context.Response;
        SetHeaders(response.Headers, attachment, thumb);
        response.ContentType = thumb ? Thumbnails.Type : attachment.Type;
        if (thumb) await SendWholeAsync(request, Thumbnails.NameOf(id), null);
        else await SendAsync(request, attachment);
    }

    /// <summary>The picture of a group, small where there is a small one. Its id is the secret: nobody but its uploader knows it before it is shown.</summary>
    private static async Task PictureAsync(ApiRequest request)
    {
        var attachment = await request.Store.FindPictureAsync(IdOf(request), request.Cancel) ?? throw NotFound();
        SetHeaders(request.Context.Response.Headers, attachment, attachment.HasThumb);
        request.Context.Response.ContentType = attachment.HasThumb ? Thumbnails.Type : attachment.Type;
        if (attachment.HasThumb) await SendWholeAsync(request, Thumbnails.NameOf(attachment.Id), null);
        else await SendAsync(request, attachment);
    }

    private static void SetHeaders(IHeaderDictionary headers, Attachment attachment, bool thumb)
    {
        headers.XContentTypeOptions = "nosniff";
        // Whatever the file holds, it runs as nobody: no script, no form, no cookie of this origin.
        headers.ContentSecurityPolicy = "sandbox";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers.CacheControl = "private, max-age=31536000, immutable";
        var disposition = new ContentDispositionHeaderValue(thumb || MediaType.IsShownInPlace(attachment.Type) ? "inline" : "attachment");
        if (!thumb) disposition.SetHttpFileName(attachment.Name);
        headers.ContentDisposition = disposition.ToString();
    }

    private static async Task SendAsync(ApiRequest request, Attachment attachment)
    {
        var (asked, headers) = (request.Context.Request.Headers, request.Context.Response.Headers);
        // A file never changes, so its id is its version.
        var tag = $"\"{attachment.Id}\"";
        headers.ETag = tag;
        headers.AcceptRanges = "bytes";
        if (asked.IfNoneMatch.ToString() is { Length: > 0 } known && (known == "*" || known.Contains(tag, StringComparison.Ordinal)))
        {
            request.Context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var range = asked.IfRange.ToString() is { Length: > 0 } version && version != tag ? null : RangeOf(asked.Range.ToString(), attachment.Size);
        if (range is not { } part)
        {
            await SendWholeAsync(request, attachment.Id, attachment.Size);
            return;
        }

        if (part.Length <= 0)
        {
            headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{attachment.Size}");
            headers.Remove("Content-Disposition");
            headers.Remove("Cache-Control");
            await request.Context.RefuseAsync(WireError.Invalid, "The file is shorter than that.", StatusCodes.Status416RangeNotSatisfiable);
            return;
        }

        headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {part.From}-{part.From + part.Length - 1}/{attachment.Size}");
        request.Context.Response.StatusCode = StatusCodes.Status206PartialContent;
        await SendPartAsync(request, attachment.Id, part.From, part.Length);
    }

    /// <returns>Null for the whole file: no range, several, or one that is none. A length of 0 or less: beyond the end.</returns>
    private static (long From, long Length)? RangeOf(string header, long size)
    {
        if (!RangeHeaderValue.TryParse(header, out var parsed) || parsed.Unit != "bytes" || parsed.Ranges.Count != 1) return null;
        var range = parsed.Ranges.First();
        if (range.From is not { } from) return (Math.Max(0, size - range.To!.Value), Math.Min(size, range.To.Value));
        return (from, Math.Min(range.To ?? (size - 1), size - 1) - from + 1);
    }

    private static async Task SendWholeAsync(ApiRequest request, string name, long? size)
    {
        if (size is { } length) await SendPartAsync(request, name, 0, length);
        else
        {
            await using var file = await OpenAsync(request, name, 0, long.MaxValue);
            if (!HttpMethods.IsHead(request.Context.Request.Method)) await file.CopyToAsync(request.Context.Response.Body, request.Cancel);
        }
    }

    private static async Task SendPartAsync(ApiRequest request, string name, long from, long length)
    {
        request.Context.Response.ContentLength = length;
        if (HttpMethods.IsHead(request.Context.Request.Method)) return;
        await using var file = await OpenAsync(request, name, from, length);
        await CopyAsync(file, request.Context.Response.Body, length, request.Cancel);
    }

    private static async Task CopyAsync(Stream from, Stream to, long length, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        try
        {
            while (length > 0 && await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), cancel) is > 0 and var read)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cancel);
                length -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<Stream> OpenAsync(ApiRequest request, string name, long from, long length)
    {
        Stream? file;
        try
        {
            file = await request.Server.Files.OpenAsync(name, from, length, request.Cancel);
        }
        catch (IOException e)
        {
            ServerLog.FileUnreadable(request.Server.Log, name, e);
            Forget(request.Context.Response.Headers);
            throw new RefusedRequestException(WireError.Unavailable, "The file cannot be read right now.", retryAfter: TimeSpan.FromSeconds(5));
        }

        if (file is not null) return file;
        ServerLog.FileMissing(request.Server.Log, name);
        Forget(request.Context.Response.Headers);
        throw NotFound();
    }

    /// <summary>What was said of the file does not hold for a refusal.</summary>
    private static void Forget(IHeaderDictionary headers)
    {
        foreach (var name in (string[])["Cache-Control", "Content-Disposition", "Content-Range", "ETag", "Accept-Ranges"]) headers.Remove(name);
    }

    private static RefusedRequestException NotFound() => new(WireError.NotFound, "There is no such file.");

    private static string IdOf(ApiRequest request) => (string)request.Context.Request.RouteValues["id"]!;
}
