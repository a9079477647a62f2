using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Storage;

/// <summary>The built executable under strace, which writes down every write, sync and send it asks of the kernel.</summary>
internal sealed partial class TracedServer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Process _strace;
    private readonly string _folder;
    private readonly HttpClient _http;

    private TracedServer(Process strace, string folder, Uri address)
    {
        (_strace, _folder, Address) = (strace, folder, address);
        _http = new HttpClient { BaseAddress = address };
    }

    public Uri Address { get; }

    private string TracePath => TracePathIn(_folder);

    public static async Task<TracedServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("tieline-trace-").FullName;
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var executable = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Tieline.Cli", configuration, "tieline.dll"));
        var start = new ProcessStartInfo("strace") { RedirectStandardOutput = true, RedirectStandardError = true };
        // -y names the file behind each descriptor; strings long enough for a page of the log.
        foreach (var argument in (string[])["-f", "-y", "-s", "262144", "-e", "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg", "-o", TracePathIn(folder),
            "dotnet", executable, "serve", "--listen", "http://127.0.0.1:0", "--data", Path.Combine(folder, "data")]) start.ArgumentList.Add(argument);
        var strace = Process.Start(start)!;
        // Nobody must wait for a reader of its complaints.
        strace.ErrorDataReceived += (_, _) => { };
        strace.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(_patience);
        while (await strace.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            if (ListensOn().Match(line) is { Success: true } match)
                return new TracedServer(strace, folder, new Uri(match.Groups[1].Value));
        throw new InvalidOperationException("The server did not start under strace.");
    }

    /// <summary>Signs somebody up and opens the line.</summary>
    public async Task<TestSocket> OpenAsync(string name)
    {
        using var answer = await _http.PostAsJsonAsync("/api/auth/signup", new { full_name = name, username = name, email = $"{name}@example.org", password = "correct horse" });
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        var socket = await TestSocket.ConnectAsync(Address, "/api/chat/ws/me?v=2", token);
        await socket.ReadUntilAsync("synced");
        return socket;
    }

    /// <summary>Stops the server and reads what it asked of the kernel.</summary>
    public async Task<SystemCalls> StopAsync()
    {
        // The first line is the main thread's.
        var pid = File.ReadLines(TracePath).First().Split(' ')[0];
        using var kill = Process.Start("kill", ["-TERM", pid]);
        using var limit = new CancellationTokenSource(_patience);
        await _strace.WaitForExitAsync(limit.Token);
        return SystemCalls.Parse(File.ReadLines(TracePath));
    }

    public ValueTask DisposeAsync()
    {
        if (!_strace.HasExited) _strace.Kill(entireProcessTree: true);
        _strace.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string TracePathIn(string folder) => Path.Combine(folder, "trace");

    [GeneratedRegex(@"listens on (http://[0-9.:]+)")]
    private static partial Regex ListensOn();
}
