using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tieline.Protocol;
using Tieline.Server.Configuration;
using Tieline.Server.Http;

namespace Tieline.Server;

/// <summary>Puts a chat into an ASP.NET Core app: <c>builder.Services.AddTieline(options)</c> and <c>app.MapTieline()</c>.</summary>
public static class TielineApp
{
    /// <summary>Adds the chat server: its store in <see cref="TielineOptions.Data"/>, opened when the app starts.</summary>
    /// <param name="options">Null: all defaults.</param>
    /// <exception cref="ConfigurationException">Thrown at start when the secret cannot be used.</exception>
    public static IServiceCollection AddTieline(this IServiceCollection services, TielineOptions? options = null)
    {
        services.AddRouting();
        services.AddSingleton(provider => new ChatServer(options ?? new TielineOptions(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService<ChatLifetime>();
        return services;
    }

    /// <summary>Maps <c>/api/chat/*</c>, <c>/api/auth/*</c>, <c>/operate</c>, <c>/healthz</c> and <c>/readyz</c>. No middleware is needed for the WebSocket.</summary>
    public static IEndpointRouteBuilder MapTieline(this IEndpointRouteBuilder endpoints)
    {
        var server = endpoints.ServiceProvider.GetRequiredService<ChatServer>();
        var routes = new Routes(endpoints, server);
        SocketEndpoint.Map(routes);
        DiagnosisEndpoints.Map(routes);
        OperateEndpoints.Map(routes);
        V1Endpoints.Map(routes);
        V2Endpoints.Map(routes);
        SearchEndpoint.Map(routes);
        MessageEndpoints.Map(routes);
        GroupEndpoints.Map(routes);
        LiveEndpoints.Map(routes);
        ModerationEndpoints.Map(routes);
        StreamEndpoints.Map(routes);
        UploadEndpoints.Map(routes);
        FileEndpoints.Map(routes);
        AccountEndpoints.Map(routes, server.Options);
        HealthEndpoints.Map(routes);
        DescriptionEndpoints.Map(routes);
        // Only below our own roots: the rest of /api belongs to whoever we are embedded by.
        routes.MapAny("/api/chat/{**rest}", NothingHereAsync);
        routes.MapAny("/api/auth/{**rest}", NothingHereAsync);
        return endpoints;
    }

    /// <summary>For a server that is nothing but the chat: every other address is answered by it too, so that its header is never missing.</summary>
    /// <param name="appFolder">The exported app; null or a folder without it: none is served.</param>
    /// <returns>True when the app is there and served at <c>/</c>.</returns>
    internal static bool MapAppAndNothingElse(this IEndpointRouteBuilder endpoints, string? appFolder)
    {
        var app = appFolder is null ? null : AppFiles.Find(appFolder);
        new Routes(endpoints, endpoints.ServiceProvider.GetRequiredService<ChatServer>()).MapAny("/{**rest}", async request =>
        {
            if (app is null || !await app.TryAnswerAsync(request.Context)) await NothingHereAsync(request);
        });
        return app is not null;
    }

    private static Task NothingHereAsync(ApiRequest request) => request.Context.RefuseAsync(WireError.NotFound, $"There is nothing at {request.Context.Request.Path}.");
}

/// <summary>Opens the server with the app and closes it in order: lines are told to go, what was accepted is stored and answered, then the store is closed.</summary>
internal sealed class ChatLifetime(ChatServer server, IHostApplicationLifetime lifetime) : IHostedService
{
    private static readonly TimeSpan _pruneEvery = TimeSpan.FromHours(6);

    /// <summary>When the start is over; and a server that is started anew each night prunes too.</summary>
    private static readonly TimeSpan _firstPrune = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _stop = new();
    private Task _drain = Task.CompletedTask;
    private Task _pruning = Task.CompletedTask;
    private Task _sweeping = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Before Kestrel begins to wait for its connections: sockets end only when they are told.
        lifetime.ApplicationStopping.Register(() => _drain = server.Lines.DrainAsync(TimeSpan.FromSeconds(server.Options.DrainSeconds), server.Time));
        _pruning = PruneAsync();
        _sweeping = Task.WhenAll(server.Sweeper.RunAsync(_stop.Token), server.Disappearing.RunAsync(_stop.Token));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _drain;
        await _stop.CancelAsync();
        await _pruning;
        await _sweeping;
    }

    private async Task PruneAsync()
    {
        try
        {
            await Task.Delay(_firstPrune, server.Time, _stop.Token);
            using var timer = new PeriodicTimer(_pruneEvery, server.Time);
            do await PruneOnceAsync();
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task PruneOnceAsync()
    {
        try
        {
            ServerLog.Pruned(server.Log, await server.Store.PruneLogsAsync(server.Time.GetUtcNow().AddDays(-server.Options.LogDays), _stop.Token));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A full disk or a lock that somebody holds passes; the pruning goes on, and the stop does not fail of it.
            ServerLog.PruneFailed(server.Log, e);
        }

        if (server.Options.RetentionDays == 0) return;
        try
        {
            var dropped = await server.Store.DropMessagesAsync(server.Time.GetUtcNow().AddDays(-server.Options.RetentionDays), _stop.Token);
            if (dropped > 0) ServerLog.MessagesDropped(server.Log, dropped);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            ServerLog.DropFailed(server.Log, e);
        }
    }
}
