using System.Collections.Concurrent;
using Limit.Relay;
using Microsoft.IdentityModel.JsonWebTokens;

// What the framework's WebSocket can pass on when nothing is stored and no token is verified: the frames are
// those of the Node rival. It shows how far the load generator goes, and what share of it a durable chat keeps.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
var tokens = new JsonWebTokenHandler();
var peers = new ConcurrentDictionary<string, Peer>();

app.UseWebSockets();
app.MapGet("/healthz", () => Results.Ok());
app.Map("/", async context =>
{
    var user = tokens.ReadJsonWebToken(context.Request.Headers.Authorization.ToString()["Bearer ".Length..]).Subject;
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var peer = peers[user] = new Peer(user, socket, peers);
    await peer.RunAsync(app.Lifetime.ApplicationStopping);
    peers.TryRemove(new KeyValuePair<string, Peer>(user, peer));
});
await app.RunAsync();
