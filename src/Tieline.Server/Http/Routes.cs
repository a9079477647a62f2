using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Diagnosis;

namespace Tieline.Server.Http;

/// <summary>Which methods a route takes; none: any. From these the tests know what is mapped.</summary>
internal sealed record MappedMethods(IReadOnlyList<string> Methods);

/// <summary>How every route answers: with our header, with CORS, and with a refusal that says why, whatever happens inside.</summary>
internal sealed class Routes(IEndpointRouteBuilder endpoints, ChatServer server)
{
    /// <summary>Maps one path with its methods; any other method is 405.</summary>
    public void Map(string pattern, params (string Method, Func<ApiRequest, Task> Handle)[] methods)
    {
        var allowed = string.Join(", ", methods.Select(method => method.Method));
        endpoints.Map(pattern, context => AnswerAsync(context, async request =>
        {
            var handle = Array.Find(methods, method => HttpMethods.Equals(method.Method, context.Request.Method)).Handle
                ?? (HttpMethods.IsHead(context.Request.Method) ? Array.Find(methods, method => HttpMethods.IsGet(method.Method)).Handle : null);
            if (handle is not null)
            {
                await handle(request);
                return;
            }

            context.Response.Headers.Allow = allowed;
            await context.RefuseAsync(WireError.MethodNotAllowed, $"{context.Request.Path} takes {allowed}, not {context.Request.Method}.");
        })).WithMetadata(new MappedMethods([.. methods.Select(method => method.Method)]));
    }

    /// <summary>Maps a path whatever the method.</summary>
    public void MapAny(string pattern, Func<ApiRequest, Task> handle) =>
        endpoints.Map(pattern, context => AnswerAsync(context, handle)).WithMetadata(new MappedMethods([]));

    /// <summary>A socket is judged after it is open, health must always be told, and what is not ours is not for us to count.</summary>
    private static bool IsAnonymous(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/api/chat/ws", StringComparison.Ordinal)
        && ApiRequest.TokenOf(context) is null && !context.Request.Query.ContainsKey("ticket");

    private async Task AnswerAsync(HttpContext context, Func<ApiRequest, Task> handle)
    {
        context.Response.Headers["X-Tieline"] = $"2; node={server.Options.Node}";
        if (Cors.Answer(context, server.Options)) return;
        try
        {
            var request = new ApiRequest(server, context);
            if (IsAnonymous(context)) request.LimitAnonymous();
            await handle(request);
        }
        catch (RefusedRequestException e)
        {
            await context.RefuseAsync(e.Error, e.Message, e.Status, e.RetryAfter);
        }
        catch (FrameException e)
        {
            await context.RefuseAsync(e.Error, e.Message, clientId: e.ClientId);
        }
        catch (OutcomeUnknownException e)
        {
            await context.RefuseAsync(WireError.Unavailable, e.Message + " Send it again with the same client_id.");
        }
        catch (StoreUnavailableException e)
        {
            ServerLog.ReadFailed(server.Log, context.Request.Method, Masking.Mask(context.Request.Path), e.Message);
            // In the middle of a stream: it breaks off, and its client takes it up by its cursor.
            if (context.Response.HasStarted) context.Abort();
            else await context.RefuseAsync(WireError.Unavailable, "The server cannot read right now. Ask again later.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (BadHttpRequestException e)
        {
            await context.RefuseAsync(e.StatusCode == StatusCodes.Status413PayloadTooLarge ? WireError.TooLarge : WireError.Invalid, e.Message, e.StatusCode);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            ServerLog.RequestFailed(server.Log, context.Request.Method, Masking.Mask(context.Request.Path), e);
            Debug.WriteLine(e);
            await context.RefuseAsync(WireError.Internal, "The server made a mistake; its log says more.");
        }
    }
}
