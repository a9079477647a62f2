using System.Net;
using System.Text.Json;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Proxies;

/// <summary>The main job: two people chat through a real nginx, over every transport.</summary>
public sealed class NginxTests : IAsyncLifetime
{
    private TielineServer _server = null!;
    private Nginx _nginx = null!;
    private Person _ada = null!, _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TielineServer.StartAsync("--ping-s", "1");
        _nginx = await Nginx.StartAsync(_server);
        _ada = await _nginx.Entrance.SignUpAsync("ada");
        _bob = await _nginx.Entrance.SignUpAsync("bob");
    }

    public async ValueTask DisposeAsync()
    {
        await _nginx.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Two_people_chat_over_v2()
    {
        using var adas = await _ada.OpenAsync();
        using var bobs = await _bob.OpenAsync();
        await bobs.ReadUntilAsync("synced");

        await adas.SendAsync(new { type = "send", client_id = "c1", to = _bob.Id, message = "hello" });

        (await adas.ReadUntilAsync("ack")).GetProperty("duplicate").GetBoolean().ShouldBeFalse();
        (await bobs.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe("hello");
    }

    [Fact]
    public async Task Two_people_chat_over_v1()
    {
        using var adas = await _ada.OpenV1Async(_bob);
        using var bobs = await _bob.OpenV1Async(_ada);
        await adas.ReadUntilAsync("history");
        await bobs.ReadUntilAsync("history");

        await adas.SendAsync(new { message = "hi" });

        (await adas.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe("hi");
        (await bobs.ReadUntilAsync("message")).GetProperty("from_user").GetString().ShouldBe(_ada.Id);
    }

    [Fact]
    public async Task The_stream_comes_by_HTTP_2_event_by_event_and_not_in_lumps()
    {
        using var http = _nginx.Entrance.Client();
        using var request = Entrance.Request(HttpMethod.Get, "/api/chat/stream", _bob.Token);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.Version.ShouldBe(HttpVersion.Version20);
        answer.Headers.GetValues("X-Tieline").Single().ShouldStartWith("2; node=");
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        await ReadEventAsync(lines, "synced");

        // Each event is read before the next one is sent: what nginx held back would never come.
        for (var i = 1; i <= 5; i++)
        {
            await _ada.SendAsync(_bob, $"number {i}");
            (await ReadEventAsync(lines, "message")).GetProperty("message").GetString().ShouldBe($"number {i}");
        }
    }

    [Fact]
    public async Task A_long_poll_waits_and_is_answered_by_the_next_message()
    {
        var (_, start, _) = await _bob.GetAsync("/api/chat/sync");
        var cursor = $"{start.GetProperty("epoch").GetString()}.{start.GetProperty("pos").GetInt64()}";
        var poll = _bob.GetAsync($"/api/chat/sync?since={cursor}&wait=25");
        // It is waiting when the server counts its line.
        await Until.TrueAsync("the poll waits at the server", async () =>
            (await Entrance.Of(_server).CallAsync(HttpMethod.Get, "/readyz", null)).Body.GetProperty("lines").GetInt32() >= 1);

        await _ada.SendAsync(_bob, "at last");

        var (status, body, version) = await poll;
        status.ShouldBe(HttpStatusCode.OK);
        version.ShouldBe(HttpVersion.Version20);
        body.GetProperty("frames")[0].GetProperty("message").GetString().ShouldBe("at last");
    }

    [Fact]
    public async Task A_message_of_64_KiB_passes_over_every_transport()
    {
        using var bobs = await _bob.OpenAsync();
        await bobs.ReadUntilAsync("synced");
        // The frame around the text has to fit too.
        var text = new string('x', (64 * 1024) - 200);

        await _ada.SendAsync(_bob, text + "1");
        (await bobs.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe(text + "1");

        using var adas = await _ada.OpenAsync();
        await adas.SendAsync(new { type = "send", client_id = "big", to = _bob.Id, message = text + "2" });
        (await bobs.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe(text + "2");

        var (_, list, _) = await _bob.GetAsync("/api/chat/conversation/" + _ada.Id);
        list.EnumerateArray().Select(message => message.GetProperty("message").GetString()).ShouldBe([text + "1", text + "2"]);
    }

    [Fact]
    public async Task The_server_sees_the_address_of_the_client_and_believes_nothing_that_the_client_forwards()
    {
        await using var server = await TielineServer.StartAsync("--trusted-proxies", "127.0.0.1");
        await using var nginx = await Nginx.StartAsync(server);
        var elsewhere = nginx.EntranceFrom("127.0.0.2");
        using var http = elsewhere.Client();
        using var request = Entrance.Request(HttpMethod.Get, "/api/chat/ws/me", null);
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");

        using var answer = await http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);
        await Until.TrueAsync("the attempt is in the log", () => server.Log.Contains("Attempt", StringComparison.Ordinal));
        server.Log.ShouldContain("from 127.0.0.2 ");
        server.Log.ShouldContain("forwarded for 203.0.113.9, 127.0.0.2");
    }

    [Fact]
    public async Task A_visitor_without_TLS_is_sent_on_to_it()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_nginx.PlainPort}/api/chat/test") { Headers = { Host = "chat.example.org" } };
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.MovedPermanently);
        answer.Headers.Location!.Scheme.ShouldBe("https");
    }

    [Fact]
    public async Task No_token_reaches_the_log_of_nginx_or_of_the_server()
    {
        using var v1 = await _ada.OpenV1Async(_bob);
        await v1.ReadUntilAsync("history");
        v1.Dispose();

        await Until.TrueAsync("nginx has logged the line", () => _nginx.AccessLog.Contains("/api/chat/ws/", StringComparison.Ordinal));
        _nginx.AccessLog.ShouldNotContain(_ada.Token);
        _nginx.AccessLog.ShouldNotContain("token=");
        _server.Log.ShouldNotContain(_ada.Token);
    }

    [Fact]
    public async Task A_handshake_whose_upgrade_nginx_takes_away_is_answered_426_by_the_server_itself()
    {
        await using var nginx = await Nginx.StartAsync(_server, conf => conf.Replace("proxy_set_header Upgrade $http_upgrade;", "", StringComparison.Ordinal));
        var ada = _ada with { Entrance = nginx.Entrance };

        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(() => ada.OpenAsync());

        await Until.TrueAsync("the server says who did it", () => _server.Log.Contains("took the upgrade away", StringComparison.Ordinal));
    }

    private static async Task<JsonElement> ReadEventAsync(StreamReader lines, string type)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            var frame = JsonDocument.Parse(line["data: ".Length..]).RootElement;
            if (frame.GetProperty("type").GetString() == type) return frame;
        }

        throw new InvalidOperationException($"The stream ended before {type}.");
    }
}
