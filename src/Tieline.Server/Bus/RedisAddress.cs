using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Tieline.Server.Bus;

/// <param name="Options">How Redis is spoken to; without an end point where sentinels say which it is.</param>
/// <param name="Sentinels">How they are spoken to; null where there are none.</param>
/// <param name="Service">What they call the primary that is looked for.</param>
internal sealed record RedisPlace(ConfigurationOptions Options, ConfigurationOptions? Sentinels, string Service);

/// <summary>
/// Where Redis is: <c>redis://user:password@host:port</c>, several nodes of a cluster, or a primary and its replicas, separated by commas;
/// <c>redis+sentinel://:password@sentinel,sentinel/service</c>, where sentinels know the primary. With an s behind redis over TLS.
/// </summary>
internal static class RedisAddress
{
    public const string Form = "none or a redis:// address";
    private const string RootCertificate = "sslrootcert";
    private const string SentinelPassword = "sentinel_password";

    private static readonly (string Scheme, bool Tls, bool Sentinel)[] _forms =
    [
        ("redis://", false, false), ("rediss://", true, false), ("redis+sentinel://", false, true), ("rediss+sentinel://", true, true),
    ];

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
        var (address, query) = Cut(bus, '?');
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        var at = address.LastIndexOf('@');
        var colon = at < start ? -1 : address.IndexOf(':', start);
        if (colon >= 0 && colon < at) address = $"{address[..colon]}:...{address[at..]}";
        if (query is null) return address;
        return $"{address}?{string.Join('&', query.Split('&').Select(part => part.StartsWith(RootCertificate + "=", StringComparison.Ordinal) ? part : Cut(part, '=').Before + "=..."))}";
    }

    /// <exception cref="FormatException">It is no such address.</exception>
    public static RedisPlace Parse(string address, string node)
    {
        var form = _forms.FirstOrDefault(form => address.StartsWith(form.Scheme, StringComparison.Ordinal));
        if (form.Scheme is null) throw new FormatException(Shape);
        var (rest, query) = Cut(address[form.Scheme.Length..], '?');
        var at = rest.LastIndexOf('@');
        var (hosts, path) = Cut(rest[(at + 1)..], '/');
        var (service, database) = form.Sentinel ? Cut(path ?? "", '/') : ("", path);
        if (form.Sentinel && service.Length == 0) throw new FormatException("has no service name: redis+sentinel://:password@host:26379,host:26379/mymaster");
        var (roots, sentinelPassword) = Read(query, form.Tls, form.Sentinel);
        var options = Defaults(node, form.Tls, roots);
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
        if (!form.Sentinel)
        {
            foreach (var host in hosts.Split(',')) AddEndPoint(options.EndPoints, host, 6379);
            return new RedisPlace(options, null, "");
        }

        var sentinels = Defaults(node, form.Tls, roots);
        sentinels.CommandMap = CommandMap.Sentinel;
        sentinels.Password = sentinelPassword;
        foreach (var host in hosts.Split(',')) AddEndPoint(sentinels.EndPoints, host, 26379);
        return new RedisPlace(options, sentinels, Uri.UnescapeDataString(service));
    }

    /// <summary>What stands behind the question mark: a file of certificates, and what the sentinels themselves ask for.</summary>
    private static (X509Certificate2Collection? Roots, string? SentinelPassword) Read(string? query, bool tls, bool sentinel)
    {
        X509Certificate2Collection? roots = null;
        string? sentinelPassword = null;
        foreach (var parameter in query?.Split('&', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var (name, value) = Cut(parameter, '=');
            switch (name)
            {
                case RootCertificate when tls:
                    roots = RootsIn(Uri.UnescapeDataString(value ?? ""));
                    break;
                case RootCertificate:
                    throw new FormatException("has sslrootcert without TLS: rediss:// or rediss+sentinel://");
                case SentinelPassword when sentinel:
                    sentinelPassword = Uri.UnescapeDataString(value ?? "");
                    break;
                default:
                    // It may be the rest of a password that holds a question mark, and is not repeated.
                    throw new FormatException($"has an unknown parameter; known are {RootCertificate} and, for sentinels, {SentinelPassword} (a ? in a password is %3F)");
            }
        }

        return (roots, sentinelPassword);
    }

    private static X509Certificate2Collection RootsIn(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new FormatException($"names certificates in {file}, which cannot be read: {e.Message}");
        }

        return roots.Count > 0 ? roots : throw new FormatException($"names certificates in {file}, which holds none");
    }

    /// <summary>Good for this name, in time, and signed by one of these alone: the system's authorities count no more.</summary>
    private static bool IsTrusted(X509Certificate2Collection roots, X509Certificate? given, X509Chain? sent, SslPolicyErrors errors)
    {
        if (given is not X509Certificate2 certificate || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (sent is not null)
            foreach (var element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }

    private static ConfigurationOptions Defaults(string node, bool tls, X509Certificate2Collection? roots)
    {
        var options = Defaults(node, tls);
        if (roots is not null) options.CertificateValidation += (_, certificate, chain, errors) => IsTrusted(roots, certificate, chain, errors);
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

    private static void AddEndPoint(EndPointCollection endPoints, string host, int usual)
    {
        var colon = host.LastIndexOf(':');
        if (colon < 0 || host.EndsWith(']')) (host, colon) = (string.Create(CultureInfo.InvariantCulture, $"{host}:{usual}"), host.Length);
        if (colon == 0 || !int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new FormatException(colon == 0 ? Shape : "has a port that is no number from 1 to 65535");
        var name = host[..colon].Trim('[', ']');
        if (Uri.CheckHostName(name) == UriHostNameType.Unknown) throw new FormatException(Shape);
        endPoints.Add(name, port);
    }

    private static (string Before, string? After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var found ? (text[..found], text[(found + 1)..]) : (text, null);
}
