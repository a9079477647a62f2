using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tieline.Core.Accounts;
using Tieline.Protocol;
using Tieline.Server.Attachments;

namespace Tieline.Server.Http;

/// <summary>tus 1.0 (https://tus.io/protocols/resumable-upload): core, creation, creation-with-upload, termination, expiration.</summary>
internal static class UploadEndpoints
{
    private const string Root = "/api/chat/uploads";
    private const string TusVersion = "1.0.0";
    private const string Extensions = "creation,creation-with-upload,termination,expiration";
    private const string BytesType = "application/offset+octet-stream";
    private const int MaxMetadata = 4096;

    public static void Map(Routes routes)
    {
        routes.Map(Root, ("OPTIONS", OptionsAsync), ("POST", request => TusAsync(request, CreateAsync)));
        routes.Map(Root + "/{id}", ("OPTIONS", OptionsAsync), ("HEAD", request => TusAsync(request, HeadAsync)), ("PATCH", request => TusAsync(request, PatchAsync)),
            ("DELETE", request => TusAsync(request, DeleteAsync)), ("POST", OverrideAsync));
    }

    /// <summary>Some networks let nothing but GET and POST through; the protocol says how to ask for the rest.</summary>
    private static Task OverrideAsync(ApiRequest request) => request.Context.Request.Headers["X-HTTP-Method-Override"].ToString() switch
    {
        "HEAD" => TusAsync(request, HeadAsync),
        "PATCH" => TusAsync(request, PatchAsync),
        "DELETE" => TusAsync(request, DeleteAsync),
        _ => TusAsync(request, (_, _) => throw new RefusedRequestException(WireError.MethodNotAllowed, "An upload takes HEAD, PATCH and DELETE; a POST names one of them in X-HTTP-Method-Override.")),
    };

    private static async Task TusAsync(ApiRequest request, Func<ApiRequest, AccountKey, Task> handle)
    {
        var owner = (await request.IdentifyAsync()).Account.Key;
        var headers = request.Context.Response.Headers;
        headers["Tus-Resumable"] = TusVersion;
        if (request.Context.Request.Headers["Tus-Resumable"] != TusVersion)
        {
            headers["Tus-Version"] = TusVersion;
            throw new RefusedRequestException(WireError.Invalid, $"Tus-Resumable must be {TusVersion}.", StatusCodes.Status412PreconditionFailed);
        }

        await handle(request, owner);
    }

    private static Task OptionsAsync(ApiRequest request)
    {
        var headers = request.Context.Response.Headers;
        headers["Tus-Resumable"] = headers["Tus-Version"] = TusVersion;
        headers["Tus-Extension"] = Extensions;
        headers["Tus-Max-Size"] = Text(request.Server.Options.UploadBytes);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static async Task CreateAsync(ApiRequest request, AccountKey owner)
    {
        var length = HeaderNumber(request, "Upload-Length") ?? throw new RefusedRequestException(WireError.Invalid, "Upload-Length is missing: the length must be known when an upload begins.");
        var wait = request.Server.UploadStarts.TryTake(owner);
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, "Too many uploads; wait a little.", retryAfter: wait);
        var upload = request.Server.Uploads.Create(owner, length, FileNameIn(request.Context.Request.Headers["Upload-Metadata"].ToString()));

        var response = request.Context.Response;
        response.Headers.Location = $"{Root}/{upload.Id}";
        TellExpiry(request, upload);
        if (request.Context.Request.ContentType == BytesType) response.Headers["Upload-Offset"] = Text(await AppendAsync(request, upload, 0));
        response.StatusCode = StatusCodes.Status201Created;
    }

    private static async Task HeadAsync(ApiRequest request, AccountKey owner)
    {
        var response = request.Context.Response;
        response.Headers.CacheControl = "no-store";
        if (request.Server.Uploads.Find(owner, IdOf(request)) is { } upload)
        {
            TellExpiry(request, upload);
            response.Headers["Upload-Length"] = Text(upload.Length);
            response.Headers["Upload-Offset"] = Text(await request.Server.Uploads.OffsetAsync(upload, request.Cancel));
            return;
        }

        var finished = await FindFinishedAsync(request, owner);
        response.Headers["Upload-Length"] = response.Headers["Upload-Offset"] = Text(finished);
    }

    private static async Task PatchAsync(ApiRequest request, AccountKey owner)
    {
        if (request.Context.Request.ContentType != BytesType) throw new RefusedRequestException(WireError.Invalid, $"Content-Type must be {BytesType}.", StatusCodes.Status415UnsupportedMediaType);
        var offset = HeaderNumber(request, "Upload-Offset") ?? throw new RefusedRequestException(WireError.Invalid, "Upload-Offset is missing.");
        var response = request.Context.Response;
        if (request.Server.Uploads.Find(owner, IdOf(request)) is { } upload)
        {
            TellExpiry(request, upload);
            response.Headers["Upload-Offset"] = Text(await AppendAsync(request, upload, offset));
        }
        else
        {
            var finished = await FindFinishedAsync(request, owner);
            if (offset != finished) throw new RefusedRequestException(WireError.Conflict, $"The upload is finished; it stands at {Text(finished)}.");
            response.Headers["Upload-Offset"] = Text(finished);
        }

        response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task DeleteAsync(ApiRequest request, AccountKey owner)
    {
        if (request.Server.Uploads.Find(owner, IdOf(request)) is { } upload) await request.Server.Uploads.RemoveAsync(upload, request.Cancel);
        else
        {
            await FindFinishedAsync(request, owner);
            if (!await request.Server.Sweeper.RemoveAsync(IdOf(request), owner, request.Cancel))
                throw new RefusedRequestException(WireError.Conflict, "A message carries this file; it goes with the message.");
        }

        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task<long> AppendAsync(ApiRequest request, Upload upload, long offset)
    {
        // What an upload may hold is checked by itself; the limit of the host is for everything else.
        if (request.Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        return request.Server.Uploads.AppendAsync(upload, offset, request.Context.Request.Body, request.Context.Request.ContentLength, request.Cancel);
    }

    /// <exception cref="RefusedRequestException">not_found, also for somebody else's.</exception>
    private static async Task<long> FindFinishedAsync(ApiRequest request, AccountKey owner) =>
        await request.Store.FindAttachmentAsync(IdOf(request), request.Cancel) is { } attachment && attachment.Owner == owner
            ? attachment.UploadLength : throw new RefusedRequestException(WireError.NotFound, "There is no such upload.");

    private static void TellExpiry(ApiRequest request, Upload upload) =>
        request.Context.Response.Headers["Upload-Expires"] = Uploads.ExpiryOf(upload).ToString("R", CultureInfo.InvariantCulture);

    private static string IdOf(ApiRequest request) => (string)request.Context.Request.RouteValues["id"]!;

    private static long? HeaderNumber(ApiRequest request, string name)
    {
        var text = request.Context.Request.Headers[name].ToString();
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new RefusedRequestException(WireError.Invalid, $"{name} must be a whole number.");
    }

    /// <summary><c>key base64,key base64</c>; only the name of the file is taken.</summary>
    private static string? FileNameIn(string metadata)
    {
        if (metadata.Length > MaxMetadata) throw new RefusedRequestException(WireError.Invalid, $"Upload-Metadata may have at most {MaxMetadata} characters.");
        foreach (var pair in metadata.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = pair.Split(' ', 2);
            if (parts[0] is not ("filename" or "name") || parts.Length < 2) continue;
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(parts[1]));
            }
            catch (FormatException)
            {
                throw new RefusedRequestException(WireError.Invalid, "A value of Upload-Metadata must be base64.");
            }
        }

        return null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
