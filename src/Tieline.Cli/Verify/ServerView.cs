using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Cli.Verify;

/// <summary>What is asked of the server besides the load: accounts at the beginning, and everything it keeps at the end.</summary>
internal sealed class ServerView(Doors doors, HttpMessageHandler? handler) : IDisposable
{
    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = Client(handler);

    /// <summary>Its patience is longer than a long poll waits.</summary>
    public static HttpClient Client(HttpMessageHandler? handler) => new(handler ?? new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }, disposeHandler: handler is null)
    {
        Timeout = TimeSpan.FromSeconds(40),
    };

    public static HttpRequestMessage Request(HttpMethod method, Uri address, string token)
    {
        var request = new HttpRequestMessage(method, address) { Version = HttpVersion.Version20 };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    public static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <exception cref="LineLostException">Not the server has answered, but a proxy in front of it.</exception>
    public static async Task<byte[]> BodyAsync(HttpResponseMessage answer, CancellationToken cancel) =>
        answer.Content.Headers.ContentType?.MediaType is "application/json" ? await answer.Content.ReadAsByteArrayAsync(cancel) : throw new LineLostException($"a proxy said {(int)answer.StatusCode}");

    /// <summary>Over HTTP an error is the frame's fields, without its type.</summary>
    public static ErrorFrame ReadError(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        return new ErrorFrame(json.RootElement.GetProperty("code").GetString()!, json.RootElement.GetProperty("message").GetString()!, json.RootElement.GetProperty("retryable").GetBoolean());
    }

    /// <summary>All of them are.</summary>
    public async Task ReadyAsync(CancellationToken cancel)
    {
        foreach (var server in doors.All) await ReadyAsync(server, cancel);
    }

    /// <summary>A new account, and the token and cursor with which it begins.</summary>
    public async Task<Journal> SignUpAsync(string name, CancellationToken cancel)
    {
        // Others may have been here before, on a server that is kept.
        var username = $"{name}{Guid.NewGuid():N}"[..12];
        using var body = new StringContent($$"""{"full_name":"{{name}}","username":"{{username}}","email":"{{username}}@verify.example","password":"{{Guid.NewGuid()}}"}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(doors.Next("/api/auth/signup"), body, cancel);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed)
            throw new LineLostException("nobody can sign up there. This needs nodes with accounts=builtin");
        using var token = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel));
        var bearer = token.RootElement.GetProperty("access_token").GetString()!;
        using var me = await GetAsync("/api/auth/me", bearer, cancel);
        using var log = await GetAsync("/api/chat/sync", bearer, cancel);
        return new Journal(me.RootElement.GetProperty("id").GetString()!, bearer, new Cursor(log.RootElement.GetProperty("epoch").GetString()!, Head(log)));
    }

    /// <summary>The newest position in a person's log.</summary>
    public async Task<long> HeadAsync(Journal person, CancellationToken cancel)
    {
        using var log = await GetAsync("/api/chat/sync", person.Token, cancel);
        return Head(log);
    }

    /// <summary>Every message of every conversation that these people have.</summary>
    public async Task<IReadOnlyList<KeptMessage>> ReadAllAsync(IReadOnlyList<Journal> people, CancellationToken cancel)
    {
        var kept = new List<KeptMessage>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var person in people)
        {
            using var list = await GetAsync("/api/chat/conversations", person.Token, cancel);
            foreach (var item in list.RootElement.GetProperty("conversations").EnumerateArray())
            {
                var conversation = item.GetProperty("conversation").GetString()!;
                if (done.Add(conversation)) await ReadAsync(conversation, person.Token, kept, cancel);
            }
        }

        return kept;
    }

    /// <summary>A person's whole log in one reading, at one node; null where it is longer than the node gives (resume_events).</summary>
    public async Task<WholeLog?> ReadLogAsync(Journal person, Uri server, CancellationToken cancel)
    {
        var events = new List<Delivery>();
        var cursor = new Cursor(person.Cursor.Epoch, 0);
        while (true)
        {
            using var log = await GetAsync(new Uri(server, $"/api/chat/sync?since={cursor}&limit=1000"), person.Token, cancel);
            foreach (var element in log.RootElement.GetProperty("frames").EnumerateArray())
            {
                var frame = ServerFrameReader.Read(element);
                if (frame is SnapshotFrame) return null;
                if (Journal.ReadDelivery(frame) is { } delivery) events.Add(delivery);
            }

            if (!log.RootElement.GetProperty("more").GetBoolean()) return new WholeLog(server.Authority, events);
            cursor = cursor with { Pos = Head(log) };
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task ReadyAsync(Uri server, CancellationToken cancel)
    {
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < _startPatience; await Task.Delay(50, cancel))
        {
            try
            {
                using var answer = await _http.GetAsync(new Uri(server, "/readyz"), cancel);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Nor now.
            }
        }

        throw new LineLostException($"the server at {server.Authority} was not ready within {_startPatience.TotalSeconds} s");
    }

    private async Task ReadAsync(string conversation, string token, List<KeptMessage> kept, CancellationToken cancel)
    {
        long? before = null;
        while (true)
        {
            using var json = await GetAsync($"/api/chat/history?conversation={Uri.EscapeDataString(conversation)}&limit=200{(before is { } seq ? $"&before_seq={seq}" : "")}", token, cancel);
            var page = (PageFrame)ServerFrameReader.Read(json.RootElement);
            kept.AddRange(page.Messages.Select(Journal.Kept));
            if (!page.More || page.Messages.Count == 0) return;
            before = page.Messages[0].Seq;
        }
    }

    private Task<JsonDocument> GetAsync(string path, string token, CancellationToken cancel) => GetAsync(doors.Next(path), token, cancel);

    private async Task<JsonDocument> GetAsync(Uri address, string token, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Get, address, token);
        using var answer = await _http.SendAsync(request, cancel);
        return JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel));
    }

    private static long Head(JsonDocument log) => log.RootElement.GetProperty("pos").GetInt64();
}
