using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Tieline.EndToEnd.Tests.Chaos;

/// <summary>A link that can be slow: passes on what comes, in both directions, so much later. This kernel may have no netem.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly TcpListener _listener;
    private readonly IPEndPoint _target;
    private readonly Task _accepting;
    private long _delayMs;

    public Relay(string address, string target, int port)
    {
        _target = new IPEndPoint(IPAddress.Parse(target), port);
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>In each direction.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromMilliseconds(Interlocked.Read(ref _delayMs));
        set => Interlocked.Exchange(ref _delayMs, (long)value.TotalMilliseconds);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_over.Token);
                links.RemoveAll(link => link.IsCompleted);
                links.Add(LinkAsync(near));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (near)
        {
            near.NoDelay = true;
            try
            {
                // From the relay's own address, so that the far side can tell it from the clients.
                far.Bind(new IPEndPoint(((IPEndPoint)_listener.LocalEndpoint).Address, 0));
                await far.ConnectAsync(_target, _over.Token);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
                Task[] both = [PassAsync(near, far, ended.Token), PassAsync(far, near, ended.Token)];
                await Task.WhenAny(both);
                await ended.CancelAsync();
                await Task.WhenAll(both);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // One side has gone, and so the other goes.
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, CancellationToken cancel)
    {
        var waiting = Channel.CreateBounded<(byte[] Bytes, long At)>(64);
        await Task.WhenAll(ReadAsync(), WriteAsync());

        async Task ReadAsync()
        {
            try
            {
                var buffer = new byte[16384];
                while (await from.ReceiveAsync(buffer, cancel) is > 0 and var count)
                    await waiting.Writer.WriteAsync((buffer[..count], Environment.TickCount64 + Interlocked.Read(ref _delayMs)), cancel);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // What has been read is still passed on.
            }
            finally
            {
                waiting.Writer.Complete();
            }
        }

        async Task WriteAsync()
        {
            await foreach (var (bytes, at) in waiting.Reader.ReadAllAsync(cancel))
            {
                if (at - Environment.TickCount64 is > 0 and var wait) await Task.Delay((int)wait, cancel);
                for (var sent = 0; sent < bytes.Length;) sent += await to.SendAsync(bytes.AsMemory(sent), cancel);
            }
        }
    }
}
