using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.BadInput;

/// <summary>Bad requests, bad handshakes, and clients that stand still.</summary>
public sealed class ConnectionTests : StillServing
{
    [Theory]
    [InlineData("/api/chat/ws/../list", 401)]
    [InlineData("/api/chat/conversation/..%2f..%2fetc%2fpasswd", 404)]
    [InlineData("/api/chat/conversation/%00", 400)]
    [InlineData("/api/chat/conversation/_diag", 404)]
    [InlineData("/api/chat/conversation/me", 404)]
    [InlineData("/api/chat/people/%F0%9F%8D%BD", 404)]
    [InlineData("/api/chat/nothing", 404)]
    [InlineData("/api/", 404)]
    [InlineData("/api/chat/attempt/x", 404)]
    [InlineData("/api/chat/history?conversation=x&limit=-1", 400)]
    [InlineData("/api/chat/history?conversation=x&before_seq=1e9", 400)]
    [InlineData("/api/chat/sync?wait=never", 400)]
    [InlineData("/api/chat/people", 400)]
    public async Task A_strange_address_gets_a_plain_refusal(string path, int status)
    {
        await using var raw = await RawSocket.OpenAsync(Server.Address);
        var authorization = path.Contains("..", StringComparison.Ordinal) && status == 401 ? "" : $"Authorization: Bearer {Ada.Token}\r\n";
        await raw.WriteAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n{authorization}Connection: close\r\n\r\n");

        (await raw.ReadHeadAsync()).ShouldStartWith($"HTTP/1.1 {status} ");
    }

    [Theory]
    [InlineData("POST", "/api/chat/list", 405)]
    [InlineData("PUT", "/api/chat/messages", 405)]
    [InlineData("DELETE", "/api/chat/test", 405)]
    public async Task A_wrong_method_is_405_with_what_is_allowed(string method, string path, int status)
    {
        using var response = await Server.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.Allow.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413()
    {
        var (status, body) = await Ada.PostAsync("/api/chat/messages", "{\"x\":\"" + new string('x', 70_000) + "\"}");

        status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        body.GetProperty("code").GetString().ShouldBe("too_large");
    }

    [Theory]
    [InlineData("one header of 100 kB", 1, 100_000)]
    [InlineData("a thousand headers", 1_000, 100)]
    public async Task A_header_bomb_is_refused(string what, int count, int size)
    {
        await using var raw = await RawSocket.OpenAsync(Server.Address);
        var headers = new StringBuilder("GET /api/chat/test HTTP/1.1\r\nHost: x\r\n");
        for (var i = 0; i < count; i++) headers.Append($"X-{i}: {new string('a', size)}\r\n");
        try
        {
            await raw.WriteAsync(headers + "\r\n");
        }
        catch (IOException)
        {
            // The server may hang up before it has everything.
        }

        var head = await raw.ReadHeadAsync();
        (head.Length == 0 || head.StartsWith("HTTP/1.1 431", StringComparison.Ordinal)).ShouldBeTrue(what + head);
    }

    public static TheoryData<string, string, int, string> Handshakes => new()
    {
        { "no upgrade", "", 426, "Upgrade" },
        { "the upgrade stripped", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", 426, "A proxy in front" },
        { "Connection without upgrade", "Upgrade: websocket\r\nConnection: keep-alive\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", 426, "A proxy in front" },
        { "the key of the fix instructions", Upgrade + "Sec-WebSocket-Key: test\r\nSec-WebSocket-Version: 13\r\n", 400, "openssl rand" },
        { "no key", Upgrade + "Sec-WebSocket-Version: 13\r\n", 400, "Sec-WebSocket-Key" },
        { "a key of 15 bytes", Upgrade + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA\r\nSec-WebSocket-Version: 13\r\n", 400, "Sec-WebSocket-Key" },
        { "two keys", Upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", 400, "Sec-WebSocket-Key" },
        { "version 8", Upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n", 400, "Sec-WebSocket-Version" },
    };

    private const string Upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

    [Theory]
    [MemberData(nameof(Handshakes))]
    public async Task A_bad_handshake_is_told_what_it_lacks(string what, string headers, int status, string told)
    {
        await using var raw = await RawSocket.OpenAsync(Server.Address);
        await raw.WriteAsync($"GET /api/chat/ws/me?v=2 HTTP/1.1\r\nHost: x\r\n{headers}\r\n");

        (await raw.ReadHeadAsync()).ShouldStartWith($"HTTP/1.1 {status} ", customMessage: what);
        var body = await raw.ReadTextAsync();
        body.ShouldContain(told, customMessage: what);
        body.ShouldContain("\"saw\":", customMessage: what);
    }

    [Theory]
    [InlineData("upgrade", "keep-alive, Upgrade")]
    [InlineData("WebSocket", "upgrade")]
    [InlineData("websocket", "Upgrade, keep-alive")]
    public async Task A_handshake_is_read_as_the_rfc_says_whatever_its_case_and_order(string upgrade, string connection)
    {
        await using var raw = await RawSocket.OpenAsync(Server.Address);
        await raw.WriteAsync($"GET /api/chat/ws/me?v=2 HTTP/1.1\r\nHost: x\r\nUpgrade: {(upgrade == "upgrade" ? "websocket" : upgrade)}\r\nConnection: {connection}\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

        var head = await raw.ReadHeadAsync();
        head.ShouldStartWith("HTTP/1.1 101 ");
        head.ShouldContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        head.ShouldNotContain("Sec-WebSocket-Extensions");
    }

    [Fact]
    public async Task Half_a_frame_that_never_ends_is_given_up()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var eve = await server.AddPersonAsync("eve");
        await using var raw = await RawSocket.ConnectAsync(server.Address, "/api/chat/ws/me?v=2&token=" + eve.Token);
        await raw.WriteAsync([0x81, 0xFE, 0x10, 0x00, 0, 0, 0, 0, (byte)'{']);
        await WaitUntilAsync(() => server.Chat.Lines.Count == 1);

        for (var i = 0; i < 62; i++) time.Advance(TimeSpan.FromSeconds(1));

        (await raw.IsClosedWithinAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_peer_that_vanished_without_a_word_is_given_up()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var eve = await server.AddPersonAsync("eve");
        await using var raw = await RawSocket.ConnectAsync(server.Address, $"/api/chat/ws/me?v=2&token={eve.Token}");
        await WaitUntilAsync(() => server.Chat.Lines.Count == 1);

        for (var i = 0; i < 62; i++) time.Advance(TimeSpan.FromSeconds(1));

        await WaitUntilAsync(() => server.Chat.Lines.Count == 0);
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
            // Polling a condition; nothing else tells when a line is gone.
            await Task.Delay(10);
        }
    }
}
