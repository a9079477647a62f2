using System.Net;
using Microsoft.AspNetCore.Http;

namespace Tieline.Server;

/// <summary>Whose X-Forwarded-For is believed. Walks the chain from the nearest hop; the first address that is not a proxy of ours is the client's.</summary>
internal sealed class TrustedProxies(string networks)
{
    private readonly IPNetwork[] _networks = [.. networks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

    public string ClientAddress(HttpContext context)
    {
        var address = Unmap(context.Connection.RemoteIpAddress ?? IPAddress.None);
        var forwarded = context.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (var i = forwarded.Length - 1; i >= 0 && IsTrusted(address); i--)
        {
            if (AddressOf(forwarded[i]) is not { } before) break;
            address = Unmap(before);
        }

        return address.ToString();
    }

    /// <summary>How the client came in: as the proxy tells it, where there is one of ours.</summary>
    public string Scheme(HttpContext context) =>
        context.Request.Headers["X-Forwarded-Proto"].ToString() is "http" or "https" && IsTrusted(Unmap(context.Connection.RemoteIpAddress ?? IPAddress.None))
            ? context.Request.Headers["X-Forwarded-Proto"].ToString() : context.Request.Scheme;

    public bool IsTrusted(IPAddress address) => Array.Exists(_networks, network => network.Contains(address));

    private static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Some proxies append the port.</summary>
    private static IPAddress? AddressOf(string text) =>
        IPAddress.TryParse(text, out var address) ? address : IPEndPoint.TryParse(text, out var endpoint) ? endpoint.Address : null;

    private static IPNetwork Parse(string text) =>
        IPNetwork.TryParse(text, out var network) ? network : new IPNetwork(IPAddress.Parse(text), text.Contains(':', StringComparison.Ordinal) ? 128 : 32);
}
