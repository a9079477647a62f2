using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tieline.Protocol.Frames;

namespace Tieline.Cli.Verify;

/// <summary>A person without a socket: sends by POST, one at a time, and receives by the stream or by the long poll.</summary>
internal sealed class HttpPeer(Uri server, Journal journal, Load load, bool stream, HttpMessageHandler? handler) : IDisposable
{
    private readonly HttpClient _http = ServerView.Client(server, handler);

    public Task RunAsync(CancellationToken cancel) =>
        Task.WhenAll(Load.RepeatAsync(SendAsync, cancel), Load.RepeatAsync(stream ? StreamAsync : PollAsync, cancel));

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(CancellationToken cancel)
    {
        while (true)
        {
            foreach (var message in journal.Open()) await PostAsync(message, cancel);
            await load.NextAsync(journal, cancel);
        }
    }

    private async Task PostAsync(SentMessage message, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Post, "/api/chat/messages");
        request.Content = new ByteArrayContent(ClientFrameWriter.ToUtf8(new SendFrame(message.ClientId, message.To, null, message.Text), withType: false));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await _http.SendAsync(request, cancel);
        journal.Take(ServerFrameReader.Read(await answer.Content.ReadAsByteArrayAsync(cancel)));
    }

    private async Task StreamAsync(CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Get, "/api/chat/stream");
        request.Headers.Add("Last-Event-ID", journal.Cursor.ToString());
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
        while (await lines.ReadLineAsync(cancel) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) journal.Take(ServerFrameReader.Read(Encoding.UTF8.GetBytes(line["data: ".Length..])));
        }
    }

    private async Task PollAsync(CancellationToken cancel)
    {
        while (true)
        {
            using var request = Request(HttpMethod.Get, $"/api/chat/sync?since={journal.Cursor}&wait=5");
            using var answer = await _http.SendAsync(request, cancel);
            answer.EnsureSuccessStatusCode();
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
            foreach (var frame in json.RootElement.GetProperty("frames").EnumerateArray()) journal.Take(ServerFrameReader.Read(frame));
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20 };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", journal.Token);
        return request;
    }
}
