using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Tieline.Load;

namespace Tieline.Nodes;

/// <summary>One PostgreSQL with synced commits on this disk, one Redis, and so many nodes.</summary>
internal sealed class Cluster : IDisposable
{
    private readonly string _folder;
    private readonly string _secret = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
    private readonly List<Part> _nodes = [];

    private Cluster(string folder) => _folder = folder;

    public Part Database { get; private set; } = null!;

    public Part Bus { get; private set; } = null!;

    public IReadOnlyList<Part> Nodes => _nodes;

    public IReadOnlyList<int> Ports { get; private set; } = [];

    public static async Task<Cluster> StartAsync(string program, string folder, int nodes)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var cluster = new Cluster(folder);
        try
        {
            await cluster.StartAsync(program, nodes);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Accounts, made at the first sight of their tokens.</summary>
    public async Task<IReadOnlyList<Person>> PeopleAsync(int count)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Ports[0]}") };
        var people = new Person[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, cancel) =>
        {
            var token = Token.Sign($"person{number}@bench.example", _secret);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/auth/me");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await http.SendAsync(request, cancel);
            using var me = JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel));
            people[number] = new Person(number, me.RootElement.GetProperty("id").ToString(), token);
        });
        return people;
    }

    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
        Bus?.Dispose();
        Database?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(string program, int nodes)
    {
        var (postgres, redis) = (Part.FreePort(), Part.FreePort());
        await StartDatabaseAsync(postgres);
        Bus = new Part(Path.Combine(_folder, "redis.log"), ["redis-server", "--bind", "127.0.0.1", "--port", $"{redis}", "--save", "", "--dir", _folder]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "secret"), _secret);
        var ports = new List<int>();
        for (var i = 1; i <= nodes; i++)
        {
            var port = Part.FreePort();
            ports.Add(port);
            var node = new Part(Path.Combine(_folder, $"node{i}.log"),
            [
                program, "serve", "--listen", $"http://127.0.0.1:{port}", "--data", Path.Combine(_folder, $"node{i}"), "--node", $"node{i}",
                "--store", $"postgres://postgres@127.0.0.1:{postgres}/chat?sslmode=disable", "--bus", $"redis://127.0.0.1:{redis}", "--jwt-secret-file", Path.Combine(_folder, "secret"),
                "--unknown-accounts", "create", "--sends-per-s", "0", "--signups-per-min", "0",
            ]);
            _nodes.Add(node);
            await node.UntilAsync(async () => await AnswersAsync(port));
        }

        Ports = ports;
    }

    private async Task StartDatabaseAsync(int port)
    {
        var programs = Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Max() ?? throw new BenchException("This needs PostgreSQL: scripts/setup.");
        string[] user = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
        var data = Path.Combine(_folder, "postgres", "data");
        Directory.CreateDirectory(Path.GetDirectoryName(data)!);
        if (user.Length > 0) await RunAsync(["chown", "postgres", Path.GetDirectoryName(data)!]);
        await RunAsync([.. user, Path.Combine(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        Database = new Part(Path.Combine(_folder, "postgres.log"),
            [.. user, Path.Combine(programs, "postgres"), "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "unix_socket_directories=", "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"]);
        await Database.UntilAsync(async () => await TryAsync([Path.Combine(programs, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", $"{port}"]));
        await RunAsync([Path.Combine(programs, "createdb"), "-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", "-T", "template0", "-E", "UTF8", "chat"]);
    }

    private static async Task RunAsync(IReadOnlyList<string> command)
    {
        if (!await TryAsync(command)) throw new BenchException($"This failed: {string.Join(' ', command)}");
    }

    private static async Task<bool> TryAsync(IReadOnlyList<string> command)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
