using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Proxies;

/// <summary>What <c>tieline proxy</c> prints for several nodes, in the real programs: everybody is served by any node, and by another when one is gone.</summary>
public sealed class NodesTests
{
    [Fact]
    public async Task Behind_nginx_any_node_answers_and_a_node_that_is_gone_costs_no_answer()
    {
        await using var one = await TielineServer.StartAsync("--node", "one");
        await using var two = await TielineServer.StartAsync("--node", "two");
        await using var nginx = await Nginx.StartAsync([one, two]);

        await CheckAsync(nginx.Entrance, two);
    }

    [Fact]
    public async Task Behind_HAProxy_any_node_answers_and_a_node_that_is_gone_costs_no_answer()
    {
        await using var one = await TielineServer.StartAsync("--node", "one");
        await using var two = await TielineServer.StartAsync("--node", "two");
        var folder = Directory.CreateTempSubdirectory("tieline-haproxy-").FullName;
        using var certificate = Nginx.MakeCertificate(folder);
        var (both, config, port) = (Path.Combine(folder, "both.pem"), Path.Combine(folder, "haproxy.cfg"), Ports.Free());
        await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(Path.Combine(folder, "cert.pem")) + "\n" + await File.ReadAllTextAsync(Path.Combine(folder, "key.pem")));
        var printed = await TielineServer.RunAsync("proxy", "haproxy", "--domain", "chat.example.org", "--upstream", one.Address.Authority, "--upstream", two.Address.Authority,
            "--listen", "127.0.0.1", "--https-port", $"{port}", "--http-port", "0", "--tls-cert", both);
        await File.WriteAllTextAsync(config, printed.ShouldSucceed().Output);
        (await Command.RunAsync("haproxy", "haproxy", "-c", "-f", config)).ShouldSucceed();

        using var process = Process.Start(new ProcessStartInfo(Command.Find("haproxy", "haproxy"), ["-db", "-f", config]) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        try
        {
            using var handler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancel) =>
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                },
                SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString() },
            };
            var entrance = new Entrance(new Uri("https://chat.example.org"), handler);
            await Until.TrueAsync("HAProxy answers", async () =>
            {
                try
                {
                    return (await entrance.CallAsync(HttpMethod.Get, "/api/chat/test", null)).Status == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return process.HasExited ? throw new InvalidOperationException($"HAProxy ended with {process.ExitCode}.") : false;
                }
            });
            await CheckAsync(entrance, two);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CheckAsync(Entrance entrance, TielineServer second)
    {
        using var http = entrance.Client();
        var nodes = new HashSet<string>();
        for (var i = 0; i < 40; i++) nodes.Add(await NodeAsync(http));
        nodes.ShouldBe(["one", "two"], ignoreOrder: true);

        // What of an upload has come is at one node: its owner is led there again, and not everybody to the same.
        var keepers = new HashSet<string>();
        for (var owner = 0; owner < 16; owner++)
        {
            var keeper = await NodeAsync(http, "/api/chat/uploads/u1", $"owner {owner}");
            for (var i = 0; i < 4; i++) (await NodeAsync(http, "/api/chat/uploads/u1", $"owner {owner}")).ShouldBe(keeper);
            keepers.Add(keeper);
        }

        keepers.ShouldBe(["one", "two"], ignoreOrder: true);

        // Killed, not asked: the proxy hears of it from the first connection that fails.
        second.Process.Kill();
        await second.Process.WaitForExitAsync();
        for (var i = 0; i < 40; i++) (await NodeAsync(http)).ShouldBe("one");
        using var socket = await Line.OpenAsync(entrance, "/api/chat/ws/me?v=2", (await entrance.SignUpAsync("ada")).Token);
        await socket.ReadUntilAsync("synced");

        await second.StartAgainAsync();
        await Until.TrueAsync("the node that came back is asked again", async () => await NodeAsync(http) == "two");
    }

    private static async Task<string> NodeAsync(HttpClient http, string path = "/api/chat/test", string? token = null)
    {
        using var request = new HttpRequestMessage(token is null ? HttpMethod.Get : HttpMethod.Head, path);
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(token is null ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        return answer.Headers.GetValues("X-Tieline").Single().Split("node=")[1];
    }
}
