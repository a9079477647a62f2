using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Configuration;

/// <summary>A chat inside somebody's own app: two lines, and nothing of the app changes.</summary>
public sealed class EmbeddingTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-test-").FullName;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.AddTieline(new TielineOptions { Data = _folder });
        _app = builder.Build();
        _app.MapGet("/", () => "their page");
        _app.MapGet("/api/orders", () => "their orders");
        _app.MapGet("/api/chat/rooms", () => "their rooms");
        _app.MapGet("/api/{anything}/{id}", (string anything, string id) => $"their {anything} {id}");
        _app.MapTieline();
        _app.MapFallback(() => "their single page");
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("GET", "/", 200, "their page")]
    [InlineData("GET", "/api/orders", 200, "their orders")]
    [InlineData("GET", "/api/shop/7", 200, "their shop 7")]
    [InlineData("GET", "/api/chat/rooms", 200, "their rooms")]
    [InlineData("GET", "/some/page", 200, "their single page")]
    [InlineData("GET", "/api/unknown", 200, "their single page")]
    public async Task Their_routes_answer_as_before_and_without_our_headers(string method, string path, int status, string body)
    {
        using var response = await _http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        ((int)response.StatusCode, await response.Content.ReadAsStringAsync()).ShouldBe((status, body));
        response.Headers.Contains("X-Tieline").ShouldBeFalse();
    }

    [Fact]
    public async Task Two_people_chat_through_it()
    {
        var (ada, bob) = (await SignUpAsync("ada"), await SignUpAsync("bob"));
        var address = new Uri(_app.Urls.First());
        await using var bobs = await TestSocket.ConnectAsync(address, "/api/chat/ws/me?v=2", bob.Token);
        await bobs.ReadUntilAsync("synced");
        await using var adas = await TestSocket.ConnectAsync(address, $"/api/chat/ws/{bob.Id}?token={ada.Token}", null);
        await adas.ReadUntilAsync("history");

        await adas.SendAsync(new { message = "from within" });

        (await adas.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe("from within");
        (await bobs.ReadUntilAsync("message")).GetProperty("from_user").GetString().ShouldBe(ada.Id);
        using var response = await _http.GetAsync("/api/chat/nothing-here/at/all");
        (response.StatusCode, response.Headers.Contains("X-Tieline")).ShouldBe((HttpStatusCode.NotFound, true));
    }

    private async Task<(string Id, string Token)> SignUpAsync(string name)
    {
        using var response = await _http.PostAsJsonAsync("/api/auth/signup", new { email = $"{name}@example.org", password = "correct horse" });
        var token = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/auth/me") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var me = await _http.SendAsync(request);
        return ((await me.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!, token);
    }
}
