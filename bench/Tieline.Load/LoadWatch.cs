using System.Globalization;

namespace Tieline.Load;

/// <summary>Whose processor time was it, while one load ran: the server's, the generator's, or somebody else's.</summary>
internal sealed class LoadWatch(ServerProcess server, Func<int> delivered)
{
    private readonly long _began = EventLoop.Now;
    private readonly int _deliveredBefore = delivered();
    private readonly double _serverBefore = server.CpuSeconds();
    private readonly double _generatorBefore = Environment.CpuUsage.TotalTime.TotalSeconds;
    private readonly double _machineBefore = MachineSeconds();

    public LoadFigures End(double perSecond, bool holds, Latencies acknowledgement, Latencies delivery)
    {
        var seconds = (EventLoop.Now - _began) / (double)EventLoop.Second;
        var byServer = server.CpuSeconds() - _serverBefore;
        var byGenerator = Environment.CpuUsage.TotalTime.TotalSeconds - _generatorBefore;
        var byOthers = Math.Max(0, MachineSeconds() - _machineBefore - byServer - byGenerator);
        return new LoadFigures(perSecond, holds, acknowledgement, delivery,
            byServer * 1e6 / Math.Max(1, delivered() - _deliveredBefore), byGenerator / seconds, byOthers / seconds);
    }

    /// <summary>What all processes of the machine have used so far: user, nice and system time (proc(5)); interrupts are nobody's.</summary>
    private static double MachineSeconds() =>
        File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..4]
            .Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / ServerProcess.TicksPerSecond;
}
