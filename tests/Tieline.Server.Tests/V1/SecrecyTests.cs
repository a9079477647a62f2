using System.Buffers.Text;
using System.Text;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>A token never lands in the log, by whichever way it comes.</summary>
public sealed class SecrecyTests
{
    [Fact]
    public async Task No_token_lands_in_the_log()
    {
        await using var server = await RunningServer.StartAsync(options => options with { OperatorToken = "operator-token-of-the-test" });
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        // Another key's token: well made, refused.
        var foreign = server.TokenFor("eve@example.org")[..^3] + "AAA";
        var ticket = (await ada.PostAsync("/api/chat/ticket")).Body.GetProperty("ticket").GetString()!;
        const string Opaque = "opaque-token-of-somebody-else.part2.part3";
        var attempt = Guid.NewGuid();
        string[] tokens = [ada.Token, bob.Token, foreign];

        foreach (var token in (string[])[.. tokens, Opaque])
        {
            var encoded = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token));
            foreach (var path in (string[])[$"/api/chat/ws/bob?token={token}", $"/api/chat/ws/me?v=2&token={token}&attempt={attempt}", $"/api/chat/ws/bob?token={token}?token={token}",
                $"/api/chat/ws/bob&token={token}", $"/api/chat/ws/token={token}", $"/api/chat/ws/bob?attempt={token}", $"/api/chat/ws/bob?ticket={token}", $"/api/chat/ws/bob?TOKEN={token}"])
            {
                await SocketAsync(path);
                foreach (var plain in (string[])["", "/api/chat/list"]) await Answer.ToAsync(server, "GET", plain.Length == 0 ? path : plain + $"?token={token}");
            }

            await SocketAsync("/api/chat/ws/me?v=2", token);
            await SocketAsync("/api/chat/ws/me?v=2", protocols: ["tieline.v2", "bearer." + encoded]);
            await SocketAsync("/api/chat/ws/me?v=2", protocols: ["tieline.v2", "bearer." + token]);
            await Answer.ToAsync(server, "GET", $"/api/chat/sync?token={token}&since={token}&wait=0");
            await Answer.ToAsync(server, "POST", "/api/chat/report", null, new StringContent($$$"""{"url":"wss://x/api/chat/ws/me?token={{{token}}}","headers":{"Authorization":"Bearer {{{token}}}","Sec-WebSocket-Protocol":"tieline.v2, bearer.{{{token}}}, bearer.{{{encoded}}}"}}"""));
            await Answer.ToAsync(server, "GET", "/api/auth/me", token, null, ("X-Forwarded-For", $"1.2.3.4, {token}"), ("Via", $"1.1 {token}"));
            await Answer.ToAsync(server, "GET", "/api/chat/ws/bob", null, null, ("Sec-WebSocket-Key", "x"), ("X-Forwarded-For", $"token={token}"), ("Via", $"token={token}"));
        }

        await SocketAsync($"/api/chat/ws/bob?ticket={ticket}");
        await Answer.ToAsync(server, "GET", $"/api/chat/attempt/{attempt}", null, null, ("X-Operator-Token", "operator-token-of-the-test"));
        await server.CallAsync(HttpMethod.Post, "/api/auth/login", null, new { username = "ada@example.org", password = "a-password-of-ada" });

        // The signature is what makes a token; the rest may be told by a refusal.
        var log = server.Log.Text;
        foreach (var token in tokens) log.ShouldNotContain(token.Split('.')[2]);
        foreach (var secret in (string[])[Opaque, "part2.part3", Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Opaque)), ticket, "a-password-of-ada", "operator-token-of-the-test", RunningServer.Secret])
            log.ShouldNotContain(secret);
        foreach (var token in tokens) log.ShouldNotContain(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token)));

        async Task SocketAsync(string path, string? token = null, string[]? protocols = null)
        {
            await using var socket = await TestSocket.ConnectAsync(server.Address, path, token, options =>
            {
                foreach (var protocol in protocols ?? []) options.AddSubProtocol(protocol);
            });
        }
    }

    [Fact]
    public async Task A_line_of_the_log_cannot_be_forged_by_an_address()
    {
        await using var server = await RunningServer.StartAsync();

        await Answer.ToAsync(server, "GET", "/api/chat/ws/bob%0A2026%20info%3A%20forged?attempt=x%0Aforged");

        server.Log.All.ShouldContain(line => line.Id == 201);
        server.Log.All.ShouldAllBe(line => !line.Text.Contains('\n', StringComparison.Ordinal));
    }
}
