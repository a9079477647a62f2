using System.Globalization;
using StackExchange.Redis;

namespace Tieline.Server.Bus;

/// <summary>Where Redis is: <c>redis://user:password@host:port</c>, with <c>rediss://</c> over TLS; several nodes of a cluster, or a primary and its replicas, separated by commas.</summary>
internal static class RedisAddress
{
    public const string Form = "none or a redis:// address";
    private const string Shape = "must be none or an address such as redis://:password@host:6379, rediss:// with TLS";

    /// <returns>Null when it can be used, else what is wrong with it. The password is in neither.</returns>
    public static string? Check(string bus)
    {
        if (bus == "none") return null;
        try
        {
            Parse(bus, "");
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>The address without its password, for whoever shows settings.</summary>
    public static string Masked(string bus)
    {
        var start = bus.IndexOf("://", StringComparison.Ordinal) + 3;
        var at = bus.LastIndexOf('@');
        var colon = at < start ? -1 : bus.IndexOf(':', start);
        return colon < 0 || colon > at ? bus : $"{bus[..colon]}:...{bus[at..]}";
    }

    /// <exception cref="FormatException">It is no such address.</exception>
    public static ConfigurationOptions Parse(string address, string node)
    {
        var tls = address.StartsWith("rediss://", StringComparison.Ordinal);
        if (!tls && !address.StartsWith("redis://", StringComparison.Ordinal)) throw new FormatException(Shape);
        var rest = address[(tls ? 9 : 8)..];
        var at = rest.LastIndexOf('@');
        var (hosts, database) = Cut(rest[(at + 1)..], '/');
        var options = Defaults(node, tls);
        if (at >= 0)
        {
            var (user, password) = Cut(rest[..at], ':');
            if (password is null) throw new FormatException("has a user without a password: redis://user:password@host, or redis://:password@host");
            if (user.Length > 0) options.User = Uri.UnescapeDataString(user);
            options.Password = Uri.UnescapeDataString(password);
        }

        if (!string.IsNullOrEmpty(database))
            options.DefaultDatabase = int.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1_000
                ? number : throw new FormatException("has a database that is no number: redis://host:6379/0");
        foreach (var host in hosts.Split(',')) AddEndPoint(options.EndPoints, host);
        return options;
    }

    private static ConfigurationOptions Defaults(string node, bool tls) => new()
    {
        Ssl = tls,
        ClientName = $"tieline-{node}",
        // The server starts without its bus, and goes on trying.
        AbortOnConnectFail = false,
        // What cannot be said now is not kept for later: it would be old by then.
        BacklogPolicy = BacklogPolicy.FailFast,
        ConnectTimeout = 2_000,
        AsyncTimeout = (int)IBus.Patience.TotalMilliseconds,
        SyncTimeout = (int)IBus.Patience.TotalMilliseconds,
        ReconnectRetryPolicy = new LinearRetry(500),
        KeepAlive = 5,
        // A replica that was promoted, or a slot that has moved, is noticed soon.
        ConfigCheckSeconds = 5,
        Protocol = RedisProtocol.Resp2,
        IncludeDetailInExceptions = false,
    };

    private static void AddEndPoint(EndPointCollection endPoints, string host)
    {
        var colon = host.LastIndexOf(':');
        if (colon < 0 || host.EndsWith(']')) (host, colon) = (host + ":6379", host.Length);
        if (colon == 0 || !int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new FormatException(colon == 0 ? Shape : "has a port that is no number from 1 to 65535");
        var name = host[..colon].Trim('[', ']');
        if (Uri.CheckHostName(name) == UriHostNameType.Unknown) throw new FormatException(Shape);
        endPoints.Add(name, port);
    }

    private static (string Before, string? After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var found ? (text[..found], text[(found + 1)..]) : (text, null);
}
