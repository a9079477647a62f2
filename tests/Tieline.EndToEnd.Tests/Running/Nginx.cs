using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>Debian's nginx on 127.0.0.1 with the configuration that <c>tieline proxy nginx</c> prints, TLS and HTTP/2 in front.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    internal const string Domain = "chat.example.org";

    private readonly X509Certificate2 _certificate;
    private readonly List<SocketsHttpHandler> _handlers = [];
    private readonly Process _process;

    private Nginx(Process process, string folder, X509Certificate2 certificate, int port, int plainPort)
    {
        (_process, Folder, _certificate, Port, PlainPort) = (process, folder, certificate, port, plainPort);
        Entrance = EntranceFrom("127.0.0.1");
    }

    public Entrance Entrance { get; }

    public string Folder { get; }

    /// <summary>Where visitors with TLS arrive.</summary>
    public int Port { get; }

    /// <summary>The file that nginx is started with, and the one that an operator edits.</summary>
    public string MainFile => Path.Combine(Folder, "nginx.conf");

    public string SiteFile => Path.Combine(Folder, "tieline.conf");

    /// <summary>Where visitors without TLS arrive.</summary>
    public int PlainPort { get; }

    public string AccessLog => File.ReadAllText(Path.Combine(Folder, "access.log"));

    /// <param name="server">What stands behind it.</param>
    /// <param name="edit">What an operator changes in the printed configuration.</param>
    public static Task<Nginx> StartAsync(TielineServer server, Func<string, string>? edit = null) => StartAsync([server], edit);

    /// <summary>The same in front of several nodes.</summary>
    public static async Task<Nginx> StartAsync(IReadOnlyList<TielineServer> servers, Func<string, string>? edit = null)
    {
        var folder = Directory.CreateTempSubdirectory("tieline-nginx-").FullName;
        var (port, plainPort) = (Ports.Free(), Ports.Free());
        var certificate = MakeCertificate(folder);
        var command = await PrepareAsync(folder, [.. servers.Select(server => server.Address.Authority)], "127.0.0.1", port, plainPort, edit);
        var start = new ProcessStartInfo(command[0], command[1..]);
        (await Command.RunAsync(new ProcessStartInfo(command[0], [.. command[1..], "-t"]))).ShouldSucceed();
        var nginx = new Nginx(Process.Start(start)!, folder, certificate, port, plainPort);
        await Until.TrueAsync("nginx answers", async () => nginx._process.HasExited
            ? throw new InvalidOperationException(await File.ReadAllTextAsync(Path.Combine(folder, "error.log")))
            : await AnswersAsync(port));
        return nginx;
    }

    /// <summary>Writes its configuration beside the certificate that lies in the folder.</summary>
    /// <returns>What is to be run.</returns>
    internal static async Task<string[]> PrepareAsync(string folder, IReadOnlyList<string> upstreams, string listen, int port, int plainPort, Func<string, string>? edit = null)
    {
        var printed = await TielineServer.RunAsync(["proxy", "nginx", "--domain", Domain, .. upstreams.SelectMany(upstream => (string[])["--upstream", upstream]), "--listen", listen,
            "--https-port", $"{port}", "--http-port", $"{plainPort}", "--tls-cert", Path.Combine(folder, "cert.pem"), "--tls-key", Path.Combine(folder, "key.pem"),
            "--access-log", Path.Combine(folder, "access.log")]);
        await File.WriteAllTextAsync(Path.Combine(folder, "tieline.conf"), edit is null ? printed.ShouldSucceed().Output : edit(printed.ShouldSucceed().Output));
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), Surroundings(folder));
        return [Command.Find("nginx", "nginx"), "-p", folder, "-c", Path.Combine(folder, "nginx.conf"), "-e", Path.Combine(folder, "error.log")];
    }

    /// <summary>The way in for a client of another loopback address.</summary>
    public Entrance EntranceFrom(string address)
    {
        var handler = new SocketsHttpHandler
        {
            // The public name leads here; the certificate must be ours.
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(IPAddress.Loopback, Port, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _certificate.GetCertHashString() },
        };
        _handlers.Add(handler);
        return new Entrance(new Uri($"https://{Domain}"), handler);
    }

    /// <summary><c>nginx -s reload</c>; over once the old worker has gone, which the lines on it do not hinder for longer than a second.</summary>
    public async Task ReloadAsync()
    {
        var old = Workers();
        (await Command.RunAsync(new ProcessStartInfo(_process.StartInfo.FileName, [.. _process.StartInfo.ArgumentList, "-s", "reload"]))).ShouldSucceed();
        await Until.TrueAsync("the old worker has gone", () => Workers() is { Count: > 0 } workers && !workers.Overlaps(old));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var handler in _handlers) handler.Dispose();
        // SIGTERM: the master takes its workers along.
        if (!_process.HasExited) _process.Terminate();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _certificate.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private HashSet<string> Workers() =>
        [.. File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // What /etc/nginx/nginx.conf is on a real machine: everything around the file under test.
    private static string Surroundings(string folder) => $$"""
        {{(Environment.UserName == "root" ? "user root;" : "")}}
        daemon off;
        worker_processes 1;
        # Lines of an old worker end soon after a reload, and not when their people go to bed.
        worker_shutdown_timeout 1s;
        pid {{folder}}/nginx.pid;
        error_log {{folder}}/error.log;
        events { worker_connections 256; }
        http {
            client_body_temp_path {{folder}}/body;
            proxy_temp_path {{folder}}/proxy;
            fastcgi_temp_path {{folder}}/fastcgi;
            uwsgi_temp_path {{folder}}/uwsgi;
            scgi_temp_path {{folder}}/scgi;
            gzip on;
            include {{folder}}/tieline.conf;
        }
        """;

    internal static X509Certificate2 MakeCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Domain}", key, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
