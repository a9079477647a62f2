using System.Net;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Configuration;

/// <summary>The chat app, as the server hands it to browsers.</summary>
public sealed class AppTests : IAsyncLifetime
{
    private const string Script = "/_expo/static/js/web/entry-1.js";
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-app-").FullName;
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        Write("index.html", "the page");
        Write("sw.js", "worker");
        Write(Script[1..], "plain");
        Write(Script[1..] + ".br", "brotli");
        Write(Script[1..] + ".gz", "gzip");
        _server = await RunningServer.StartAsync(appFolder: _folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/", null)]
    [InlineData("/chat", "text/html,*/*;q=0.8")]
    [InlineData("/chat/ada@example.org", "text/html,*/*;q=0.8")]
    [InlineData("/chat/a.js", "text/html")]
    public async Task A_screen_of_the_app_is_the_page_asked_for_anew_each_time(string path, string? accept)
    {
        using var answer = await GetAsync(path, accept);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("the page");
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        answer.Headers.CacheControl!.ToString().ShouldBe("no-cache");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldNotContain("unsafe");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/API/nothing")]
    [InlineData("/api/chat/nothing")]
    [InlineData("/_expo/static/js/web/entry-0.js")]
    [InlineData("/assets/none.png")]
    public async Task What_is_not_there_stays_not_found_even_for_a_browser(string path)
    {
        using var answer = await GetAsync(path, "text/html");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("the page");
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "brotli", "br")]
    [InlineData("gzip", "gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip", "gzip")]
    [InlineData("identity", "plain", null)]
    [InlineData("", "plain", null)]
    public async Task A_script_comes_compressed_as_asked_and_is_kept_for_ever(string accepted, string body, string? coding)
    {
        using var answer = await GetAsync(Script, encoding: accepted);

        (await answer.Content.ReadAsStringAsync()).ShouldBe(body);
        answer.Content.Headers.ContentEncoding.ShouldBe(coding is null ? [] : [coding]);
        answer.Headers.Vary.ShouldContain("Accept-Encoding");
        answer.Headers.CacheControl!.ToString().ShouldBe("public, max-age=31536000, immutable");
    }

    [Fact]
    public async Task What_the_browser_has_already_is_not_sent_again()
    {
        using var first = await GetAsync("/sw.js");

        using var second = await GetAsync("/sw.js", tag: first.Headers.ETag!.ToString());

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await second.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_outside_the_folder_and_no_other_method_gets_anything()
    {
        foreach (var path in (string[])["/../secret", "/%2e%2e/secret", "/..%2fsecret"])
        {
            using var answer = await GetAsync(path, "application/json");
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        using var posted = await _server.Http.PostAsync("/", new StringContent("x"));
        posted.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private Task<HttpResponseMessage> GetAsync(string path, string? accept = null, string? encoding = null, string? tag = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (!string.IsNullOrEmpty(encoding)) request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        if (tag is not null) request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return _server.Http.SendAsync(request);
    }
}
