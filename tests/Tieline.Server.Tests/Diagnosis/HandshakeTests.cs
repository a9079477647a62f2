using System.Diagnostics;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Diagnosis;

/// <summary>What a handshake that arrives mangled is told, and what the operator's log says of it.</summary>
public sealed class HandshakeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    private const string Version = "Sec-WebSocket-Version: 13";

    public static TheoryData<string, string[], int, string, string?> Faults => new()
    {
        { "a look at the address", [], 426, "upgrade_required", "Upgrade" },
        { "both headers taken away", [Key, Version], 426, "upgrade_required", "Upgrade" },
        { "Upgrade taken away", ["Connection: Upgrade", Key, Version], 426, "upgrade_required", "Upgrade" },
        { "Connection replaced", ["Upgrade: websocket", "Connection: keep-alive", Key, Version], 426, "upgrade_required", "Connection" },
        { "Connection taken away", ["Upgrade: websocket", Key, Version], 426, "upgrade_required", "Connection" },
        { "another upgrade", ["Upgrade: h2c", "Connection: Upgrade", Key, Version], 426, "upgrade_required", "Upgrade" },
        { "no version", ["Upgrade: websocket", "Connection: Upgrade", Key], 400, "bad_handshake", null },
        { "an old version", ["Upgrade: websocket", "Connection: Upgrade", Key, "Sec-WebSocket-Version: 8"], 400, "bad_handshake", null },
        { "no key", ["Upgrade: websocket", "Connection: Upgrade", Version], 400, "bad_handshake", null },
        { "the key test", ["Upgrade: websocket", "Connection: Upgrade", Version, "Sec-WebSocket-Key: test"], 400, "bad_handshake", null },
        { "a key of 15 bytes", ["Upgrade: websocket", "Connection: Upgrade", Version, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"], 400, "bad_handshake", null },
        { "a key of 32 bytes", ["Upgrade: websocket", "Connection: Upgrade", Version, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="], 400, "bad_handshake", null },
        { "all there", ["upgrade: WebSocket", "connection: keep-alive, upgrade", Version, Key], 101, "", null },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_handshake_is_told_what_did_not_arrive(string what, string[] headers, int status, string code, string? missing)
    {
        var answer = await RawHttp.SendAsync(shared.Server.Address, "GET", "/api/chat/ws/me", headers);

        answer.Status.ShouldBe(status, what + answer.Body);
        answer.Head.ShouldContain("X-Tieline: 2; node=n1");
        if (status == 101) return;
        var body = RawHttp.Json(answer.Body);
        body.GetProperty("code").GetString().ShouldBe(code);
        body.GetProperty("detail").GetString().ShouldBe(body.GetProperty("message").GetString());
        (body.TryGetProperty("missing", out var named) ? named.GetString() : null).ShouldBe(missing);
        body.GetProperty("saw").GetProperty("url").GetString().ShouldBe("/api/chat/ws/me");
        if (status == 426) answer.Head.ShouldContain("Upgrade: websocket");
        if (what.Contains("version", StringComparison.Ordinal)) answer.Head.ShouldContain("Sec-WebSocket-Version: 13");
    }

    [Fact]
    public async Task A_stripped_upgrade_is_proven_by_the_key_and_logged_in_one_line_that_names_the_proxy()
    {
        await using var server = await RunningServer.StartAsync();

        await RawHttp.SendAsync(server.Address, "GET", "/api/chat/ws/me", "Connection: close");
        server.Log.All.ShouldNotContain(line => line.Id == 501, "nobody took anything away from somebody who only looks");
        var answer = await RawHttp.SendAsync(server.Address, "GET", "/api/chat/ws/me", "Connection: close", Key, Version, "Via: 1.1 caddy", "X-Forwarded-For: 203.0.113.7");

        answer.Body.ShouldContain("proxy_set_header Upgrade $http_upgrade");
        var line = server.Log.All.Where(line => line.Id == 501).ShouldHaveSingleItem().Text;
        line.ShouldContain("the proxy at 127.0.0.1 took the upgrade away");
        line.ShouldContain("HTTP/1.1, Connection \"close\", Via \"1.1 caddy\"");
    }

    [Fact]
    public async Task The_curl_in_the_answer_to_a_bad_key_opens_a_socket_when_it_is_run()
    {
        var answer = await RawHttp.SendAsync(shared.Server.Address, "GET", "/api/chat/ws/me?token=secret", "Upgrade: websocket", "Connection: Upgrade", Version, "Sec-WebSocket-Key: test");

        answer.Status.ShouldBe(400);
        var detail = RawHttp.Json(answer.Body).GetProperty("detail").GetString()!;
        detail.ShouldContain("\"test\" is not");
        detail.ShouldNotContain("secret");
        var command = detail[detail.IndexOf("curl ", StringComparison.Ordinal)..];
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command + " --max-time 5"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        output.ShouldStartWith("HTTP/1.1 101 Switching Protocols");
        output.ShouldContain("Missing token");
    }

    [Fact]
    public async Task An_address_in_that_curl_cannot_break_out_of_its_quotes()
    {
        var answer = await RawHttp.SendAsync(shared.Server.Address, "GET", "/api/chat/ws/x';touch%20y;'", "Upgrade: websocket", "Connection: Upgrade", Version, "Sec-WebSocket-Key: test");

        RawHttp.Json(answer.Body).GetProperty("detail").GetString()!.ShouldEndWith("/api/chat/ws/x%27;touch%20y;%27'");
    }

    [Fact]
    public async Task The_log_tells_the_story_of_a_line_in_order()
    {
        await using var server = await RunningServer.StartAsync();
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        var attempt = Guid.NewGuid();

        await using (var socket = await TestSocket.ConnectAsync(server.Address, $"/api/chat/ws/bob?attempt={attempt}", ada.Token))
        {
            await socket.SendAsync(new { message = "hi" });
            await socket.ReadUntilAsync("message");
        }

        await WaitForAsync(server, 205);
        var story = server.Log.All.Where(line => line.Id is >= 201 and < 300).ToArray();
        story.Select(line => line.Id).ShouldBe([201, 202, 203, 204, 209, 205]);
        story[0].Text.ShouldStartWith($"Attempt {attempt} from 127.0.0.1 on /api/chat/ws/bob: HTTP/1.1, Upgrade websocket, Connection Upgrade, key True, token True");
        story[1].Text.ShouldBe($"Attempt {attempt}: upgrade accepted.");
        story[2].Text.ShouldBe($"Attempt {attempt}: authenticated as ada.");
        story[3].Text.ShouldBe("Connected: ada -> bob (v1).");
        story[4].Text.ShouldMatch("^Stored: ada -> [A-Za-z0-9_-]+, seq 1\\.$");
        story[5].Text.ShouldBe("Closed: ada, code 1000 , 2 frames sent.");
    }

    [Fact]
    public async Task Every_way_to_send_is_logged_as_stored()
    {
        await using var server = await RunningServer.StartAsync();
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));

        await ada.SendAsync(bob, "over HTTP");
        await ada.PostAsync("/api/chat/share-post", new { post_id = "p", user_ids = (string[])["bob"] });
        await using var socket = await ada.OpenAsync();
        await socket.SendAsync(new { type = "send", client_id = "c", to = "bob", message = "over a line" });
        await socket.ReadUntilAsync("ack");

        server.Log.All.Where(line => line.Id == 209).Select(line => line.Text[^2..]).ShouldBe(["1.", "2.", "3."]);
    }

    [Fact]
    public async Task A_refusal_is_part_of_the_story()
    {
        await using var server = await RunningServer.StartAsync();
        await using var socket = await TestSocket.ConnectAsync(server.Address, "/api/chat/ws/bob", null);
        await socket.ReadCloseAsync();

        server.Log.All.Where(line => line.Id is >= 201 and < 300).Select(line => line.Id).ShouldBe([201, 202, 206]);
        server.Log.All.Single(line => line.Id == 206).Text.ShouldBe("Attempt - refused with 1008: Missing token");
    }

    internal static async Task WaitForAsync(RunningServer server, int id)
    {
        // The server writes its last line after the client has seen the end.
        for (var i = 0; i < 500 && server.Log.All.All(line => line.Id != id); i++) await Task.Delay(10);
    }
}
