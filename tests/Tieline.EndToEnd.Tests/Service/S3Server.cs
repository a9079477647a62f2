using System.Diagnostics;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Service;

/// <summary>An S3 server that is not ours (s3rver), on a free port of 127.0.0.1, its buckets in a folder. It knows keys and does not calculate signatures.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string KeyId = "S3RVER";
    public const string Secret = "S3RVER";
    public const string Bucket = "tieline-test";

    private static readonly string _tools = Repository.File("tests", "Tieline.EndToEnd.Tests", "s3");
    private Process? _process;

    public string Folder { get; } = Directory.CreateTempSubdirectory("tieline-s3-").FullName;

    public int Port { get; } = Ports.Free();

    public string Setting => $"s3://{Bucket}/chat/files?endpoint=http://127.0.0.1:{Port}";

    /// <summary>The objects in the bucket, by name, as they lie on its disk.</summary>
    public Dictionary<string, byte[]> Objects => Directory.GetFiles(Folder, "*_object", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetFileName(path).Replace("._S3rver_object", "", StringComparison.Ordinal), File.ReadAllBytes);

    public static async Task<S3Server> StartAsync()
    {
        await Npm.InstallAsync(_tools);
        var server = new S3Server();
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Command.Find("nodejs", "node"),
            [Path.Combine(_tools, "node_modules", "s3rver", "bin", "s3rver.js"), "-d", Folder, "-a", "127.0.0.1", "-p", $"{Port}", "--no-vhost-buckets", "--silent", "--configure-bucket", Bucket]))!;
        using var http = new HttpClient();
        await Until.TrueAsync("the S3 server answers", async () =>
        {
            try
            {
                using var answer = await http.GetAsync($"http://127.0.0.1:{Port}/");
                return true;
            }
            catch (HttpRequestException)
            {
                return _process.HasExited ? throw new InvalidOperationException($"The S3 server ended with {_process.ExitCode}.") : false;
            }
        });
    }

    public async Task StopAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
