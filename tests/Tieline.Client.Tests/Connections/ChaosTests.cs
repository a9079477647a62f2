using Tieline.Client.Tests.Peers;

namespace Tieline.Client.Tests.Connections;

/// <summary>Everything at once, in real time with short waits: each send is stored once, in order, and every device sees the same.</summary>
public sealed class ChaosTests
{
    private static readonly Timings _short = new()
    {
        HeadStart = TimeSpan.FromMilliseconds(120),
        AckLimit = TimeSpan.FromMilliseconds(150),
        StreamFirstFrame = TimeSpan.FromMilliseconds(400),
        Request = TimeSpan.FromSeconds(2),
        BackoffFirst = TimeSpan.FromMilliseconds(30),
        BackoffMax = TimeSpan.FromMilliseconds(150),
        RestartSpread = TimeSpan.FromMilliseconds(50),
        Upgrades = [TimeSpan.FromMilliseconds(300)],
        ReceiptInterval = TimeSpan.FromMilliseconds(100),
        GapLimit = TimeSpan.FromMilliseconds(200),
    };

    [Fact]
    public async Task Under_any_mixture_of_faults_every_send_is_stored_once_in_order_and_every_device_agrees()
    {
        var seed = Environment.GetEnvironmentVariable("TIELINE_SEED") is { Length: > 0 } given ? int.Parse(given, null) : Random.Shared.Next();
        var sends = Environment.GetEnvironmentVariable("TIELINE_SOAK") is { Length: > 0 } soak ? int.Parse(soak, null) : 120;
        await using var test = new ClientFixture();
        var random = new Random(seed);
        int Next(int below)
        {
            lock (random) return random.Next(below);
        }

        test.Server.Script["ws"] = _ => Next(10) switch
        {
            0 => Behaviour.Status(502),
            1 => Behaviour.Silent,
            2 or 3 or 4 => Behaviour.Die(20 + Next(300)),
            _ => Behaviour.Works,
        };
        test.Server.Script["stream"] = _ => Next(3) == 0 ? Behaviour.Status(404) : Behaviour.Works;
        test.Server.Script["messages"] = _ => Next(10) switch { < 3 => Behaviour.Reset, < 6 => Behaviour.CutAfter, _ => Behaviour.Works };
        test.Server.Script["history"] = _ => Next(4) == 0 ? Behaviour.Reset : Behaviour.Works;

        ChatClient Device(string token) => test.Open(options => options with { Time = TimeProvider.System, Timings = _short, Random = () => Next(1000) / 1000.0 }, _ => Task.FromResult(token));
        var (phone, laptop, bob) = (Device("ada"), Device("ada"), Device("bob"));
        var watching = new[] { ChatReading.Follow(phone), ChatReading.Follow(laptop), ChatReading.Follow(bob, "u_ada") };

        await test.Until(() => new[] { phone, laptop, bob }.All(client => client.Ledger.Cursor is not null), "all were online once");
        using var end = new CancellationTokenSource();
        var breaking = BreakAsync(test, Next, end.Token);
        var senders = new[] { SendAsync(phone, "u_bob", "p", sends, Next), SendAsync(laptop, "u_bob", "l", sends, Next), SendAsync(bob, "u_ada", "b", sends, Next) };
        await test.Until(() => senders.All(task => task.IsCompleted), $"all stored, seed {seed}", 20 + (sends / 10));
        await Task.WhenAll(senders);
        await end.CancelAsync();
        await breaking;

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var stored = test.Texts();
        stored.Count.ShouldBe(3 * sends, $"seed {seed}");
        foreach (var prefix in new[] { "p", "l", "b" })
            stored.Where(text => text.StartsWith(prefix, StringComparison.Ordinal)).ShouldBe(Enumerable.Range(0, sends).Select(i => $"{prefix}{i}"));
        foreach (var read in watching)
        {
            await test.Until(() => read.Count >= stored.Count, $"all read, seed {seed}");
            read.SequenceEqual(stored).ShouldBeTrue($"seed {seed}");
        }
    }

    private static async Task SendAsync(ChatClient client, string to, string prefix, int count, Func<int, int> next)
    {
        var sent = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            sent.Add(client.With(to).SendAsync($"{prefix}{i}"));
            if (i % 3 == 0) await Task.Delay(next(60)); // spread over the faults instead of all before the first of them
        }

        await Task.WhenAll(sent);
    }

    private static async Task BreakAsync(ClientFixture test, Func<int, int> next, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(100 + next(200), cancel);
                test.Server.LoseAcks = next(4) == 0;
                if (next(3) == 0) test.Server.CutAll();
                if (next(6) != 0) continue;
                await test.Server.StopAsync();
                await Task.Delay(50 + next(100), CancellationToken.None);
                test.Server.Start();
            }
        }
        catch (OperationCanceledException)
        {
            test.Server.LoseAcks = false;
            test.Server.CutAll();
        }
    }
}
