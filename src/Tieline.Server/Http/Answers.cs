using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Http;

/// <summary>Writes JSON answers. A refusal has the shape of v1 (<c>detail</c>) and of v2's error frame at once.</summary>
internal static class Answers
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task JsonAsync(this HttpContext context, Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, _options)) write(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    public static Task ObjectAsync(this HttpContext context, Action<Utf8JsonWriter> fields, int status = StatusCodes.Status200OK) => context.JsonAsync(json =>
    {
        json.WriteStartObject();
        fields(json);
        json.WriteEndObject();
    }, status);

    public static Task FrameAsync(this HttpContext context, ServerFrame frame)
    {
        var bytes = FrameWriter.ToUtf8(frame);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    public static Task MessageAsync(this HttpContext context, string message) => context.ObjectAsync(json => json.WriteString("message", message));

    /// <param name="status">Where v1 uses another status for a code than v2.</param>
    public static Task RefuseAsync(this HttpContext context, WireError error, string why, int? status = null, TimeSpan? retryAfter = null, string? clientId = null, Action<Utf8JsonWriter>? more = null)
    {
        if (error == WireError.Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        if (retryAfter is { } wait) context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return context.ObjectAsync(json =>
        {
            json.WriteString("detail", why);
            ServerFrameFields.WriteError(json, ErrorFrame.Of(error, why, clientId, retryAfter is { } time ? (int)time.TotalMilliseconds : null));
            more?.Invoke(json);
        }, status ?? error.Status);
    }
}
