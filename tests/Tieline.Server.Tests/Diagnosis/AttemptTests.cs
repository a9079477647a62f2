using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Bus;
using Tieline.Server.Diagnosis;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Diagnosis;

/// <summary>What the server remembers of an attempt that names itself.</summary>
public sealed class AttemptTests
{
    private static readonly SeenRequest _request = new("GET", "/", "HTTP/1.1", true, false, false, [], []);

    [Fact]
    public async Task An_attempt_tells_what_became_of_it_from_beginning_to_end()
    {
        await using var server = await RunningServer.StartAsync();
        var (ada, _) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        var attempt = Guid.NewGuid();
        var socket = await TestSocket.ConnectAsync(server.Address, $"/api/chat/ws/bob?token={ada.Token}&attempt={attempt}", null);
        await socket.ReadAsync();

        var open = (await Answer.ToAsync(server, "GET", $"/api/chat/attempt/{attempt}")).Json;
        open.EnumerateObject().Select(field => field.Name).ShouldBe(["attempt", "at", "status", "result", "frames_sent", "saw"]);
        (open.GetProperty("attempt").GetString(), open.GetProperty("status").GetInt32(), open.GetProperty("result").GetString(), open.GetProperty("frames_sent").GetInt32())
            .ShouldBe((attempt.ToString(), 101, "authenticated", 1));
        open.GetProperty("saw").GetRawText().ShouldNotContain(ada.Token.Split('.')[2]);
        open.GetProperty("saw").GetProperty("token").GetBoolean().ShouldBeTrue();

        await socket.DisposeAsync();
        await HandshakeTests.WaitForAsync(server, 205);
        var closed = (await Answer.ToAsync(server, "GET", $"/api/chat/attempt/{attempt.ToString().ToUpperInvariant()}")).Json;
        (closed.GetProperty("result").GetString(), closed.GetProperty("close_code").GetInt32()).ShouldBe(("closed", 1000));
    }

    [Theory]
    [InlineData("", 426, "plain_request", null, null)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 426, "upgrade_stripped", null, null)]
    [InlineData("Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: test", 400, "bad_handshake", null, null)]
    [InlineData("Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 101, "refused", 4401, "Missing token")]
    public async Task What_did_not_open_is_remembered_too(string headers, int status, string result, int? code, string? reason)
    {
        await using var server = await RunningServer.StartAsync();
        var attempt = Guid.NewGuid();

        await RawHttp.SendAsync(server.Address, "GET", $"/api/chat/ws/me?attempt={attempt}", headers.Split('|', StringSplitOptions.RemoveEmptyEntries));
        if (code is not null) await HandshakeTests.WaitForAsync(server, 206);

        var seen = (await Answer.ToAsync(server, "GET", $"/api/chat/attempt/{attempt}")).Json;
        (seen.GetProperty("status").GetInt32(), seen.GetProperty("result").GetString()).ShouldBe((status, result));
        (seen.TryGetProperty("close_code", out var closed) ? closed.GetInt32() : (int?)null).ShouldBe(code);
        (seen.TryGetProperty("reason", out var why) ? why.GetString() : null).ShouldBe(reason);
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("nothing")]
    [InlineData("%00")]
    public async Task What_did_not_reach_this_server_is_not_found(string attempt)
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await Answer.ToAsync(server, "GET", $"/api/chat/attempt/{attempt}");

        answer.Status.ShouldBeOneOf(404, 400);
    }

    [Fact]
    public void An_attempt_is_forgotten_after_ten_minutes()
    {
        var (attempts, time) = Make();
        var id = Guid.NewGuid().ToString();
        attempts.Begin(id, "1.1.1.1", _request);

        time.Advance(TimeSpan.FromMinutes(10));
        attempts.Find(id).ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        attempts.Find(id).ShouldBeNull();
    }

    [Fact]
    public void Sixty_a_minute_are_kept_of_one_address_and_the_others_are_not_its_fault()
    {
        var (attempts, time) = Make();
        (string Id, Attempt Attempt) Begin(string address)
        {
            var id = Guid.NewGuid().ToString();
            return (id, attempts.Begin(id, address, _request));
        }

        Enumerable.Range(0, 60).Select(_ => Begin("1.1.1.1").Id).ToList().ForEach(id => attempts.Find(id).ShouldNotBeNull());
        var beyond = Begin("1.1.1.1");
        beyond.Attempt.Id.ShouldBe(beyond.Id, "it is served and logged all the same");
        attempts.Find(beyond.Id).ShouldBeNull();
        attempts.Find(Begin("2.2.2.2").Id).ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(1.1));
        attempts.Find(Begin("1.1.1.1").Id).ShouldNotBeNull();
    }

    [Fact]
    public void Ten_thousand_are_kept_and_the_oldest_goes_first()
    {
        var (attempts, _) = Make();
        var ids = Enumerable.Range(0, 10_001).Select(_ => Guid.NewGuid().ToString()).ToArray();

        for (var i = 0; i < ids.Length; i++) attempts.Begin(ids[i], $"10.0.{i / 250}.{i % 250}", _request);

        attempts.Find(ids[0]).ShouldBeNull();
        attempts.Find(ids[1]).ShouldNotBeNull();
        attempts.Find(ids[^1]).ShouldNotBeNull();
        ids.Count(id => attempts.Find(id) is not null).ShouldBe(10_000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")]
    [InlineData("{6f9619ff-8b86-d011-b42d-00cf4fc964ff}")]
    public void A_name_that_is_no_UUID_is_not_repeated(string? id) => Make().Attempts.Begin(id, "1.1.1.1", _request).Id.ShouldBe("-");

    private static (Attempts Attempts, FakeTimeProvider Time) Make()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        return (new Attempts(time, new LocalBus(time)), time);
    }
}
