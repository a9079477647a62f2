using System.Globalization;
using Npgsql;
using Tieline.Server.Configuration;

namespace Tieline.Server.Postgres;

/// <summary>Where the database is: <c>postgres://user:password@host:port/database?sslmode=require</c>, several hosts separated by commas.</summary>
internal static class PostgresAddress
{
    private static readonly string[] _schemes = ["postgres://", "postgresql://"];

    public static bool Is(string store) => _schemes.Any(scheme => store.StartsWith(scheme, StringComparison.Ordinal));

    /// <returns>Null when it can be used, else what is wrong with it. The password is in neither.</returns>
    public static string? Check(string address)
    {
        try
        {
            Parse(address);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>The addresses in a list separated by commas. A comma may also stand between the hosts of one.</summary>
    public static IReadOnlyList<string> List(string list)
    {
        var found = new List<string>();
        foreach (var part in list == "none" ? [] : list.Split(','))
        {
            if (found.Count == 0 || Is(part.TrimStart())) found.Add(part.Trim());
            else found[^1] += $",{part}";
        }

        return found;
    }

    /// <returns>Null when all can be used.</returns>
    public static string? CheckList(string list) => List(list).Select(Check).FirstOrDefault(wrong => wrong is not null);

    public static string MaskedList(string list) => list == "none" ? list : string.Join(',', List(list).Select(Masked));

    /// <summary>The address without its password, for whoever shows settings.</summary>
    public static string Masked(string store)
    {
        var start = store.IndexOf("://", StringComparison.Ordinal) + 3;
        var at = Cut(store, '?').Before.LastIndexOf('@');
        var colon = at < 0 ? -1 : store.IndexOf(':', start);
        return colon < 0 || colon > at ? store : $"{store[..colon]}:...{store[at..]}";
    }

    /// <exception cref="FormatException">It is no such address.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string address)
    {
        var scheme = _schemes.FirstOrDefault(scheme => address.StartsWith(scheme, StringComparison.Ordinal))
            ?? throw new FormatException("must be an address such as postgres://user:password@host/database");
        var (before, query) = Cut(address[scheme.Length..], '?');
        var (authority, database) = Cut(before, '/');
        if (string.IsNullOrEmpty(database)) throw new FormatException("must name a database: postgres://user:password@host/database");
        var at = authority.LastIndexOf('@');
        var (user, password) = at < 0 ? ("", null) : Cut(authority[..at], ':');
        var connection = new NpgsqlConnectionStringBuilder { Database = Uri.UnescapeDataString(database), Host = Uri.UnescapeDataString(authority[(at + 1)..]) };
        if (user.Length > 0) connection.Username = Uri.UnescapeDataString(user);
        if (password is not null) connection.Password = Uri.UnescapeDataString(password);
        foreach (var part in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(part, '=');
            Apply(connection, name, Uri.UnescapeDataString(value ?? ""));
        }

        if (string.IsNullOrEmpty(connection.Host)) connection.Host = "127.0.0.1";
        SetPort(connection);
        return connection;
    }

    /// <summary>Opens nothing yet: a pool of at most so many connections.</summary>
    public static NpgsqlDataSource Pool(TielineOptions options) => Pool(options, options.Store, connectSeconds: 5, commandSeconds: 15);

    /// <summary>The same for one of its replicas, from which the primary is soon turned to.</summary>
    public static NpgsqlDataSource ReplicaPool(TielineOptions options, string address) => Pool(options, address, connectSeconds: 2, commandSeconds: 5);

    private static NpgsqlDataSource Pool(TielineOptions options, string address, int connectSeconds, int commandSeconds)
    {
        var connection = Parse(address);
        connection.MaxPoolSize = options.StorePool;
        connection.Timeout = connectSeconds;
        connection.CommandTimeout = commandSeconds;
        connection.ApplicationName = $"tieline {options.Node}";
        connection.IncludeErrorDetail = false;
        // A pooler in transaction mode gives each transaction another session: what is prepared or set in one is not there in the next.
        connection.MaxAutoPrepare = options.StorePrepare ? 256 : 0;
        connection.NoResetOnClose = !options.StorePrepare;
        var source = new NpgsqlSlimDataSourceBuilder(connection.ConnectionString);
        source.EnableArrays();
        source.EnableTransportSecurity();
        return source.Build();
    }

    private static void Apply(NpgsqlConnectionStringBuilder connection, string name, string value)
    {
        switch (name)
        {
            case "host":
                connection.Host = value;
                break;
            case "sslmode":
                connection.SslMode = Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode)
                    ? mode : throw new FormatException("has an sslmode other than disable, allow, prefer, require, verify-ca or verify-full");
                break;
            case "sslrootcert":
                connection.RootCertificate = value;
                break;
            case "target_session_attrs":
                connection.TargetSessionAttributes = value;
                break;
            default:
                throw new FormatException($"has an unknown parameter {name}; known are host, sslmode, sslrootcert, target_session_attrs");
        }
    }

    private static void SetPort(NpgsqlConnectionStringBuilder connection)
    {
        // Npgsql takes the port of each of several hosts from the list itself, and of one host apart.
        var host = connection.Host!;
        if (host.StartsWith('/') || host.Contains(',', StringComparison.Ordinal)) return;
        var colon = host.LastIndexOf(':');
        if (colon < 0 || (host.StartsWith('[') && host.EndsWith(']'))) return;
        if (!int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new FormatException("has a port that is no number from 1 to 65535");
        (connection.Host, connection.Port) = (host[..colon], port);
    }

    private static (string Before, string? After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var found ? (text[..found], text[(found + 1)..]) : (text, null);
}
