using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tieline.Nodes;

/// <summary>A program that takes part, with the processor time that it and its children have used.</summary>
internal sealed class Part : IDisposable
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux

    private readonly Process _process;
    private readonly string _log;

    public Part(string log, IReadOnlyList<string> command)
    {
        _log = log;
        var start = new ProcessStartInfo("sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", log, .. command]) { WorkingDirectory = Path.GetDirectoryName(log) };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIELINE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        _process = Process.Start(start)!;
    }

    public double CpuSeconds => Ids().Sum(Seconds);

    /// <summary>Waits until something holds, and fails with the program's last words where it does not.</summary>
    public async Task UntilAsync(Func<Task<bool>> ready)
    {
        for (var began = Stopwatch.GetTimestamp(); !await ready(); await Task.Delay(50))
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(60)) throw new Load.BenchException($"{Path.GetFileName(_log)} is not ready.\n{await File.ReadAllTextAsync(_log)}");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // SIGINT: PostgreSQL's fast shutdown, and for a node the end of its work.
            Load.Libc.Signal(_process.Id, 2);
            if (!_process.WaitForExit(20_000)) _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private IEnumerable<string> Ids()
    {
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        return File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend(id);
    }

    private static double Seconds(string id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
