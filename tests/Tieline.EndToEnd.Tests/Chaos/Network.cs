using System.Globalization;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>
/// A network of its own on this machine: a bridge, and for each part a network namespace with an address. Here stand the clients and the relay.
/// Links are cut, and packets lost, by rules inside the namespaces; the machine's own rules are not touched.
/// </summary>
internal sealed class Network : IAsyncDisposable
{
    private const string Prefix = "tieline-";

    private readonly string _bridge;
    private readonly int _number;
    private readonly List<string> _spaces = [];

    private Network(string bridge, int number) => (_bridge, _number) = (bridge, number);

    /// <summary>Where this process stands.</summary>
    public string Clients => Address(1);

    public string Relay => Address(2);

    public static async Task<Network> BuildAsync()
    {
        if (Environment.UserName != "root") throw new InvalidOperationException("The chaos tests build network namespaces and file systems, and need root: sudo make test, or sudo make chaos.");
        await SweepAsync();
        // 198.18.0.0/15 is for tests of networks (RFC 2544); none of it leaves this machine.
        var number = Enumerable.Range(Environment.ProcessId % 200, 50).First(number => !Directory.Exists($"/sys/class/net/tl{number}"));
        var network = new Network($"tl{number}", number);
        try
        {
            await IpAsync("link", "add", network._bridge, "type", "bridge");
            await IpAsync("link", "set", network._bridge, "alias", $"{Prefix}{Environment.ProcessId}");
            foreach (var address in (string[])[network.Clients, network.Relay]) await IpAsync("addr", "add", $"{address}/24", "dev", network._bridge);
            await IpAsync("link", "set", network._bridge, "up");
            return network;
        }
        catch (Shouldly.ShouldAssertException e)
        {
            await network.DisposeAsync();
            throw new InvalidOperationException($"This kernel or container does not allow what the chaos tests need: network namespaces, veth and a bridge. {e.Message}");
        }
    }

    /// <summary>A namespace with this address, reached over the bridge.</summary>
    public async Task<(string Space, string Address)> AddAsync(string name, int host)
    {
        var space = $"{Prefix}{Environment.ProcessId}-{_number}-{name}";
        var end = string.Create(CultureInfo.InvariantCulture, $"{_bridge}-{host}");
        await IpAsync("netns", "add", space);
        _spaces.Add(space);
        await IpAsync("link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", space);
        await IpAsync("link", "set", end, "master", _bridge, "up");
        await IpAsync("-n", space, "addr", "add", $"{Address(host)}/24", "dev", "eth0");
        await IpAsync("-n", space, "link", "set", "eth0", "up");
        await IpAsync("-n", space, "link", "set", "lo", "up");
        return (space, Address(host));
    }

    /// <summary>Nothing from that address arrives in the namespace any more.</summary>
    public static Task CutFromAsync(string space, string address, bool cut) => RuleAsync(space, cut, "INPUT", "-s", address, "-j", "DROP");

    /// <summary>Nothing to that address leaves the namespace any more.</summary>
    public static Task CutToAsync(string space, string address, bool cut) => RuleAsync(space, cut, "OUTPUT", "-d", address, "-j", "DROP");

    /// <summary>Of all that comes to the namespace, so much is lost.</summary>
    public static Task LoseAsync(string space, double share, bool lose) =>
        RuleAsync(space, lose, "INPUT", "-m", "statistic", "--mode", "random", "--probability", share.ToString(CultureInfo.InvariantCulture), "-j", "DROP");

    public async ValueTask DisposeAsync()
    {
        foreach (var space in _spaces) await Command.RunAsync("iproute2", "ip", "netns", "del", space);
        await Command.RunAsync("iproute2", "ip", "link", "del", _bridge);
    }

    private string Address(int host) => string.Create(CultureInfo.InvariantCulture, $"198.18.{_number}.{host}");

    private static async Task IpAsync(params string[] words) => (await Command.RunAsync("iproute2", "ip", words)).ShouldSucceed();

    private static async Task RuleAsync(string space, bool add, params string[] rule) =>
        (await Command.RunAsync("iproute2", "ip", ["netns", "exec", space, Command.Find("iptables", "iptables"), "-w", "5", add ? "-A" : "-D", .. rule])).ShouldSucceed();

    /// <summary>What a run that was killed has left: known by the number of its process, which is no more.</summary>
    private static async Task SweepAsync()
    {
        foreach (var line in (await Command.RunAsync("iproute2", "ip", "netns", "list")).Output.Split('\n'))
        {
            var space = line.Split(' ')[0];
            if (!IsOfTheDead(space)) continue;
            foreach (var id in (await Command.RunAsync("iproute2", "ip", "netns", "pids", space)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                await Command.RunAsync("procps", "kill", "-KILL", id);
            await Command.RunAsync("iproute2", "ip", "netns", "del", space);
        }

        foreach (var device in Directory.GetDirectories("/sys/class/net", "tl*"))
        {
            if (IsOfTheDead((await File.ReadAllTextAsync(Path.Combine(device, "ifalias"))).Trim() + "-")) await Command.RunAsync("iproute2", "ip", "link", "del", Path.GetFileName(device));
        }

        foreach (var folder in Directory.GetDirectories(Path.GetTempPath(), $"{Prefix}*-chaos"))
        {
            if (!IsOfTheDead(Path.GetFileName(folder))) continue;
            await Command.RunAsync("mount", "umount", "-l", Path.Combine(folder, "disk"));
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsOfTheDead(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(name.Split('-')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var process) && !Directory.Exists($"/proc/{process}");
}
