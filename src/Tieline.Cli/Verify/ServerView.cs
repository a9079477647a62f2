using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Cli.Verify;

/// <summary>What is asked of the server besides the load: accounts at the beginning, and everything it keeps at the end.</summary>
internal sealed class ServerView(Uri server, HttpMessageHandler? handler) : IDisposable
{
    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = Client(server, handler);

    /// <summary>Its patience is longer than a long poll waits.</summary>
    public static HttpClient Client(Uri server, HttpMessageHandler? handler) => new(handler ?? new SocketsHttpHandler(), disposeHandler: handler is null)
    {
        BaseAddress = server,
        Timeout = TimeSpan.FromSeconds(40),
    };

    public async Task ReadyAsync(CancellationToken cancel)
    {
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < _startPatience; await Task.Delay(50, cancel))
        {
            try
            {
                using var answer = await _http.GetAsync("/readyz", cancel);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
        }

        throw new LineLostException($"the server was not ready within {_startPatience.TotalSeconds} s");
    }

    public async Task<Journal> SignUpAsync(string name, CancellationToken cancel)
    {
        var email = name + "@verify.example";
        using var body = new StringContent($$"""{"full_name":"{{name}}","username":"{{name}}","email":"{{email}}","password":"{{Guid.NewGuid()}}"}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync("/api/auth/signup", body, cancel);
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

    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(string conversation, string token, List<KeptMessage> kept, CancellationToken cancel)
    {
        long? before = null;
        while (true)
        {
            using var json = await GetAsync($"/api/chat/history?conversation={Uri.EscapeDataString(conversation)}&limit=200{(before is { } seq ? $"&before_seq={seq}" : "")}", token, cancel);
            var page = (PageFrame)ServerFrameReader.Read(json.RootElement);
            kept.AddRange(page.Messages.Select(message => new KeptMessage(new Place(message.Conversation, message.Seq), message.ClientId, message.FromUser, message.Text)));
            if (!page.More || page.Messages.Count == 0) return;
            before = page.Messages[0].Seq;
        }
    }

    private async Task<JsonDocument> GetAsync(string path, string token, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request, cancel);
        return JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel));
    }

    private static long Head(JsonDocument log) => log.RootElement.GetProperty("pos").GetInt64();
}
