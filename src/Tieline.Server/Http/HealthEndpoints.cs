using Microsoft.AspNetCore.Http;
using Tieline.Protocol;

namespace Tieline.Server.Http;

/// <summary>Is it running, and can it store.</summary>
internal static class HealthEndpoints
{
    public static void Map(Routes routes)
    {
        routes.Map("/healthz", ("GET", request => request.Context.ObjectAsync(json => json.WriteString("status", "ok"))));
        routes.Map("/readyz", ("GET", ReadyAsync));
    }

    private static async Task ReadyAsync(ApiRequest request)
    {
        if (request.Server.IsStopping) throw new RefusedRequestException(WireError.Restarting, "The server is stopping.");
        if (await request.Store.CheckWritableAsync(request.Cancel) is { } why) throw new RefusedRequestException(WireError.Unavailable, "Storage cannot be written: " + why);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteString("status", "ready");
            json.WriteNumber("lines", request.Server.Lines.Count);
            // A node without its bus serves all the same.
            json.WriteString("bus", request.Server.Bus.Status.Kind);
        }, StatusCodes.Status200OK);
    }
}
