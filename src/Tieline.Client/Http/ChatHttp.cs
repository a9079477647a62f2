using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Http;

/// <summary>The requests of the client. Each has its own time limit; failures come as <see cref="LineException"/> with what was seen.</summary>
internal sealed class ChatHttp : IDisposable
{
    private const int MaxAnswerBytes = 32 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public ChatHttp(Uri server, HttpMessageHandler? handler, TimeProvider time)
    {
        _time = time;
        Server = server;
        Invoker = new HttpMessageInvoker(handler ?? NewHandler(), disposeHandler: handler is null);
        _http = new HttpClient(new Borrowed(Invoker)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The server's address, with a slash at its end.</summary>
    public Uri Server { get; }

    public HttpMessageInvoker Invoker { get; }

    public Uri Address(string path) => new(Server, "api/chat/" + path);

    /// <summary>Starts a request and gives the answer when its headers are there.</summary>
    public async Task<HttpResponseMessage> StartAsync(HttpMethod method, string path, string? token, byte[]? body, CancellationToken cancel, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, Address(path));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (accept is not null) request.Headers.Accept.ParseAdd(accept);
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    /// <summary>A whole exchange. Gives the body of a 2xx answer, empty for 204.</summary>
    /// <exception cref="LineException">Anything else.</exception>
    public async Task<byte[]> ExchangeAsync(HttpMethod method, string path, string? token, byte[]? body, TimeSpan limit, Transport transport, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            using var answer = await StartAsync(method, path, token, body, both.Token);
            var content = await ReadAsync(answer, both.Token);
            return answer.IsSuccessStatusCode ? content : throw new LineException(Refused(transport, answer, content));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new LineException(Failure.Of(transport, e));
        }
    }

    /// <summary>A frame as a command; null where the server has nothing to say.</summary>
    public async Task<ServerFrame?> CommandAsync(ClientFrame frame, string token, TimeSpan limit, CancellationToken cancel)
    {
        var path = frame is SendFrame ? "messages" : "v2/" + ClientFrameWriter.TypeOf(frame);
        var answer = await ExchangeAsync(HttpMethod.Post, path, token, ClientFrameWriter.ToUtf8(frame, withType: false), limit, Transport.None, cancel);
        return answer.Length == 0 ? null : Parse(answer, static json => json.TryGetProperty("type", out _) ? ServerFrameReader.Read(json) : null);
    }

    public static T Parse<T>(byte[] answer, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FrameException or InvalidOperationException or KeyNotFoundException)
        {
            throw new LineException(new Failure(Transport.None, FailureKind.Garbled, "the answer is not what Tieline answers: " + e.Message));
        }
    }

    /// <summary>What a refused request tells.</summary>
    public static Failure Refused(Transport transport, HttpResponseMessage answer, byte[] body)
    {
        ErrorFrame? error = null;
        try
        {
            using var document = JsonDocument.Parse(body);
            var json = document.RootElement;
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String)
            {
                error = new ErrorFrame(code.GetString()!, json.TryGetProperty("message", out var text) ? text.GetString() ?? "" : "",
                    json.TryGetProperty("retryable", out var retryable) && retryable.ValueKind == JsonValueKind.True,
                    null, json.TryGetProperty("retry_after_ms", out var wait) && wait.TryGetInt32(out var ms) ? ms : null);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy's page: the status has to do.
        }

        var status = (int)answer.StatusCode;
        var after = error?.RetryAfterMs is { } given ? TimeSpan.FromMilliseconds(given) : answer.Headers.RetryAfter?.Delta;
        return new Failure(transport, FailureKind.Status, string.Create(CultureInfo.InvariantCulture, $"HTTP {status}{(error is null ? "" : $" {error.Code}: {error.Message}")}"))
        {
            Status = status,
            Error = error,
            RetryAfter = after,
            FromTieline = answer.Headers.Contains("X-Tieline"),
            ServerHeader = answer.Headers.Server.ToString() is { Length: > 0 } server ? server : null,
        };
    }

    public void Dispose()
    {
        _http.Dispose();
        Invoker.Dispose();
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
        var buffer = new ArrayBufferWriter<byte>(1024);
        while (buffer.WrittenCount < MaxAnswerBytes)
        {
            var read = await stream.ReadAsync(buffer.GetMemory(1024), cancel);
            if (read == 0) return buffer.WrittenSpan.ToArray();
            buffer.Advance(read);
        }

        throw new IOException("The answer is larger than any answer of Tieline.");
    }

    private static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false, // a redirected POST or handshake loses its meaning; the diagnosis names the new address instead
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(8),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    /// <summary>Lets HttpClient and ClientWebSocket use one handler; the invoker owns it.</summary>
    private sealed class Borrowed(HttpMessageInvoker invoker) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => invoker.SendAsync(request, cancellationToken);
    }
}
