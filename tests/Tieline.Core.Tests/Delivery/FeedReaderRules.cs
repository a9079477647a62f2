using CsCheck;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;

namespace Tieline.Core.Tests.Delivery;

public sealed class FeedReaderRules
{
    private static readonly AccountKey _account = new(7);
    private readonly LogOnly _store = new("epoch");
    private readonly Feeds _feeds = new();
    private readonly Listener _listener = new();

    [Theory]
    [InlineData("epoch.0", true, 0)]
    [InlineData("epoch.3", true, 3)]
    [InlineData("epoch.5", true, 5)]
    [InlineData("epoch.6", false, 5)]
    [InlineData("epoch.9223372036854775807", false, 5)]
    [InlineData("epoch.9223372036854775808", false, 5)]
    [InlineData("epoch.-1", false, 5)]
    [InlineData("epoch.", false, 5)]
    [InlineData("epoch", false, 5)]
    [InlineData(".3", false, 5)]
    [InlineData("", false, 5)]
    [InlineData(null, false, 5)]
    [InlineData("other.3", false, 5)]
    [InlineData("EPOCH.3", false, 5)]
    [InlineData("epoch.3x", false, 5)]
    public async Task It_goes_on_only_from_a_place_of_this_log(string? since, bool resumed, long cursor)
    {
        _store.Append(5);
        using var reader = Join();

        (await reader.ResumeAsync(since, 1_000, default)).ShouldBe(resumed);

        reader.Cursor.ShouldBe(cursor);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task What_was_pruned_cannot_be_resumed(long since, bool resumed)
    {
        _store.Append(6);
        _store.Lose(pos => pos <= 3);
        using var reader = Join();

        (await reader.ResumeAsync($"epoch.{since}", 1_000, default)).ShouldBe(resumed);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(9, false)]
    public async Task Too_far_behind_is_no_resume(int maxBehind, bool resumed)
    {
        _store.Append(15);
        using var reader = Join();

        (await reader.ResumeAsync("epoch.5", maxBehind, default)).ShouldBe(resumed);
    }

    [Fact]
    public async Task It_takes_the_rest_from_the_store_and_what_is_new_from_memory()
    {
        _store.Append(450);
        using var reader = Join();
        await reader.ResumeAsync("epoch.0", 1_000, default);

        (await TakeAllAsync(reader)).ShouldBe(Enumerable.Range(1, 450).Select(pos => (long)pos));
        var reads = _store.Reads;
        Commit();
        Commit();

        (await TakeAllAsync(reader)).ShouldBe([451, 452]);
        _store.Reads.ShouldBe(reads);
    }

    [Fact]
    public async Task What_is_committed_while_it_looks_at_the_log_is_neither_lost_nor_doubled()
    {
        _store.Append(3);
        using var reader = Join();
        _store.WhileReading = () => Commit();

        await reader.ResumeAsync("epoch.1", 1_000, default);

        reader.IsBehind.ShouldBeTrue();
        (await TakeAllAsync(reader)).ShouldBe([2, 3, 4]);
    }

    [Fact]
    public async Task What_is_committed_between_two_pages_is_neither_lost_nor_doubled()
    {
        _store.Append(5);
        using var reader = Join();
        await reader.ResumeAsync("epoch.0", 1_000, default);
        _store.WhileReading = () => Commit();

        (await TakeAllAsync(reader, max: 2)).ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public async Task What_was_there_when_it_came_is_told_by_the_store_although_memory_has_it()
    {
        using var first = Join();
        await first.ResumeAsync("epoch.0", 1_000, default);
        for (var i = 0; i < 5; i++) Commit();
        using var second = FeedReader.Join(_store, _feeds, _account, new Listener());
        await second.ResumeAsync("epoch.2", 1_000, default);
        var reads = _store.Reads;

        (await TakeAllAsync(second, max: 2)).ShouldBe([3, 4, 5]);
        _store.Reads.ShouldBe(reads + 2);
        (await TakeAllAsync(first)).ShouldBe([1, 2, 3, 4, 5]);
        _store.Reads.ShouldBe(reads + 2);
    }

    [Fact]
    public async Task A_reader_that_memory_has_left_behind_goes_on_from_the_store()
    {
        using var reader = Join();
        await reader.ResumeAsync("epoch.0", 1_000, default);
        for (var i = 0; i < 3_000; i++) Commit();

        (await TakeAllAsync(reader)).ShouldBe(Enumerable.Range(1, 3_000).Select(pos => (long)pos));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Events_lost_before_or_within_the_page_are_said_and_never_skipped(long lost)
    {
        _store.Append(5);
        using var reader = Join();
        await reader.ResumeAsync("epoch.0", 1_000, default);
        _store.Lose(pos => pos == lost);

        await Should.ThrowAsync<LogPrunedException>(() => TakeAllAsync(reader));
    }

    [Fact]
    public async Task One_of_two_readers_that_leaves_does_not_disturb_the_other()
    {
        using var stays = Join();
        await stays.ResumeAsync("epoch.0", 1_000, default);
        var leaves = FeedReader.Join(_store, _feeds, _account, new Listener());
        leaves.Dispose();

        Commit();

        _feeds.Count.ShouldBe(1);
        (await TakeAllAsync(stays)).ShouldBe([1]);
    }

    [Fact]
    public void An_account_without_lines_costs_nothing()
    {
        Join().Dispose();

        _feeds.Count.ShouldBe(0);
    }

    private enum Event
    {
        Commit,
        CommitUnheard,
        Hint,
        Take,
        Rejoin,
    }

    [Fact]
    public async Task Whatever_is_lost_on_the_way_every_event_is_taken_once_and_in_order() =>
        await Gen.Select(Gen.Enum<Event>(), Gen.Int[1, 5]).Array[1, 80].SampleAsync(async happenings =>
        {
            var (store, feeds) = (new LogOnly("epoch"), new Feeds());
            var taken = new List<long>();
            var reader = FeedReader.Join(store, feeds, _account, _listener);
            await reader.ResumeAsync("epoch.0", 1_000, default);
            foreach (var (happening, number) in happenings)
            {
                switch (happening)
                {
                    case Event.Commit:
                        Publish(feeds, store.Append());
                        break;
                    case Event.CommitUnheard:
                        // Another node stored it, and its hint was lost.
                        store.Append();
                        break;
                    case Event.Hint:
                        await FeedReader.Join(store, feeds, _account, new Listener()).ResumeAsync(null, 0, default);
                        break;
                    case Event.Take:
                        taken.AddRange(await TakeSomeAsync(reader, number));
                        break;
                    default:
                        reader.Dispose();
                        reader = FeedReader.Join(store, feeds, _account, _listener);
                        (await reader.ResumeAsync($"epoch.{(taken.Count == 0 ? 0 : taken[^1])}", 1_000, default)).ShouldBeTrue();
                        break;
                }
            }

            var last = store.Append();
            Publish(feeds, last);
            while (reader.IsBehind) taken.AddRange(await TakeSomeAsync(reader, 7));
            reader.Dispose();
            taken.ShouldBe(Enumerable.Range(1, (int)last.Pos).Select(pos => (long)pos));
        }, iter: 500);

    private FeedReader Join() => FeedReader.Join(_store, _feeds, _account, _listener);

    private void Commit() => Publish(_feeds, _store.Append());

    private static void Publish(Feeds feeds, AccountEvent @event) =>
        feeds.Committed([new LoggedEvent(_account, @event.Pos, EventKind.Message, null, 0, null, @event.Event)]);

    private static async Task<List<long>> TakeAllAsync(FeedReader reader, int max = 128)
    {
        var taken = new List<long>();
        while (reader.IsBehind) taken.AddRange(await TakeSomeAsync(reader, max));
        return taken;
    }

    private static async Task<IEnumerable<long>> TakeSomeAsync(FeedReader reader, int max)
    {
        var events = new List<AccountEvent>();
        await reader.TakeAsync(events, max, default);
        events.Count.ShouldBeLessThanOrEqualTo(max);
        return events.Select(@event => @event.Pos);
    }
}
