using Tieline.Protocol.Frames;

namespace Tieline.Cli.Verify;

/// <summary>A person who opens a chat now and then, at any node: reads its end, and says how far it has read.</summary>
internal sealed class Reader(Doors doors, Journal journal, Load load, HttpMessageHandler? handler) : IDisposable
{
    private const int PageSize = 30;
    private static readonly (int Min, int Max) _pauseMs = (150, 600);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = ServerView.Client(handler);

    public Task RunAsync(CancellationToken cancel) => Load.RepeatAsync(ReadAsync, cancel);

    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(Random.Shared.Next(_pauseMs.Min, _pauseMs.Max), cancel);
            if (load.IsOver || journal.SomeConversation() is not { } known) continue;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(_patience);
            using var asked = ServerView.Request(HttpMethod.Get, doors.Next($"/api/chat/history?conversation={Uri.EscapeDataString(known.Conversation)}&limit={PageSize}"), journal.Token);
            using var answer = await _http.SendAsync(asked, limit.Token);
            var page = (PageFrame)ServerFrameReader.Read(await ServerView.BodyAsync(answer.EnsureSuccessStatusCode(), limit.Token));
            journal.Take(new Reading(known.Conversation, known.Seq, [.. page.Messages.Select(Journal.Kept)]));
            if (page.Messages.Count > 0) await MarkAsync(new Place(known.Conversation, page.Messages[^1].Seq), limit.Token);
        }
    }

    private async Task MarkAsync(Place place, CancellationToken cancel)
    {
        journal.Mark(place, confirmed: false);
        using var request = ServerView.Request(HttpMethod.Post, doors.Next("/api/chat/v2/read"), journal.Token);
        request.Content = ServerView.Json(ClientFrameWriter.ToUtf8(new ReadFrame(place.Conversation, place.Seq), withType: false));
        using var answer = await _http.SendAsync(request, cancel);
        if (answer.IsSuccessStatusCode) journal.Mark(place, confirmed: true);
    }
}
