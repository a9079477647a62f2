using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tieline.Core.Accounts;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Server.Accounts;

namespace Tieline.Server.Http;

/// <summary>A request that cannot be served; becomes the answer.</summary>
internal sealed class RefusedRequestException(WireError error, string why, int? status = null, TimeSpan? retryAfter = null) : Exception(why)
{
    public WireError Error { get; } = error;
    public int? Status { get; } = status;
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>What endpoints ask of a request.</summary>
internal sealed class ApiRequest(ChatServer server, HttpContext context)
{
    public ChatServer Server { get; } = server;
    public HttpContext Context { get; } = context;
    public CancellationToken Cancel => Context.RequestAborted;
    public IMessageStore Store => Server.Store;

    /// <summary>The account of the request's token.</summary>
    /// <exception cref="RefusedRequestException">unauthorized, with v1's words for why.</exception>
    /// <param name="counts">False for what has a limit of its own.</param>
    public async ValueTask<Identity> IdentifyAsync(bool counts = true)
    {
        var token = TokenOf(Context);
        var check = await Server.Identities.CheckAsync(token, Cancel);
        if (check.Identity is not { } identity)
        {
            // A request without a token was counted when it came in.
            if (token is not null) LimitAnonymous();
            throw new RefusedRequestException(WireError.Unauthorized, check.Refusal!);
        }

        if (counts) Limit(Server.Commands.TryTake(identity.Account.Key), "Too much at once; wait a little.");
        return identity;
    }

    /// <summary>Counts a request of which nobody knows whose it is, by its address.</summary>
    /// <exception cref="RefusedRequestException">rate_limited.</exception>
    public void LimitAnonymous() => Limit(Server.Anonymous.TryTake(Server.Proxies.ClientAddress(Context)), "Too many requests from this address; wait a little.");

    /// <exception cref="RefusedRequestException">rate_limited, when there is anything to wait for.</exception>
    public static void Limit(TimeSpan wait, string why)
    {
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, why, retryAfter: wait);
    }

    /// <summary>The token in the header, or in the address where nothing else can be set.</summary>
    public static string? TokenOf(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return header["Bearer ".Length..].Trim();
        var query = context.Request.Query["token"].ToString();
        return query.Length > 0 ? query : null;
    }

    /// <summary>The other person named in the path.</summary>
    /// <exception cref="RefusedRequestException">404 User not found.</exception>
    public async ValueTask<Account> PeerAsync()
    {
        var id = (string)Context.Request.RouteValues["userId"]!;
        var account = AccountIds.IsValid(id) ? await Store.FindAccountAsync(AccountLookup.Id, id, Cancel) : null;
        return account ?? throw new RefusedRequestException(WireError.NotFound, "User not found");
    }

    /// <exception cref="RefusedRequestException">too_large.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> BodyAsync(int? limit = null)
    {
        var most = limit ?? Server.Options.FrameBytes;
        if (Context.Request.ContentLength > most) throw TooLarge(most);
        var buffer = new ArrayBufferWriter<byte>(1024);
        while (true)
        {
            var read = await Context.Request.Body.ReadAsync(buffer.GetMemory(1024), Cancel);
            if (read == 0) return buffer.WrittenMemory;
            buffer.Advance(read);
            if (buffer.WrittenCount > most) throw TooLarge(most);
        }
    }

    /// <exception cref="RefusedRequestException">invalid.</exception>
    public long? Number(string name, long min = 0)
    {
        var text = Context.Request.Query[name].ToString();
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min
            ? number : throw new RefusedRequestException(WireError.Invalid, $"{name} must be a whole number of at least {min}.");
    }

    public string? Text(string name) => Context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static RefusedRequestException TooLarge(int most) => new(WireError.TooLarge, $"A request may have at most {most} bytes.");
}
