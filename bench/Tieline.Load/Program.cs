using System.Runtime.InteropServices;
using Tieline.Load;

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Leave());
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Leave());
try
{
    SQLitePCL.Batteries_V2.Init();
    if (args.Contains("--help"))
    {
        Console.WriteLine(Plan.Usage);
        return 0;
    }
    await Bench.RunAsync(Plan.Parse(args));
    return 0;
}
catch (BenchException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}

static void Leave()
{
    ServerProcess.DisposeRunning();
    Environment.Exit(1);
}
