namespace Tieline.Load;

/// <summary>Processor time of the server and of the generator itself while one load runs.</summary>
internal sealed class LoadWatch(ServerProcess server, Func<int> delivered)
{
    private readonly long _began = EventLoop.Now;
    private readonly int _deliveredBefore = delivered();
    private readonly double _serverBefore = server.CpuSeconds();
    private readonly TimeSpan _generatorBefore = Environment.CpuUsage.TotalTime;

    public LoadFigures End(double perSecond, bool holds, Latencies acknowledgement, Latencies delivery)
    {
        var seconds = (EventLoop.Now - _began) / (double)EventLoop.Second;
        var cpu = (server.CpuSeconds() - _serverBefore) * 1e6 / Math.Max(1, delivered() - _deliveredBefore);
        var busy = (Environment.CpuUsage.TotalTime - _generatorBefore).TotalSeconds / seconds;
        return new LoadFigures(perSecond, holds, acknowledgement, delivery, cpu, busy);
    }
}
