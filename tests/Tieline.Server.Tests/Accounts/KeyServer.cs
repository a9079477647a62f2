using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tieline.Server.Tests.Accounts;

/// <summary>Somebody who gives out tokens: an OpenID Connect authority with its discovery document and its keys, over real HTTP.</summary>
internal sealed class KeyServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _fetches;

    private KeyServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public string Issuer => Address + "/";

    /// <summary>The key set as it is given out now; null: the server fails.</summary>
    public string? KeySet { get; set; }

    /// <summary>How often the key set was asked for.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    public static async Task<KeyServer> StartAsync(params TestKey[] keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var server = new KeyServer(builder.Build()) { KeySet = TestKey.KeySet(keys) };
        server._app.Map("/.well-known/openid-configuration", context => context.Response.WriteAsync(JsonSerializer.Serialize(new { issuer = server.Issuer, jwks_uri = server.Address + "/keys" })));
        server._app.Map("/keys", context =>
        {
            Interlocked.Increment(ref server._fetches);
            if (server.KeySet is { } keySet) return context.Response.WriteAsync(keySet);
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
