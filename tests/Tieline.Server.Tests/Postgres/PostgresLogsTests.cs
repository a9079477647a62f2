using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>Lines that are woken together read their logs together, and each gets what it would have read alone.</summary>
public sealed class PostgresLogsTests(PostgresCluster cluster) : IAsyncLifetime
{
    private const int Members = 60;

    private string _database = "";
    private PostgresStore _store = null!;
    private readonly List<Account> _people = [];
    private string _group = "";

    public async ValueTask InitializeAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        _store = PostgresStore.Open(new TielineOptions { Store = cluster.AddressOf(_database), StorePool = 8 }, TimeProvider.System, ChatServer.NewId, new Commits(), NullLogger.Instance);
        for (var i = 0; i < Members; i++) _people.Add(((AccountAdded)await _store.SubmitAsync(new AddAccount(new AccountDraft($"p{i}", null, $"P{i}")))).Account);
        _group = ((Acknowledged)await _store.SubmitAsync(new CreateGroup(_people[0], "g", "All", null, [.. _people.Skip(1)]))).Ack.Conversation;
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
        await cluster.DropDatabaseAsync(_database);
    }

    [Fact]
    public async Task A_word_that_wakes_many_lines_costs_a_few_statements_and_each_gets_its_own_log()
    {
        var heads = await HeadsAsync();
        foreach (var sender in _people.Take(5)) await SendAsync(sender, "x");
        var before = _store.Logs.Asked;

        // Three devices of each, and a few that are at other places of their logs.
        var asked = _people.SelectMany((person, i) => Enumerable.Repeat((Person: person, After: heads[i]), 3)).Concat(_people.Take(10).Select((person, i) => (Person: person, After: heads[i] + 2))).ToList();
        var read = await Task.WhenAll(asked.Select(one => _store.ReadLogAsync(one.Person.Key, one.After, FeedReader.ShortPage, default).AsTask()));

        foreach (var ((person, after), page) in asked.Zip(read)) await SameAsAloneAsync(person, after, page);
        var (statements, pages) = (_store.Logs.Asked.Statements - before.Statements, _store.Logs.Asked.Pages - before.Pages);
        pages.ShouldBe(asked.Count);
        statements.ShouldBeLessThan(pages / 4);
    }

    [Fact]
    public async Task What_tells_a_state_is_of_one_moment_with_its_page()
    {
        var heads = await HeadsAsync();
        await SendAsync(_people[1], "before");
        await _store.SubmitAsync(new ChangePrivacy(_people[1], Online: false));
        await SendAsync(_people[1], "after");

        var read = await Task.WhenAll(_people.Select((person, i) => _store.ReadLogAsync(person.Key, heads[i], FeedReader.ShortPage, default).AsTask()));

        read[1].Events.Select(@event => @event.Event.GetType()).ShouldBe([typeof(MessageEvent), typeof(PrivacyEvent), typeof(MessageEvent)]);
        for (var i = 0; i < Members; i++) await SameAsAloneAsync(_people[i], heads[i], read[i]);
    }

    [Fact]
    public async Task Long_messages_end_a_page_early_and_none_is_missed_by_those_behind_it()
    {
        var heads = await HeadsAsync();
        var text = new string('x', 60_000);
        for (var i = 0; i < 12; i++) await SendAsync(_people[0], text);

        var logs = await Task.WhenAll(_people.Select(async (person, i) =>
        {
            var told = new List<AccountEvent>();
            while (told.Count < 12)
            {
                var page = await _store.ReadLogAsync(person.Key, heads[i] + told.Count, FeedReader.ShortPage, default);
                page.Events.Count.ShouldBeInRange(1, 10);
                told.AddRange(page.Events);
            }

            return told.Select(@event => @event.Pos - heads[i]);
        }));

        logs.ShouldAllBe(log => log.SequenceEqual(Enumerable.Range(1, 12).Select(pos => (long)pos)));
    }

    [Fact]
    public async Task A_log_of_nobody_is_empty_and_costs_the_others_nothing()
    {
        var head = (await HeadsAsync())[0];
        await SendAsync(_people[1], "x");

        var pages = await Task.WhenAll(_store.ReadLogAsync(new AccountKey(1_000_000), 0, 10, default).AsTask(), _store.ReadLogAsync(_people[0].Key, head, 10, default).AsTask(),
            _store.ReadLogAsync(_people[0].Key, long.MaxValue, 1, default).AsTask());

        (pages[0].Events.Count, pages[0].Head, pages[0].Oldest).ShouldBe((0, 0L, 1L));
        (pages[1].Events.Count, pages[1].Head).ShouldBe((1, head + 1));
        (pages[2].Events.Count, pages[2].Head).ShouldBe((0, head + 1));
    }

    private async Task SameAsAloneAsync(Account person, long after, LogPage page)
    {
        var alone = await _store.ReadLogAsync(person.Key, after, FeedReader.ShortPage + 1, default);
        page.Events.Select(@event => @event.Event.ToFrame(@event.Pos)).ShouldBe(alone.Events.Select(@event => @event.Event.ToFrame(@event.Pos)));
        page.Events.Select(@event => @event.Pos).ShouldBe(Enumerable.Range(1, page.Events.Count).Select(i => after + i));
        (page.Head, page.Oldest).ShouldBe((alone.Head, alone.Oldest));
    }

    private async Task<long[]> HeadsAsync() =>
        [.. (await Task.WhenAll(_people.Select(person => _store.ReadLogAsync(person.Key, long.MaxValue, 1, default).AsTask()))).Select(page => page.Head)];

    private async Task<AckFrame> SendAsync(Account from, string text) => (await _store.SubmitAsync(new Send(from, ChatServer.NewId(), null, _group, text))).ShouldBeOfType<Acknowledged>().Ack;
}
