using System.Text.Json;
using Tieline.Client.Http;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Lines;

/// <summary>An open way to receive. Three ship: WebSocket, stream, long poll.</summary>
internal abstract class Line(Transport transport) : IAsyncDisposable
{
    public Transport Transport { get; } = transport;

    /// <summary>The first frame, read before the line counts as open: a handshake alone proves nothing.</summary>
    public HelloFrame Hello { get; protected set; } = null!;

    /// <summary>True where frames can be sent on the line itself.</summary>
    public virtual bool CanSend => false;

    /// <summary>The next frame.</summary>
    /// <exception cref="LineException">The line has ended.</exception>
    public abstract ValueTask<ServerFrame> ReadAsync(CancellationToken cancel);

    /// <exception cref="LineException">The line has ended.</exception>
    public virtual ValueTask SendAsync(ClientFrame frame, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Says goodbye, if that can be done at once. The line is not used after it.</summary>
    public virtual ValueTask LeaveAsync() => default;

    public abstract ValueTask DisposeAsync();

    /// <summary>Reads until <c>hello</c>.</summary>
    protected async Task OpenAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (await ReadAsync(cancel) is not HelloFrame hello) continue;
            Hello = hello;
            return;
        }
    }

    /// <summary>
    /// A frame that makes no sense is an unknown one. Where it has a position it counts as that event, or the client would ask for it again
    /// for ever.
    /// </summary>
    protected static ServerFrame Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Parse(document.RootElement);
        }
        catch (JsonException)
        {
            return new UnknownServerFrame("that is not JSON");
        }
    }

    protected static ServerFrame Parse(JsonElement frame)
    {
        try
        {
            return ServerFrameReader.Read(frame);
        }
        catch (FrameException e)
        {
            var pos = frame.ValueKind == JsonValueKind.Object && frame.TryGetProperty("pos", out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetInt64(out var number) ? number : (long?)null;
            return new UnknownServerFrame("that is broken: " + e.Message, pos);
        }
    }
}
