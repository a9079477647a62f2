using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tieline.Load;

/// <summary>
/// Sockets and epoll as the kernel gives them. The framework's async sockets cost the generator's one core
/// about as much per message as a server needs, so the fastest server would be measured against its client.
/// </summary>
internal static unsafe partial class Libc
{
    public const uint Readable = 0x1, Writable = 0x4, Failed = 0x8 | 0x10;
    public const int WouldBlock = 11, InProgress = 115, Terminate = 15;
    private const int Inet = 2, Stream = 1, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const int Tcp = 6, NoDelay = 1, SocketLevel = 1, SocketError = 4, Linger = 13, DoNotSignal = 0x4000;
    private const int EpollAdd = 1, EpollRemove = 2, EpollChange = 3;

    // The kernel packs epoll_event on x86-64 only.
    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int _dataOffset = EventSize - 8;

    public static uint EventMask(byte* e) => *(uint*)e;

    public static int EventFile(byte* e) => *(int*)(e + _dataOffset);

    public static int NewEpoll() => Checked(epoll_create1(CloseOnExec), "epoll_create1");

    public static void Watch(int epoll, int file, uint events) => Control(epoll, EpollAdd, file, events);

    public static void Rewatch(int epoll, int file, uint events) => Control(epoll, EpollChange, file, events);

    public static void Unwatch(int epoll, int file) => Control(epoll, EpollRemove, file, 0);

    private static void Control(int epoll, int verb, int file, uint events)
    {
        var e = stackalloc byte[16];
        *(uint*)e = events;
        *(long*)(e + _dataOffset) = file;
        Checked(epoll_ctl(epoll, verb, file, e), "epoll_ctl");
    }

    /// <summary>Waits at most this long; the kernel's precision is its timer slack, some 50 us.</summary>
    public static int Wait(int epoll, byte* events, int count, TimeSpan atMost)
    {
        var time = stackalloc long[2] { (long)atMost.TotalSeconds, atMost.Ticks % TimeSpan.TicksPerSecond * 100 };
        var ready = epoll_pwait2(epoll, events, count, time, null);
        return ready >= 0 ? ready : Marshal.GetLastPInvokeError() == 4 ? 0 : Checked(ready, "epoll_pwait2");
    }

    /// <summary>Begins a connection to 127.0.0.1; the socket turns writable when it stands.</summary>
    public static int BeginConnect(int port)
    {
        var file = Checked(socket(Inet, Stream | NonBlocking | CloseOnExec, 0), "socket");
        var on = 1;
        Checked(setsockopt(file, Tcp, NoDelay, &on, sizeof(int)), "setsockopt");
        var address = stackalloc byte[16];
        new Span<byte>(address, 16).Clear();
        *(ushort*)address = Inet;
        address[2] = (byte)(port >> 8);
        address[3] = (byte)port;
        address[4] = 127;
        address[7] = 1;
        if (connect(file, address, 16) != 0 && Marshal.GetLastPInvokeError() != InProgress)
            Checked(-1, "connect");
        return file;
    }

    public static int PendingError(int file)
    {
        int error = 0, size = sizeof(int);
        Checked(getsockopt(file, SocketLevel, SocketError, &error, &size), "getsockopt");
        return error;
    }

    /// <summary>Bytes read, 0 at the end, -1 when there is nothing now, -2 when the line is broken.</summary>
    public static int Receive(int file, byte* buffer, int length) => Moved(recv(file, buffer, length, 0));

    /// <summary>Bytes taken, -1 when the kernel's buffer is full, -2 when the line is broken.</summary>
    public static int Send(int file, byte* buffer, int length) => Moved(send(file, buffer, length, DoNotSignal));

    private static int Moved(nint result) =>
        result >= 0 ? (int)result : Marshal.GetLastPInvokeError() == WouldBlock ? -1 : -2;

    /// <summary>Cuts the line without the closing sequence, so that thousands leave no TIME_WAIT behind.</summary>
    public static void Cut(int file)
    {
        var linger = stackalloc int[2] { 1, 0 };
        _ = setsockopt(file, SocketLevel, Linger, linger, 8);
        _ = close(file);
    }

    public static void Signal(int process, int signal) => _ = kill(process, signal);

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)] private static partial int epoll_create1(int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int epoll_ctl(int epoll, int verb, int file, byte* e);
    [LibraryImport("libc", SetLastError = true)] private static partial int epoll_pwait2(int epoll, byte* events, int count, long* time, void* mask);
    [LibraryImport("libc", SetLastError = true)] private static partial int socket(int domain, int type, int protocol);
    [LibraryImport("libc", SetLastError = true)] private static partial int setsockopt(int file, int level, int name, void* value, int size);
    [LibraryImport("libc", SetLastError = true)] private static partial int getsockopt(int file, int level, int name, void* value, int* size);
    [LibraryImport("libc", SetLastError = true)] private static partial int connect(int file, byte* address, int size);
    [LibraryImport("libc", SetLastError = true)] private static partial nint recv(int file, byte* buffer, nint length, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial nint send(int file, byte* buffer, nint length, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int close(int file);
    [LibraryImport("libc", SetLastError = true)] private static partial int kill(int process, int signal);
}
