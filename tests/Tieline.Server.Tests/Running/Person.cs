using System.Net;
using System.Text.Json;
using Tieline.Core.Accounts;

namespace Tieline.Server.Tests.Running;

/// <summary>Somebody with an account and a token.</summary>
internal sealed record Person(RunningServer Server, Account Account, string Token)
{
    public string Id => Account.Id;

    public Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path) => Server.CallAsync(HttpMethod.Get, path, Token);

    public Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object? body = null) => Server.CallAsync(HttpMethod.Post, path, Token, body);

    public Task<(HttpStatusCode Status, JsonElement Body)> DeleteAsync(string path) => Server.CallAsync(HttpMethod.Delete, path, Token);

    /// <summary>Sends over HTTP, as v2; returns the acknowledgement.</summary>
    public async Task<JsonElement> SendAsync(Person to, string text, string? clientId = null)
    {
        var (status, body) = await PostAsync("/api/chat/messages", new { client_id = clientId ?? Guid.CreateVersion7().ToString(), to = to.Id, message = text });
        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        return body;
    }

    /// <summary>Opens the v2 socket and reads up to and including <c>synced</c>.</summary>
    public async Task<TestSocket> OpenAsync(string? since = null)
    {
        var socket = await ConnectAsync(since);
        await socket.ReadUntilAsync("synced");
        return socket;
    }

    /// <summary>Opens the v2 socket and reads nothing.</summary>
    public Task<TestSocket> ConnectAsync(string? since = null) =>
        TestSocket.ConnectAsync(Server.Address, "/api/chat/ws/me?v=2" + (since is null ? "" : $"&since={since}"), Token);

    /// <summary>Opens the v1 socket of the chat with somebody; the history is the first frame to read.</summary>
    public Task<TestSocket> OpenV1Async(Person peer) =>
        TestSocket.ConnectAsync(Server.Address, $"/api/chat/ws/{peer.Id}?token={Token}", null);
}
