using System.Text;
using System.Text.Json;
using Tieline.Protocol.Frames;

namespace Tieline.Cli.Verify;

/// <summary>A person without a socket: sends by POST, one at a time, and receives by the stream or by the long poll.</summary>
internal sealed class HttpPeer(Doors doors, Journal journal, Load load, bool stream, HttpMessageHandler? handler) : IDisposable
{
    private const int PollSeconds = 5;

    /// <summary>What a sound server needs at most, and some.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = ServerView.Client(handler);

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
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_patience);
        using var request = ServerView.Request(HttpMethod.Post, doors.Next("/api/chat/messages"), journal.Token);
        request.Content = ServerView.Json(ClientFrameWriter.ToUtf8(new SendFrame(message.ClientId, message.To, null, message.Text), withType: false));
        using var answer = await _http.SendAsync(request, limit.Token);
        var body = await ServerView.BodyAsync(answer, limit.Token);
        if (answer.IsSuccessStatusCode) journal.Take(ServerFrameReader.Read(body));
        else journal.Take(ServerView.ReadError(body));
    }

    private async Task StreamAsync(CancellationToken cancel)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(_patience);
        using var request = ServerView.Request(HttpMethod.Get, doors.Next("/api/chat/stream"), journal.Token);
        request.Headers.Add("Last-Event-ID", journal.Cursor.ToString());
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(silence.Token));
        while (await lines.ReadLineAsync(silence.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) journal.Take(ServerFrameReader.Read(Encoding.UTF8.GetBytes(line["data: ".Length..])));
            silence.CancelAfter(TimeSpan.FromSeconds(journal.PingSeconds + 5));
        }
    }

    private async Task PollAsync(CancellationToken cancel)
    {
        while (true)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(_patience + TimeSpan.FromSeconds(PollSeconds));
            using var request = ServerView.Request(HttpMethod.Get, doors.Next($"/api/chat/sync?since={journal.Cursor}&wait={PollSeconds}"), journal.Token);
            using var answer = await _http.SendAsync(request, limit.Token);
            using var json = JsonDocument.Parse(await ServerView.BodyAsync(answer.EnsureSuccessStatusCode(), limit.Token));
            foreach (var frame in json.RootElement.GetProperty("frames").EnumerateArray()) journal.Take(ServerFrameReader.Read(frame));
        }
    }
}
