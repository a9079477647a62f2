using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Postgres;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Bus;

/// <summary>Two nodes on one PostgreSQL and one Redis; Ada is at the first, Bob at the second.</summary>
public abstract class TwoNodes(PostgresCluster cluster) : IAsyncLifetime
{
    private string _database = "";
    private string _address = "";

    private protected RedisServer Redis { get; set; } = null!;
    private protected RunningServer One { get; private set; } = null!;
    private protected RunningServer Two { get; private set; } = null!;
    private protected Person Ada { get; private set; } = null!;
    private protected Person Bob { get; private set; } = null!;
    private protected string Chat { get; private set; } = "";

    /// <summary>Tests of time allow a machine that is busy with other tests.</summary>
    private protected static double Slowness => double.Parse(Environment.GetEnvironmentVariable("TIELINE_TEST_SLOWNESS") ?? "3", CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        _address = await StartBusAsync();
        (One, Two) = (await StartAsync("one"), await StartAsync("two"));
        await ThereAsync(One, Two);
        Ada = await One.AddPersonAsync("ada");
        Bob = await One.AddPersonAsync("bob") with { Server = Two };
        Chat = (await Ada.SendAsync(Bob, "hi")).GetProperty("conversation").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (One is not null) await One.DisposeAsync();
        if (Two is not null) await Two.DisposeAsync();
        await StopBusAsync();
        await cluster.DropDatabaseAsync(_database);
        GC.SuppressFinalize(this);
    }

    private protected virtual TielineOptions Configure(TielineOptions options) => options with { OfflineAfterSeconds = 0, OperatorToken = "operator-token-of-the-tests" };

    /// <returns>The address of the bus.</returns>
    private protected virtual async Task<string> StartBusAsync()
    {
        Redis = await RedisServer.StartAsync();
        return Redis.Address;
    }

    private protected virtual async Task StopBusAsync()
    {
        if (Redis is not null) await Redis.DisposeAsync();
    }

    private protected Task<RunningServer> StartAsync(string name, string? bus = null) =>
        RunningServer.StartAsync(options => Configure(options with { Store = cluster.AddressOf(_database), StorePool = 6, Bus = bus ?? _address, Node = name }));

    /// <summary>Waits until these nodes have the bus.</summary>
    private protected static Task ThereAsync(params RunningServer[] nodes) => UntilAsync(() => nodes.All(node => node.Chat.Bus.Status.Kind == "up" && node.Chat.Bus.Status.Nodes.Count >= nodes.Length - 1));

    private protected static Task AwayAsync(params RunningServer[] nodes) => UntilAsync(() => nodes.All(node => node.Chat.Bus.Status.Kind == "away"));

    private protected static async Task UntilAsync(Func<bool> holds)
    {
        var waited = Stopwatch.StartNew();
        while (!holds())
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(20 * Slowness)) throw new TimeoutException("It does not come to hold.");
            await Task.Delay(20);
        }
    }

    /// <summary>Sends numbered messages from the first node to the second, and looks that each comes once, in order and in time.</summary>
    private protected async Task ChatAsync(TestSocket bob, int from, int count, TimeSpan within, Func<int, Task>? between = null)
    {
        for (var i = from; i < from + count; i++)
        {
            var sent = Stopwatch.StartNew();
            await Ada.SendAsync(Bob, $"{i}");
            sent.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1 * Slowness), "a send waits for nobody");
            (await bob.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe($"{i}");
            sent.Elapsed.ShouldBeLessThan(within * Slowness);
            if (between is not null) await between(i);
        }

        bob.Seen.Where(frame => frame.GetProperty("type").GetString() == "message").Select(frame => frame.GetProperty("pos").GetInt64()).ShouldBeInOrder();
    }

    /// <summary>A ticket of the first node opens one line, at the other, and no second.</summary>
    private protected async Task OpenOnceAsync()
    {
        var ticket = (await Ada.PostAsync("/api/chat/ticket")).Body.GetProperty("ticket").GetString();
        var opened = 0;
        foreach (var node in (RunningServer[])[Two, One])
            if (await OpensAsync(node, ticket!)) opened++;
        opened.ShouldBe(1);
    }

    private protected static async Task<bool> OpensAsync(RunningServer node, string ticket)
    {
        await using var socket = await TestSocket.ConnectAsync(node.Address, $"/api/chat/ws/me?v=2&ticket={ticket}", null);
        return (await socket.ReadAsync()).GetProperty("type").GetString() == "hello";
    }

    private protected static Func<JsonElement, bool> Is(string type, string field, object value) => frame =>
        frame.GetProperty("type").GetString() == type && frame.TryGetProperty(field, out var given) && given.ToString() == value.ToString();
}
