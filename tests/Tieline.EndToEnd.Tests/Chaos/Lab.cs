using System.Net;
using System.Net.Sockets;
using Tieline.Cli.Verify;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>Three nodes, PostgreSQL, Redis and nginx, each in a namespace with an address of its own; the last node reaches the database over a relay.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private const int NodePort = 8000, ProxyPort = 8443, BusPort = 6379;

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly string _folder;
    private readonly Network _network;

    private Lab(string folder, Network network) => (_folder, _network) = (folder, network);

    public IReadOnlyList<Station> Nodes { get; private set; } = [];

    public Database Database { get; private set; } = null!;

    /// <summary>A synchronous replica; null where none was asked for.</summary>
    public Database? Replica { get; private set; }

    public Station Bus { get; private set; } = null!;

    public Station Proxy { get; private set; } = null!;

    public Relay Relay { get; private set; } = null!;

    public IEnumerable<Station> Stations => [.. Nodes, Database.Station, Bus, Proxy, .. Replica is { } replica ? (Station[])[replica.Station] : []];

    /// <summary>The ways in: the proxy, and each node by itself.</summary>
    public IReadOnlyList<Uri> Doors => [new Uri($"https://{Nginx.Domain}"), .. Nodes.Select(node => new Uri($"http://{node.Address}:{NodePort}"))];

    /// <summary>How clients get there.</summary>
    public SocketsHttpHandler Handler { get; private set; } = null!;

    public static async Task<Lab> StartAsync(bool replica = false)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"tieline-{Environment.ProcessId}-{Guid.NewGuid():N}-chaos");
        Directory.CreateDirectory(folder);
        var lab = new Lab(folder, await Network.BuildAsync());
        try
        {
            lab.Database = lab.Keep(await Database.CreateAsync(lab._network, "postgres", 21, folder));
            if (replica) lab.Replica = lab.Keep(await lab.Database.ReplicateAsync(lab._network, "standby", 22, folder));
            lab.Relay = lab.Keep(new Relay(lab._network.Relay, lab.Database.Station.Address, Database.Port));
            await File.WriteAllTextAsync(Path.Combine(folder, "secret"), Convert.ToHexString(Guid.NewGuid().ToByteArray()));
            var (busSpace, busAddress) = await lab._network.AddAsync("redis", 31);
            lab.Bus = lab.Keep(new Station("redis", busSpace, busAddress, folder, Command.Find("redis-server", "redis-server"), "--bind", busAddress, "--port", $"{BusPort}", "--save", "", "--protected-mode", "no"));
            lab.Bus.Start();
            var nodes = new List<Station>();
            for (var i = 1; i <= 3; i++) nodes.Add(lab.Keep(await lab.AddNodeAsync(i)));
            lab.Nodes = nodes;
            lab.Proxy = lab.Keep(await lab.AddProxyAsync());
            foreach (var node in nodes) node.Start();
            lab.Proxy.Start();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async Task<Crowd> StartCrowdAsync()
    {
        try
        {
            return await Crowd.StartAsync(Doors, Pace.Steady, Handler, CancellationToken.None);
        }
        catch (LineLostException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{LastWords()}");
        }
    }

    /// <summary>What travels from one to the other is lost, or no longer.</summary>
    public async Task CutAsync(Station from, Station to, bool cut)
    {
        await Network.CutFromAsync(to.Space, from.Address, cut);
        // The way over the relay is another one.
        if (Relayed(from, to)) await Network.CutToAsync(from.Space, _network.Relay, cut);
        if (Relayed(to, from)) await Network.CutFromAsync(to.Space, _network.Relay, cut);
    }

    /// <summary>The end of every log, for who wants to know why.</summary>
    public string LastWords(int lines = 15) => string.Join('\n', Stations.Select(station =>
        $"--- {station.Name}\n" + (File.Exists(station.LogFile) ? string.Join('\n', File.ReadLines(station.LogFile).TakeLast(lines).Select(line => line.Length > 300 ? line[..300] : line)) : "")));

    /// <summary>What nodes said that is to be reported to us, or to nobody.</summary>
    public IReadOnlyList<string> FaultsInLogs() => [.. Nodes.SelectMany(node => File.ReadLines(node.LogFile))
        .Where(line => line.Contains("This is a fault of the server", StringComparison.Ordinal) || line.Contains("Unhandled exception", StringComparison.Ordinal) || line.Contains("unhandled exception", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        // Nodes first: they need not see the database go.
        foreach (var part in Enumerable.Reverse(_parts)) await part.DisposeAsync();
        Handler?.Dispose();
        await _network.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private T Keep<T>(T part) where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }

    private bool Relayed(Station node, Station database) => node == Nodes[^1] && database == Database.Station && Replica is null;

    private async Task<Station> AddNodeAsync(int number)
    {
        var name = $"node{number}";
        var (space, address) = await _network.AddAsync(name, 10 + number);
        var database = Replica is { } replica
            ? $"postgres://postgres@{Database.Station.Address}:{Database.Port},{replica.Station.Address}:{Database.Port}/chat?sslmode=disable&target_session_attrs=primary"
            : $"postgres://postgres@{(number == 3 ? $"{_network.Relay}:{Relay.Port}" : $"{Database.Station.Address}:{Database.Port}")}/chat?sslmode=disable";
        return new Station(name, space, address, _folder, TielineServer.Program, "serve", "--listen", $"http://{address}:{NodePort}", "--data", Path.Combine(_folder, name), "--node", name,
            "--store", database, "--store-pool", "12", "--bus", $"redis://{Bus.Address}:{BusPort}", "--jwt-secret-file", Path.Combine(_folder, "secret"), "--sends-per-s", "0", "--signups-per-min", "0", "--commands-per-s", "0",
            "--anonymous-per-s", "0", "--resume-events", "1000000", "--ping-s", "2");
    }

    private async Task<Station> AddProxyAsync()
    {
        var (space, address) = await _network.AddAsync("nginx", 41);
        var folder = Path.Combine(_folder, "nginx");
        Directory.CreateDirectory(folder);
        var certificate = Nginx.MakeCertificate(folder);
        Handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ConnectCallback = async (context, cancel) =>
            {
                var target = context.DnsEndPoint.Host == Nginx.Domain ? new IPEndPoint(IPAddress.Parse(address), ProxyPort) : new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port);
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(target, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString() },
        };
        return new Station("nginx", space, address, _folder, await Nginx.PrepareAsync(folder, [.. Nodes.Select(node => $"{node.Address}:{NodePort}")], address, ProxyPort, 0));
    }
}
