using System.Collections.Concurrent;
using System.Globalization;
using Tieline.Core.Accounts;
using Tieline.Server.Bus;

namespace Tieline.Server.Tests.Bus;

/// <summary>How words become messages, and messages words.</summary>
public sealed class BusWordTests
{
    private static readonly BusLines.Speaker _speaker = new("run1", "a");

    [Fact]
    public void Every_word_is_read_as_it_was_said()
    {
        var text = new System.Text.StringBuilder(BusLines.Head(_speaker));
        BusLines.Append(text, new TypingWord("c1", "ada", [new AccountKey(1), new AccountKey(22)]));
        BusLines.Append(text, new PresenceWord(new AccountKey(3)));
        BusLines.Append(text, new AccountKey(4), 55);
        BusLines.Append(text, new AccountKey(5), long.MaxValue);
        BusLines.AppendLeave(text);
        var words = new List<BusWord>();

        BusLines.TryRead(text.ToString(), out var speaker, words, out var leaves).ShouldBeTrue();

        (speaker, leaves).ShouldBe((_speaker, true));
        var typing = words.OfType<TypingWord>().Single();
        (typing.Conversation, typing.User).ShouldBe(("c1", "ada"));
        typing.Audience.ShouldBe([new AccountKey(1), new AccountKey(22)]);
        words.OfType<PresenceWord>().Single().Account.ShouldBe(new AccountKey(3));
        words.OfType<HintsWord>().Single().Heads.ShouldBe([new(new AccountKey(4), 55), new(new AccountKey(5), long.MaxValue)]);
    }

    [Fact]
    public void What_a_newer_node_says_is_passed_over()
    {
        var words = new List<BusWord>();

        BusLines.TryRead("tieline1 run1 a\nq 1 2 3\nh 1 2 3\nh 7 8\np 1 2\n", out _, words, out var leaves).ShouldBeTrue();

        leaves.ShouldBeFalse();
        words.ShouldHaveSingleItem().ShouldBeOfType<HintsWord>().Heads.ShouldBe([new(new AccountKey(7), 8)]);
        BusLines.TryRead("tieline2 run1 a\nh 7 8\n", out _, words, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task What_comes_while_a_message_is_on_its_way_is_one_message_with_the_newest_of_each()
    {
        var sent = new ConcurrentQueue<string>();
        var onItsWay = new TaskCompletionSource();
        var free = new TaskCompletionSource();
        var channel = new BusChannel(0, _speaker, async (_, message) =>
        {
            sent.Enqueue(message);
            onItsWay.TrySetResult();
            await free.Task;
        });
        var running = channel.RunAsync();
        channel.Add(new AccountKey(1), 1);
        channel.Flush();
        await onItsWay.Task;

        for (var pos = 2; pos <= 500; pos++)
        {
            channel.Add(new AccountKey(pos % 2), pos);
            channel.Flush();
        }

        free.SetResult();
        channel.Leave();
        await running;

        var last = sent.ToArray()[^1];
        sent.Count.ShouldBe(2);
        last.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe(["h 0 500", "h 1 499", "tieline1 run1 a", "x"]);
    }

    [Fact]
    public async Task What_waits_is_bounded_and_long_ones_are_several()
    {
        var sent = new ConcurrentQueue<string>();
        var channel = new BusChannel(0, _speaker, (_, message) =>
        {
            sent.Enqueue(message);
            return Task.CompletedTask;
        });
        for (var account = 0; account < 50_000; account++) channel.Add(new AccountKey(account), 1);
        channel.Leave();

        await channel.RunAsync();

        var hints = sent.SelectMany(message => message.Split('\n')).Where(line => line.StartsWith('h')).ToList();
        hints.Count.ShouldBe(20_000);
        hints.Distinct().Count().ShouldBe(20_000);
        sent.ShouldAllBe(message => message.Length < 64 * 1024 && message.StartsWith("tieline1 run1 a\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_is_dropped_and_the_next_goes_out()
    {
        var sent = new ConcurrentQueue<string>();
        var failed = new TaskCompletionSource();
        var channel = new BusChannel(0, _speaker, (_, message) =>
        {
            if (!failed.TrySetResult()) sent.Enqueue(message);
            else throw new TimeoutException();
            return Task.CompletedTask;
        });
        var running = channel.RunAsync();
        channel.Add(new AccountKey(1), 1);
        channel.Flush();
        await failed.Task;
        channel.Add(new AccountKey(2), 1);
        channel.Leave();
        await running;

        string.Join('\n', sent).ShouldContain(string.Create(CultureInfo.InvariantCulture, $"h {2} 1"));
        string.Join('\n', sent).ShouldNotContain("h 1 1");
    }
}
