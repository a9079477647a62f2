using System.Text;
using Microsoft.AspNetCore.Http;
using Tieline.Protocol;
using Tieline.Server.Diagnosis;

namespace Tieline.Server.Http;

/// <summary>What clients and the doctor ask to find out why a line does not open. Nothing here tells a token, and addresses only to the operator.</summary>
internal static class DiagnosisEndpoints
{
    private const int MaxReport = 8 * 1024;

    public static void Map(Routes routes)
    {
        routes.MapAny("/api/chat/ws/_diag", EchoAsync);
        routes.MapAny("/api/chat/_diag", EchoAsync);
        routes.Map("/api/chat/attempt/{attempt}", ("GET", AttemptAsync));
        routes.Map("/api/chat/probe", ("POST", ProbeAsync));
        routes.Map("/api/chat/report", ("POST", ReportAsync));
    }

    /// <summary>Says what arrived of the very request, upgrade or not: it is answered 200 and never upgraded.</summary>
    private static Task EchoAsync(ApiRequest request)
    {
        var seen = SeenRequest.From(request.Context);
        var toOperator = IsOperator(request);
        return request.Context.ObjectAsync(json =>
        {
            json.WriteString("app", "tieline");
            json.WriteString("id", request.Server.Options.Node);
            json.WriteStartObject("saw");
            seen.Write(json, toOperator);
            json.WriteEndObject();
        });
    }

    private static async Task AttemptAsync(ApiRequest request)
    {
        var attempt = await request.Server.Attempts.FindAsync((string)request.Context.Request.RouteValues["attempt"]!)
            ?? throw new RefusedRequestException(WireError.NotFound, "No such attempt reached this server in the last 10 minutes.");
        var toOperator = IsOperator(request);
        await request.Context.ObjectAsync(json =>
        {
            json.WriteString("attempt", attempt.Id);
            json.WriteString("at", Timestamp.From(attempt.At).ToString());
            json.WriteNumber("status", attempt.Status);
            json.WriteString("result", attempt.Result);
            json.WriteNumber("frames_sent", attempt.FramesSent);
            if (attempt.CloseCode is { } code) json.WriteNumber("close_code", code);
            if (attempt.Reason is { } reason) json.WriteString("reason", reason);
            json.WriteStartObject("saw");
            attempt.Request.Write(json, toOperator);
            json.WriteEndObject();
        });
    }

    private static async Task ProbeAsync(ApiRequest request)
    {
        await request.IdentifyAsync();
        await request.BodyAsync();
        await request.Context.ObjectAsync(json => json.WriteBoolean("ok", true));
    }

    private static async Task ReportAsync(ApiRequest request)
    {
        var wait = request.Server.Reports.TryTake(request.Server.Proxies.ClientAddress(request.Context));
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, "Too many reports; wait a little.", retryAfter: wait);
        var body = await request.BodyAsync(MaxReport);
        var text = Masking.Mask(Encoding.UTF8.GetString(body.Span));
        ServerLog.ClientReport(request.Server.Log, text);
        request.Server.ClientReports.Add(body, text);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    internal static bool IsOperator(ApiRequest request) => request.Server.Door.Knows(request.Context.Request);
}
