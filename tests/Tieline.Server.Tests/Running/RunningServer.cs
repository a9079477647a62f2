using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Accounts;
using Tieline.Server.Configuration;
using Tieline.Server.Http;

namespace Tieline.Server.Tests.Running;

/// <summary>A real server on a free port of 127.0.0.1, with its database in a folder of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string Secret = "Zt6wq9Vb2xKp5mJr8sNy4cHf7dGa3eLu";

    private readonly WebApplication _app;
    private readonly bool _ownsFolder;

    private RunningServer(WebApplication app, string folder, bool ownsFolder, LogLines log)
    {
        (_app, Folder, _ownsFolder, Log) = (app, folder, ownsFolder, log);
        Address = new Uri(app.Urls.First());
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }
    public string Folder { get; }
    public HttpClient Http { get; }

    /// <summary>Everything logged so far.</summary>
    public LogLines Log { get; }

    public ChatServer Chat => _app.Services.GetRequiredService<ChatServer>();
    public IMessageStore Store => Chat.Store;

    /// <summary>Every route of this server with its methods; none: any.</summary>
    public IEnumerable<(string Path, IReadOnlyList<string> Methods)> Routes => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.GetMetadata<MappedMethods>() is not null)
        .Select(endpoint => (endpoint.RoutePattern.RawText!, endpoint.Metadata.GetMetadata<MappedMethods>()!.Methods));

    public static async Task<RunningServer> StartAsync(Func<TielineOptions, TielineOptions>? configure = null, string? folder = null, TimeProvider? time = null, string? appFolder = null)
    {
        var data = folder ?? Directory.CreateTempSubdirectory("tieline-test-").FullName;
        var options = new TielineOptions { Data = data, JwtSecret = Secret, SignupsPerMinute = 0 };
        var log = new LogLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 20 * 1024;
        });
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug).AddFilter("Microsoft", LogLevel.Warning);
        if (time is not null) builder.Services.AddSingleton(time);
        builder.Services.AddTieline(configure?.Invoke(options) ?? options);
        var app = builder.Build();
        app.MapTieline();
        if (appFolder is not null) app.MapAppAndNothingElse(appFolder);
        await app.StartAsync();
        return new RunningServer(app, data, folder is null, log);
    }

    /// <summary>Adds an account without going through sign-up.</summary>
    public async Task<Person> AddPersonAsync(string name)
    {
        var email = $"{name.ToLowerInvariant()}@example.org";
        var outcome = await Store.SubmitAsync(new AddAccount(new AccountDraft(name, email, name, name.ToLowerInvariant())));
        return new Person(this, ((AccountAdded)outcome).Account, TokenFor(email));
    }

    public string TokenFor(string email) => new Tokens(Chat.Options, Encoding.UTF8.GetBytes(Secret),
        new SigningKeys(Chat.Options, Encoding.UTF8.GetBytes(Secret), Http, TimeProvider.System, Log.CreateLogger("")), TimeProvider.System).Issue(email, null);

    /// <summary>Sends a request and reads the JSON that comes back.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(HttpMethod method, string path, string? token = null, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsFolder) Directory.Delete(Folder, recursive: true);
    }
}
