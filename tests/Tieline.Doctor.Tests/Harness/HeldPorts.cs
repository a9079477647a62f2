using System.Net;
using System.Net.Sockets;

namespace Tieline.Doctor.Tests.Harness;

/// <summary>
/// Ports of 127.0.0.1 that stay this case's own. A port that was merely free a moment ago is given to the next one who asks,
/// and then a case talks to another's proxy. A socket that is bound and does not listen keeps it: a program that sets
/// SO_REUSEADDR, as every server here does, may bind beside it, and the kernel gives it to nobody else.
/// </summary>
internal sealed class HeldPorts : IDisposable
{
    private readonly List<Socket> _held = [];

    public int Next()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _held.Add(socket);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Dispose()
    {
        foreach (var socket in _held) socket.Dispose();
    }
}
