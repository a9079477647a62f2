using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tieline.Protocol.Findings;
using Tieline.Server;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Sqlite;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline serve</c>: the chat server.</summary>
internal static class ServeCommand
{
    private const int MaxRequestLine = 20 * 1024;
    private const int MaxHeaders = 64 * 1024;

    public static Command Create()
    {
        var command = new Command("serve", "Run the chat server.");
        var settings = SettingOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            try
            {
                var options = settings.Load(parsed);
                await RunAsync(options, cancel);
                return ExitCodes.Done;
            }
            catch (ConfigurationException e)
            {
                return ExitCodes.CannotRun(e.Problems);
            }
            catch (Exception e) when (e is NewerDataException or NewerDatabaseException or UnfitDatabaseException)
            {
                return ExitCodes.CannotRun([e.Message]);
            }
            catch (IOException e) when (e.InnerException is AddressInUseException)
            {
                return ExitCodes.CannotRun([$"listen: the address is in use already: {e.Message} {FindingCatalogue.OfCause("upstream.port_taken")!.Sentence}"]);
            }
        });
        return command;
    }

    private static async Task RunAsync(TielineOptions options, CancellationToken cancel)
    {
        // Empty: no appsettings.json is looked for, or watched in a folder whose database is written a thousand times a second.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Tokens may stand in the address, and grow beyond the 8 KiB that a request line may have by default.
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaders;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        builder.WebHost.UseUrls(options.Listen);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        if (options.LogFormat == LogFormat.Json) builder.Logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        else
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.DrainSeconds + 1));
        builder.Services.AddTieline(options);

        await using var app = builder.Build();
        var appFolder = options.AppFolder;
        var served = app.MapTieline().MapAppAndNothingElse(appFolder);
        await app.StartAsync(cancel);
        Console.WriteLine($"Tieline listens on {string.Join(", ", app.Urls)}, data in {Path.GetFullPath(options.Data)}.");
        if (served) Console.WriteLine($"The chat app is at {app.Urls.First()}/");
        else if (appFolder is not null) Console.WriteLine($"The chat app is not built: there is no index.html in {appFolder}. `make app` builds it (Node 20); everything else works.");
        await app.WaitForShutdownAsync(cancel);
    }
}
