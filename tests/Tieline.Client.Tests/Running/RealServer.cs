using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Tieline.Client.Tests.Running;

/// <summary><c>tieline serve</c> on a free port with a folder of its own, that can be killed and started again.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-client-").FullName;
    private readonly HttpClient _http = new();
    private Program? _program;

    private RealServer()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
    }

    public string Url { get; }

    public static async Task<RealServer> StartAsync()
    {
        var server = new RealServer();
        await server.RunAsync();
        return server;
    }

    public async Task RunAsync()
    {
        _program = Program.Tieline("serve", "--listen", Url, "--data", _folder);
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        while (true)
        {
            try
            {
                if ((await _http.GetAsync(new Uri(Url + "/readyz"))).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                if (_program.HasExited || DateTime.UtcNow > end) throw new InvalidOperationException("The server did not start:\n" + string.Join('\n', _program.Lines));
            }

            await Task.Delay(50);
        }
    }

    /// <summary>As a power cut would: no goodbye.</summary>
    public async Task KillAsync()
    {
        _program!.Kill();
        await _program.ExitsAsync();
    }

    public static string Password(string name) => $"correct horse {name} battery";

    /// <summary>Signs somebody up.</summary>
    public async Task<(string Id, string Token)> AddAsync(string name)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Url + "/api/auth/signup"), new { full_name = name, username = name, email = $"{name}@example.org", password = Password(name) });
        var token = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("access_token").GetString()!;
        using var request = new HttpRequestMessage(HttpMethod.Get, Url + "/api/auth/me") { Headers = { { "Authorization", "Bearer " + token } } };
        using var me = await _http.SendAsync(request);
        return (JsonDocument.Parse(await me.Content.ReadAsStringAsync()).RootElement.GetProperty("id").ToString(), token);
    }

    /// <summary>Every message of the pair as an old client would read them.</summary>
    public async Task<List<string>> StoredAsync(string token, string other)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Url}/api/chat/conversation/{Uri.EscapeDataString(other)}") { Headers = { { "Authorization", "Bearer " + token } } };
        using var answer = await _http.SendAsync(request);
        return [.. JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.EnumerateArray().Select(message => message.GetProperty("message").GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_program is not null) await _program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
