using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>Where clients come in: a server, or a proxy in front of it.</summary>
/// <param name="Address">The public address.</param>
/// <param name="Handler">How to get there; it is shared and disposed by its maker.</param>
internal sealed record Entrance(Uri Address, HttpMessageHandler Handler)
{
    /// <summary>Directly, without a proxy.</summary>
    public static Entrance Of(TielineServer server) => new(server.Address, new SocketsHttpHandler());

    public async Task<Person> SignUpAsync(string name)
    {
        var (status, token, _) = await CallAsync(HttpMethod.Post, "/api/auth/signup", null,
            new { full_name = name, username = name, email = $"{name}@example.org", password = "correct horse" });
        status.ShouldBe(HttpStatusCode.OK, token.ToString());
        var bearer = token.GetProperty("access_token").GetString()!;
        var (_, me, _) = await CallAsync(HttpMethod.Get, "/api/auth/me", bearer);
        return new Person(this, me.GetProperty("id").GetString()!, bearer);
    }

    /// <summary>A request, by HTTP/2 where the other side speaks it.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body, Version Version)> CallAsync(HttpMethod method, string path, string? token, object? body = null)
    {
        using var request = Request(method, path, token);
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var http = Client();
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, JsonDocument.Parse(text.Length == 0 ? "{}" : text).RootElement, answer.Version);
    }

    public HttpClient Client() => new(Handler, disposeHandler: false) { BaseAddress = Address };

    public static HttpRequestMessage Request(HttpMethod method, string path, string? token)
    {
        var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20 };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }
}

/// <summary>Somebody with an account.</summary>
internal sealed record Person(Entrance Entrance, string Id, string Token)
{
    public Task<Line> OpenAsync(string query = "") => Line.OpenAsync(Entrance, "/api/chat/ws/me?v=2" + query, Token);

    /// <summary>The v1 socket of the chat with somebody, as the old apps open it.</summary>
    public Task<Line> OpenV1Async(Person peer) => Line.OpenAsync(Entrance, $"/api/chat/ws/{peer.Id}?token={Token}", null);

    public Task<(HttpStatusCode Status, JsonElement Body, Version Version)> GetAsync(string path) => Entrance.CallAsync(HttpMethod.Get, path, Token);

    public async Task<JsonElement> SendAsync(Person to, string text)
    {
        var (status, ack, _) = await Entrance.CallAsync(HttpMethod.Post, "/api/chat/messages", Token, new { client_id = Guid.CreateVersion7(), to = to.Id, message = text });
        status.ShouldBe(HttpStatusCode.OK, ack.ToString());
        return ack;
    }
}
