using System.CommandLine;
using Tieline.Doctor.Proxies;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline proxy NAME</c>: prints the configuration that puts a proxy in front of Tieline.</summary>
internal static class ProxyCommand
{
    public static Command Create()
    {
        var command = new Command("proxy", "Print a proxy's configuration for your domain, or check one.");
        foreach (var template in ProxyTemplate.All) command.Subcommands.Add(Render(template));
        command.Subcommands.Add(ProxyCheckCommand.Create());
        return command;
    }

    private static Command Render(ProxyTemplate template)
    {
        var domain = new Option<string>("--domain") { Description = "The public name, for example chat.example.org.", Required = true };
        var upstream = new Option<string[]>("--upstream")
        {
            Description = "Where Tieline listens, for example 127.0.0.1:8000." + (template.NodesFileName is null ? "" : " Again for each further node."),
            DefaultValueFactory = _ => ["127.0.0.1:8000"],
        };
        var certificate = new Option<string?>("--tls-cert") { Description = "Certificate chain (PEM); default: Let's Encrypt's place." };
        var key = new Option<string?>("--tls-key") { Description = "Private key (PEM); default: Let's Encrypt's place." };
        var address = new Option<string>("--listen") { Description = "Address to listen on; default: all.", DefaultValueFactory = _ => "" };
        var httpsPort = new Option<int>("--https-port") { Description = "Port for TLS.", DefaultValueFactory = _ => 443 };
        var httpPort = new Option<int>("--http-port") { Description = "Port that sends visitors on to TLS; 0 leaves it out.", DefaultValueFactory = _ => 80 };
        var log = new Option<string?>("--access-log") { Description = "Access log; default: the proxy's usual place." };

        var command = new Command(template.Name, $"Print the configuration for {template.Name}.")
        {
            domain, upstream, certificate, key, address, httpsPort, httpPort, log,
        };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(domain)!;
            var folder = "/etc/letsencrypt/live/" + name;
            var given = parsed.GetValue(upstream)!;
            var behind = given.Select(ProxySite.ParseUpstream).ToList();
            var paths = new[] { parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(log) };
            if (!ProxySite.IsDomain(name)) return Refuse($"--domain '{name}' is not a host name.");
            if (behind.IndexOf(null) is >= 0 and var wrong) return Refuse($"--upstream '{given[wrong]}' is not host:port.");
            if (behind.Count > 1 && template.NodesFileName is null) return Refuse($"Several nodes are printed for {string.Join(" and ", ProxyTemplate.All.Where(one => one.NodesFileName is not null).Select(one => one.Name))}, not for {template.Name}.");
            if (paths.Any(p => p is not null && !ProxySite.IsPath(p))) return Refuse("A path may hold letters, digits and / . _ - + @ ~ only.");
            Console.Out.Write(template.Render(new ProxySite
            {
                Domain = name,
                Upstream = behind[0]!,
                Others = [.. behind.Skip(1).Select(other => other!)],
                Certificate = paths[0] ?? folder + "/fullchain.pem",
                Key = paths[1] ?? folder + "/privkey.pem",
                Address = parsed.GetValue(address)!,
                HttpsPort = parsed.GetValue(httpsPort),
                HttpPort = parsed.GetValue(httpPort),
                AccessLog = paths[2],
            }));
            return 0;
        });
        return command;
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 2;
    }
}
