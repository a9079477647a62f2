using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Attachments;

public sealed class DownloadTests : TwoPeople
{
    private static readonly byte[] _file = Encoding.ASCII.GetBytes("0123456789abcdef");

    [Theory]
    [InlineData("bytes=0-3", 206, "0123", "bytes 0-3/16")]
    [InlineData("bytes=10-", 206, "abcdef", "bytes 10-15/16")]
    [InlineData("bytes=-2", 206, "ef", "bytes 14-15/16")]
    [InlineData("bytes=-99", 206, "0123456789abcdef", "bytes 0-15/16")]
    [InlineData("bytes=12-99", 206, "cdef", "bytes 12-15/16")]
    [InlineData("bytes=16-", 416, null, "bytes */16")]
    [InlineData("bytes=0-1,4-5", 200, "0123456789abcdef", null)]
    [InlineData("lines=1", 200, "0123456789abcdef", null)]
    public async Task A_part_can_be_asked_for(string range, int status, string? content, string? contentRange)
    {
        var shown = await SendAsync();
        var answer = await Answer.ToAsync(Server, "GET", shown.GetProperty("url").GetString()!, null, null, ("Range", range));

        (answer.Status, answer.Header("Content-Range")).ShouldBe((status, contentRange));
        if (content is not null) answer.Text.ShouldBe(content);
    }

    [Fact]
    public async Task A_download_is_kept_by_its_reader_and_can_do_nothing()
    {
        var url = (await SendAsync()).GetProperty("url").GetString()!;
        var answer = await Answer.ToAsync(Server, "GET", url, null, null, ("Origin", "https://app.example"));

        answer.Header("Cache-Control").ShouldBe("max-age=31536000, private, immutable");
        (answer.Header("X-Content-Type-Options"), answer.Header("Content-Security-Policy"), answer.Header("Accept-Ranges")).ShouldBe(("nosniff", "sandbox", "bytes"));
        answer.Header("Content-Disposition").ShouldBe("attachment; filename=Gr__e.txt; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt");
        answer.Header("Access-Control-Allow-Origin").ShouldBe("*");
        (await Answer.ToAsync(Server, "GET", url, null, null, ("If-None-Match", answer.Header("ETag")!))).Status.ShouldBe(304);
        (await Answer.ToAsync(Server, "GET", url, null, null, ("Range", "bytes=1-2"), ("If-Range", "\"another\""))).Status.ShouldBe(200);
        var head = await Answer.ToAsync(Server, "HEAD", url);
        (head.Status, head.Header("Content-Length"), head.Text).ShouldBe((200, "16", ""));
    }

    [Fact]
    public async Task Only_a_signed_address_opens_a_file_and_only_members_are_given_one()
    {
        var cy = await Server.AddPersonAsync("cy");
        var shown = await SendAsync();
        var (id, url) = (shown.GetProperty("id").GetString()!, shown.GetProperty("url").GetString()!);
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(Server.Address, url).Query);
        var (conversation, expiry, signature) = (query["c"]!, long.Parse(query["e"]!), query["s"]!);

        async Task<int> StatusOf(string path, string? token = null) => (await Answer.ToAsync(Server, "GET", path, token)).Status;

        (await StatusOf(url)).ShouldBe(200);
        (await StatusOf($"/api/chat/files/{id}", cy.Token)).ShouldBe(404);
        (await StatusOf($"/api/chat/files/{id}", Ada.Token)).ShouldBe(404);
        (await StatusOf($"/api/chat/files/{id}?c={conversation}&e={expiry}&s={signature[..^1]}x")).ShouldBe(404);
        (await StatusOf($"/api/chat/files/{id}?c={conversation}&e={expiry + 1}&s={signature}")).ShouldBe(404);
        (await StatusOf($"/api/chat/files/{id}/thumb?c={conversation}&e={expiry}&s={signature}")).ShouldBe(404);
        (await StatusOf($"/api/chat/attachments/{id}", cy.Token)).ShouldBe(404);
        (await StatusOf($"/api/chat/attachments/{id}")).ShouldBe(401);
        foreach (var person in (Person[])[Ada, Bob])
        {
            var (status, fresh) = await person.GetAsync($"/api/chat/attachments/{id}");
            status.ShouldBe(HttpStatusCode.OK);
            fresh.GetProperty("url").GetString().ShouldBe(url);
        }
    }

    [Fact]
    public async Task An_address_runs_out_and_a_message_kept_in_memory_gets_a_fresh_one()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(options => options with { TokenDays = 3_000, FileLinkMinutes = 60 }, time: time);
        var (eve, fay) = (await server.AddPersonAsync("eve"), await server.AddPersonAsync("fay"));
        await using var socket = await fay.OpenAsync();
        await Sent.SendAsync(eve, fay, await Tus.UploadAsync(eve, _file));
        var live = UrlIn(await socket.ReadUntilAsync("message"));
        (await server.Http.GetAsync(live)).StatusCode.ShouldBe(HttpStatusCode.OK);

        time.Advance(TimeSpan.FromMinutes(60));
        (await server.Http.GetAsync(live)).StatusCode.ShouldBe(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromMinutes(61));
        var expired = await Answer.ToAsync(server, "GET", live);
        (expired.Status, expired.Json.GetProperty("code").GetString()).ShouldBe((403, "forbidden"));

        // The same event, out of the feed's memory, over another transport.
        var (_, sync) = await fay.GetAsync($"/api/chat/sync?since={server.Store.Epoch}.0&wait=0");
        var fresh = UrlIn(sync.GetProperty("frames").EnumerateArray().Single(frame => frame.GetProperty("type").GetString() == "message"));
        fresh.ShouldNotBe(live);
        (await server.Http.GetAsync(fresh)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<JsonElement> SendAsync() => await Sent.ShownAsync(Ada, Bob, await Tus.UploadAsync(Ada, _file, "Grüße.txt"));

    private static string UrlIn(JsonElement message) => message.GetProperty("attachments")[0].GetProperty("url").GetString()!;
}
