using System.Net.ServerSentEvents;
using Tieline.Client.Http;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Lines;

/// <summary>Server-sent events over plain HTTP.</summary>
internal sealed class StreamLine : Line
{
    private readonly HttpResponseMessage _answer;
    private readonly CancellationTokenSource _life = new();
    private readonly IAsyncEnumerator<SseItem<byte[]>> _events;

    private StreamLine(HttpResponseMessage answer, Stream body) : base(Transport.Stream)
    {
        _answer = answer;
        _events = SseParser.Create(body, static (_, data) => data.ToArray()).EnumerateAsync(_life.Token).GetAsyncEnumerator(_life.Token);
    }

    public static async Task<Line> OpenAsync(ChatHttp http, string token, Cursor? since, CancellationToken cancel)
    {
        try
        {
            var path = since is { } cursor ? "stream?since=" + Uri.EscapeDataString(cursor.ToString()) : "stream";
            var answer = await http.StartAsync(HttpMethod.Get, path, token, null, cancel, "text/event-stream");
            if (!answer.IsSuccessStatusCode || answer.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                using (answer)
                {
                    var body = answer.IsSuccessStatusCode ? [] : await answer.Content.ReadAsByteArrayAsync(cancel);
                    throw new LineException(ChatHttp.Refused(Transport.Stream, answer, body));
                }
            }

            var line = new StreamLine(answer, await answer.Content.ReadAsStreamAsync(cancel));
            try
            {
                await line.OpenAsync(cancel);
                return line;
            }
            catch
            {
                await line.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new LineException(Failure.Of(Transport.Stream, e));
        }
    }

    public override async ValueTask<ServerFrame> ReadAsync(CancellationToken cancel)
    {
        // The enumerator has one token for its life; a wait that is given up ends the line, and so does no harm.
        await using var registration = cancel.UnsafeRegister(static life => ((CancellationTokenSource)life!).Cancel(), _life);
        try
        {
            if (await _events.MoveNextAsync()) return Parse(_events.Current.Data.AsMemory());
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new LineException(Failure.Of(Transport.Stream, e));
        }

        throw new LineException(new Failure(Transport.Stream, FailureKind.Network, "the stream ended"));
    }

    public override ValueTask DisposeAsync()
    {
        _life.Cancel();
        _answer.Dispose();
        return default;
    }
}
