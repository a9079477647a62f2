using System.Net;
using System.Net.Sockets;

namespace Tieline.EndToEnd.Tests.Running;

/// <summary>Free ports of 127.0.0.1, each given out once, below those that the system gives to clients.</summary>
internal static class Ports
{
    private static int _next = Random.Shared.Next(18_000, 27_000);

    public static int Free()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _next);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }
    }
}
