using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tieline.Load;

/// <summary>One thread, one epoll, all lines. Frames written during a turn leave in one write per line.</summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int EventsPerTurn = 256;
    private const int ReceiveBytes = 4 << 20;
    // A kernel timer is late by its slack; the rest of the time is spent looking.
    private static readonly long _spin = Stopwatch.Frequency / 10_000;

    private readonly int _epoll = Libc.NewEpoll();
    private readonly byte* _events = (byte*)NativeMemory.Alloc((nuint)(EventsPerTurn * Libc.EventSize));
    private readonly byte* _receive = (byte*)NativeMemory.Alloc(ReceiveBytes);
    private readonly List<Line> _dirty = [];
    private long _nextTick;
    private Line?[] _lines = new Line?[1024];

    public static readonly long Second = Stopwatch.Frequency;

    public static long Now => Stopwatch.GetTimestamp();

    public static long In(double seconds) => Now + (long)(seconds * Stopwatch.Frequency);

    public void Connect(Line line, int port)
    {
        var file = Libc.BeginConnect(port);
        if (file >= _lines.Length) Array.Resize(ref _lines, Math.Max(file + 1, _lines.Length * 2));
        _lines[file] = line;
        Libc.Watch(_epoll, file, Libc.Writable);
        line.Connecting(this, file);
    }

    public void Cut(Line line)
    {
        if (line.File < 0) return;
        _lines[line.File] = null;
        Libc.Unwatch(_epoll, line.File);
        Libc.Cut(line.File);
        line.File = -1;
    }

    /// <summary>The line has bytes to send; they leave at the end of this turn.</summary>
    public void Dirty(Line line) => _dirty.Add(line);

    public void Watch(Line line, bool writable) =>
        Libc.Rewatch(_epoll, line.File, writable ? Libc.Readable | Libc.Writable : Libc.Readable);

    /// <summary>Handles what is ready, waiting until the deadline at most, then flushes.</summary>
    public void Turn(long deadline)
    {
        Flush();
        var left = deadline - Now - _spin;
        var wait = left > 0 ? Stopwatch.GetElapsedTime(0, left) : TimeSpan.Zero;
        var ready = Libc.Wait(_epoll, _events, EventsPerTurn, wait);
        for (var i = 0; i < ready; i++)
        {
            var e = _events + i * Libc.EventSize;
            if (_lines[Libc.EventFile(e)] is not { } line) continue;
            var mask = Libc.EventMask(e);
            if ((mask & Libc.Writable) != 0) line.Writable();
            if (line.File >= 0 && (mask & (Libc.Readable | Libc.Failed)) != 0) line.Readable(_receive, ReceiveBytes);
        }
        if (Now >= _nextTick) Tick();
        Flush();
    }

    private void Tick()
    {
        _nextTick = Now + Second / 4;
        foreach (var line in _lines) line?.Tick(Now);
    }

    private void Flush()
    {
        foreach (var line in _dirty) line.Flush();
        _dirty.Clear();
    }

    public void Dispose()
    {
        foreach (var line in _lines)
            if (line is not null) Cut(line);
        NativeMemory.Free(_events);
        NativeMemory.Free(_receive);
    }
}
