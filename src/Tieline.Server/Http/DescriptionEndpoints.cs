using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tieline.Server.Http;

/// <summary>The API described: protocol/openapi.json and asyncapi.json as they were when this was built, for machines and for people. The page is text alone; it runs nothing and loads nothing.</summary>
internal static class DescriptionEndpoints
{
    private const string Style = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;background:#8881;padding:.5rem}summary{cursor:pointer;padding:.2rem 0}";
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Lazy<byte[]> _document = new(() => Read("openapi.json"));
    private static readonly Lazy<byte[]> _socket = new(() => Read("asyncapi.json"));
    private static readonly Lazy<byte[]> _page = new(() => Render(_document.Value, _socket.Value));

    public static void Map(Routes routes)
    {
        routes.Map("/api/chat/openapi.json", ("GET", request => AnswerAsync(request, "application/json; charset=utf-8", _document.Value)));
        routes.Map("/api/chat/asyncapi.json", ("GET", request => AnswerAsync(request, "application/json; charset=utf-8", _socket.Value)));
        routes.Map("/api/chat/docs", ("GET", request => AnswerAsync(request, "text/html; charset=utf-8", _page.Value)));
    }

    private static Task AnswerAsync(ApiRequest request, string type, byte[] body)
    {
        var response = request.Context.Response;
        response.ContentType = type;
        response.ContentLength = body.Length;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        return HttpMethods.IsHead(request.Context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, request.Cancel).AsTask();
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(DescriptionEndpoints).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static byte[] Render(byte[] json, byte[] socket)
    {
        using var document = JsonDocument.Parse(json);
        using var frames = JsonDocument.Parse(socket);
        var root = document.RootElement;
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Tieline: the API</title><style>")
            .Append(Style).Append("</style><h1>Tieline: the API</h1><p>").Append(Escape(root.GetProperty("info").GetProperty("description").GetString()))
            .Append(" <a href='openapi.json'>OpenAPI 3.1</a> <a href='asyncapi.json'>AsyncAPI 3</a></p>");
        foreach (var tag in root.GetProperty("tags").EnumerateArray()) RenderTag(page, root, tag);
        page.Append("<h2>Frames</h2><p>").Append(Escape(frames.RootElement.GetProperty("info").GetProperty("description").GetString())).Append("</p>");
        foreach (var message in frames.RootElement.GetProperty("components").GetProperty("messages").EnumerateObject())
            RenderDetails(page, $"<code>{Escape(message.Name)}</code> {Escape(message.Value.GetProperty("summary").GetString())}", message.Value.GetProperty("payload"));
        page.Append("<h2>Shapes</h2>");
        foreach (var schema in root.GetProperty("components").GetProperty("schemas").EnumerateObject())
            RenderDetails(page, $"<code>{Escape(schema.Name)}</code>", schema.Value);
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static void RenderTag(StringBuilder page, JsonElement root, JsonElement tag)
    {
        var name = tag.GetProperty("name").GetString();
        page.Append("<h2>").Append(Escape(name)).Append("</h2>");
        if (tag.TryGetProperty("description", out var about)) page.Append("<p>").Append(Escape(about.GetString())).Append("</p>");
        foreach (var path in root.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                if (operation.Value.GetProperty("tags")[0].GetString() != name) continue;
                RenderDetails(page, $"<code><b>{operation.Name.ToUpperInvariant()}</b> {Escape(path.Name)}</code> {Escape(operation.Value.GetProperty("summary").GetString())}", operation.Value);
            }
        }
    }

    private static void RenderDetails(StringBuilder page, string summary, JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) value.WriteTo(json);
        page.Append("<details><summary>").Append(summary).Append("</summary><pre>").Append(Escape(Encoding.UTF8.GetString(buffer.ToArray()))).Append("</pre></details>");
    }

    private static string Escape(string? text) => WebUtility.HtmlEncode(text ?? "");
}
