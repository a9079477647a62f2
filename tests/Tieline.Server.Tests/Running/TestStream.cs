using System.Net.Http.Headers;
using System.Text.Json;

namespace Tieline.Server.Tests.Running;

/// <summary>A client's end of an event stream.</summary>
internal sealed class TestStream : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private TestStream(HttpResponseMessage response, Stream body) => (_response, _reader) = (response, new StreamReader(body));

    public HttpResponseHeaders Headers => _response.Headers;

    public static async Task<TestStream> OpenAsync(Person person, string query = "", string? lastEventId = null, bool authorize = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/chat/stream" + query);
        if (authorize) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.Token);
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await person.Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new TestStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event.</summary>
    public async Task<(string? Id, JsonElement Frame)> ReadAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        string? id = null;
        JsonElement? frame = null;
        while (await _reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) frame = JsonDocument.Parse(line[6..]).RootElement;
            else if (line.Length == 0 && frame is { } complete) return (id, complete);
        }

        throw new InvalidOperationException("The stream ended.");
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
