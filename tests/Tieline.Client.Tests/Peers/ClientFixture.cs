using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Tieline.Client.Tests.Peers;

/// <summary>A scripted server, a clock that stands still until it is moved, and Ada's client.</summary>
internal sealed class ClientFixture : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly List<ChatClient> _clients = [];

    public ScriptedServer Server { get; } = new();
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 9, 30, 0, TimeSpan.Zero));
    public ConcurrentQueue<string> Log { get; } = new();
    public ChatModel Chat => Server.Chat;

    public ChatClient Open(Func<ChatClientOptions, ChatClientOptions>? change = null, Func<CancellationToken, Task<string>>? token = null)
    {
        var options = new ChatClientOptions { Time = Clock, Log = Log.Enqueue, WatchNetwork = false, Random = () => 0.5 };
        var client = new ChatClient(Server.Url, token ?? (_ => Task.FromResult("ada")), change?.Invoke(options) ?? options);
        _clients.Add(client);
        return client;
    }

    public async Task<ChatClient> OnlineAsync(Func<ChatClientOptions, ChatClientOptions>? change = null)
    {
        var client = Open(change);
        client.Connect();
        await Until(() => client.Status.State == ConnectionState.Online && Server.OpenSockets > 0, "online by WebSocket");
        return client;
    }

    /// <summary>Waits in real time, without moving the clock.</summary>
    public async Task Until(Func<bool> condition, string what, int seconds = 20)
    {
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(seconds);
        while (!condition())
        {
            if (DateTime.UtcNow > end) throw Late(what);
            await Task.Delay(2);
        }
    }

    /// <summary>Moves the clock in small steps, with real time between them for what they set off, until something is the case.</summary>
    /// <returns>How far the clock was moved.</returns>
    public async Task<TimeSpan> MoveUntil(Func<bool> condition, string what, double step = 0.25, double pause = 0.01, bool pings = false)
    {
        var start = Clock.GetUtcNow();
        var end = DateTime.UtcNow + _patience;
        while (!condition())
        {
            if (DateTime.UtcNow > end) throw Late(what);
            if (pings) await Server.PingAsync();
            Clock.Advance(TimeSpan.FromSeconds(step));
            await Task.Delay(TimeSpan.FromSeconds(pause));
        }

        return Clock.GetUtcNow() - start;
    }

    /// <summary>Moves the clock on in steps that timers can follow.</summary>
    public async Task Move(double seconds, double step = 1, bool pings = false)
    {
        for (var moved = 0.0; moved < seconds; moved += step)
        {
            if (pings) await Server.PingAsync();
            Clock.Advance(TimeSpan.FromSeconds(Math.Min(step, seconds - moved)));
            await Task.Delay(5);
        }
    }

    private TimeoutException Late(string what) =>
        new($"Not reached: {what}\n{string.Join('\n', Log.TakeLast(60))}\n{string.Join('\n', Server.Requests.TakeLast(60))}");

    public List<string> Texts(string one = "u_ada", string other = "u_bob") => [.. Chat.Stored(one, other).Select(message => message.Text)];

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
