using System.Buffers;
using System.Collections.Concurrent;

namespace Tieline.Server.Sockets;

/// <summary>Buffers for encoding frames, held only while something is being written.</summary>
internal static class FrameBuffers
{
    private const int MaxIdle = 64;
    private const int MaxCapacity = 256 * 1024;
    private static readonly ConcurrentBag<ArrayBufferWriter<byte>> _idle = [];

    public static ArrayBufferWriter<byte> Rent() => _idle.TryTake(out var buffer) ? buffer : new ArrayBufferWriter<byte>(4096);

    public static void Return(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > MaxCapacity || _idle.Count >= MaxIdle) return;
        buffer.ResetWrittenCount();
        _idle.Add(buffer);
    }
}
