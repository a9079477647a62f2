using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

public sealed class RestTests : TwoPeople
{
    [Fact]
    public async Task A_send_by_post_and_the_same_by_socket_are_one_message()
    {
        var posted = await Ada.SendAsync(Bob, "hello", "c1");
        await using var socket = await Ada.OpenAsync();
        await socket.SendAsync(new { type = "send", client_id = "c1", to = "bob", message = "hello" });
        var acked = await socket.ReadUntilAsync("ack");

        posted.GetProperty("type").GetString().ShouldBe("ack");
        acked.GetProperty("duplicate").GetBoolean().ShouldBeTrue();
        acked.GetProperty("id").GetString().ShouldBe(posted.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("""{"client_id":"c1","to":"nobody","message":"x"}""", HttpStatusCode.NotFound, "not_found")]
    [InlineData("""{"client_id":"c1","to":"ada","message":"x"}""", HttpStatusCode.BadRequest, "self")]
    [InlineData("""{"client_id":"c1","to":"bob"}""", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("""{"to":"bob","message":"x"}""", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("""{"client_id":"stored","to":"bob","message":"something else"}""", HttpStatusCode.Conflict, "conflict")]
    [InlineData("[]", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("{", HttpStatusCode.BadRequest, "not_json")]
    public async Task A_refusal_is_the_error_frame_and_v1s_detail(string body, HttpStatusCode status, string code)
    {
        await Ada.SendAsync(Bob, "first", "stored");
        var (answered, refusal) = await Ada.PostAsync("/api/chat/messages", body);

        answered.ShouldBe(status);
        refusal.GetProperty("code").GetString().ShouldBe(code);
        refusal.GetProperty("retryable").GetBoolean().ShouldBeFalse();
        refusal.GetProperty("detail").GetString().ShouldBe(refusal.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Over_the_rate_http_gets_429_with_retry_after_but_a_resend_is_answered()
    {
        await using var server = await RunningServer.StartAsync(options => options with { SendsPerSecond = 1, SendsBurst = 1 });
        var (eve, fay) = (await server.AddPersonAsync("eve"), await server.AddPersonAsync("fay"));
        await eve.SendAsync(fay, "one", "c1");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat/messages");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", eve.Token);
        request.Content = new StringContent("""{"client_id":"c2","to":"fay","message":"two"}""", Encoding.UTF8, "application/json");
        using var refused = await server.Http.SendAsync(request);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await refused.Content.ReadAsStringAsync()).ShouldContain("retry_after_ms");
        (await eve.SendAsync(fay, "one", "c1")).GetProperty("duplicate").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Every_command_of_the_socket_can_be_posted()
    {
        var ack = await Ada.SendAsync(Bob, "hello");
        var conversation = ack.GetProperty("conversation").GetString();

        (await Bob.PostAsync("/api/chat/v2/recv", new { pos = 1 })).Status.ShouldBe(HttpStatusCode.NoContent);
        (await Bob.PostAsync("/api/chat/v2/read", new { conversation, seq = 1 })).Status.ShouldBe(HttpStatusCode.NoContent);
        (await Bob.PostAsync("/api/chat/v2/history", new { conversation })).Body.GetProperty("messages").GetArrayLength().ShouldBe(1);
        (await Bob.PostAsync("/api/chat/v2/sync", new { since = $"{Server.Store.Epoch}.0" })).Body.GetProperty("frames").GetArrayLength().ShouldBeGreaterThan(0);
        (await Bob.PostAsync("/api/chat/v2/ping", new { })).Body.GetProperty("type").GetString().ShouldBe("pong");
        (await Bob.PostAsync("/api/chat/v2/clear", new { conversation })).Status.ShouldBe(HttpStatusCode.NoContent);
        (await Bob.GetAsync($"/api/chat/history?conversation={conversation}")).Body.GetProperty("messages").GetArrayLength().ShouldBe(0);
        (await Bob.PostAsync("/api/chat/v2/dance", new { })).Body.GetProperty("code").GetString().ShouldBe("unknown_type");
    }

    [Fact]
    public async Task History_goes_back_page_by_page()
    {
        var ack = await Ada.SendAsync(Bob, "text 1");
        for (var i = 2; i <= 12; i++) await Ada.SendAsync(Bob, $"text {i}");
        var path = $"/api/chat/history?conversation={ack.GetProperty("conversation").GetString()}&limit=5";

        var (_, newest) = await Bob.GetAsync(path);
        var (_, middle) = await Bob.GetAsync(path + "&before_seq=8");
        var (_, oldest) = await Bob.GetAsync(path + "&before_seq=3");

        Seqs(newest).ShouldBe([8, 9, 10, 11, 12]);
        Seqs(middle).ShouldBe([3, 4, 5, 6, 7]);
        Seqs(oldest).ShouldBe([1, 2]);
        (newest.GetProperty("more").GetBoolean(), oldest.GetProperty("more").GetBoolean()).ShouldBe((true, false));
    }

    [Fact]
    public async Task People_are_found_by_the_whole_of_their_email_or_username_and_never_by_less()
    {
        (await IdsAsync(Ada, "bob@example.org")).ShouldBe(["bob"]);
        (await IdsAsync(Ada, "BOB@EXAMPLE.ORG")).ShouldBe(["bob"]);
        (await IdsAsync(Ada, "bob")).ShouldBe(["bob"]);
        (await IdsAsync(Ada, "bo")).ShouldBeEmpty();
        (await Ada.GetAsync("/api/chat/people/bob")).Body.GetProperty("name").GetString().ShouldBe("bob");
        (await Ada.GetAsync("/api/chat/people/nobody")).Status.ShouldBe(HttpStatusCode.NotFound);

        await using var open = await RunningServer.StartAsync(options => options with { PeoplePrefix = true });
        var eve = await open.AddPersonAsync("eve");
        await open.AddPersonAsync("evelyn");
        (await IdsAsync(eve, "ev")).ShouldBe(["eve", "evelyn"]);
    }

    [Fact]
    public async Task Searching_for_people_has_a_rate()
    {
        await using var server = await RunningServer.StartAsync(options => options with { PeoplePerMinute = 3 });
        var eve = await server.AddPersonAsync("eve");
        for (var i = 0; i < 3; i++) await IdsAsync(eve, "x");

        (await eve.GetAsync("/api/chat/people?q=x")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("GET", "/api/auth/me")]
    [InlineData("GET", "/api/chat/list")]
    [InlineData("GET", "/api/chat/conversation/bob")]
    [InlineData("GET", "/api/chat/unread-count")]
    [InlineData("GET", "/api/chat/unread-per-user")]
    [InlineData("POST", "/api/chat/mark-read/bob")]
    [InlineData("POST", "/api/chat/share-post")]
    [InlineData("DELETE", "/api/chat/clear/bob")]
    [InlineData("POST", "/api/chat/block/bob")]
    [InlineData("GET", "/api/chat/blocked")]
    [InlineData("POST", "/api/chat/mute/bob")]
    [InlineData("POST", "/api/chat/ticket")]
    [InlineData("GET", "/api/chat/stream")]
    [InlineData("GET", "/api/chat/sync")]
    [InlineData("POST", "/api/chat/messages")]
    [InlineData("GET", "/api/chat/history?conversation=x")]
    [InlineData("POST", "/api/chat/v2/read")]
    [InlineData("GET", "/api/chat/conversations")]
    [InlineData("GET", "/api/chat/people?q=bob")]
    [InlineData("GET", "/api/chat/people/bob")]
    [InlineData("POST", "/api/chat/probe")]
    public async Task Nothing_is_told_without_a_token(string method, string path)
    {
        using var response = await Server.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"detail\":\"Missing token\"");
    }

    private static IEnumerable<long> Seqs(System.Text.Json.JsonElement page) => page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("seq").GetInt64());

    private static async Task<List<string?>> IdsAsync(Person person, string query)
    {
        var (_, body) = await person.GetAsync("/api/chat/people?q=" + Uri.EscapeDataString(query));
        return [.. body.GetProperty("people").EnumerateArray().Select(found => found.GetProperty("id").GetString())];
    }
}
