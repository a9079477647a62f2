using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>What an operator's tools send to a process.</summary>
internal static partial class Signals
{
    private const int Terminated = 15;

    /// <summary>SIGTERM: stop in order.</summary>
    public static void Terminate(this Process process) => Kill(process.Id, Terminated).ShouldBe(0);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
