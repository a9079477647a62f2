using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Core.Storage;
using Tieline.Server.Sqlite;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Storage;

/// <summary>What SQLite does of its own to drop what is too old: in small pieces, beside those who send.</summary>
public sealed class SqliteRetentionTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Old_messages_go_in_small_pieces_while_others_send_and_the_index_follows()
    {
        var once = new FakeTimeProvider(new DateTimeOffset(2020, 2, 3, 4, 5, 6, TimeSpan.Zero));
        await using (var old = _file.Open(time: once))
        {
            foreach (var name in (string[])["ada", "bob"]) await old.SubmitAsync(new AddAccount(new AccountDraft(name, null, name)));
            var (from, to) = (await FindAsync(old, "ada"), await FindAsync(old, "bob"));
            await Task.WhenAll(Enumerable.Range(0, 6_000).Select(i => old.SubmitAsync(new Send(from, $"old-{i}", to, null, "old pizza"))));
            (await old.SearchAsync(to.Key, new MessageSearch(SearchTerms.Parse("pizza"), 10), default))!.Messages.Count.ShouldBe(10);
        }

        await using var store = _file.Open();
        var (ada, bob) = (await FindAsync(store, "ada"), await FindAsync(store, "bob"));
        using var done = new CancellationTokenSource();
        var (sent, slowest) = (0, TimeSpan.Zero);
        var sending = Task.Run(async () =>
        {
            for (; !done.IsCancellationRequested; sent++)
            {
                var started = Stopwatch.GetTimestamp();
                (await store.SubmitAsync(new Send(ada, $"new-{sent}", bob, null, "new pizza"))).ShouldBeOfType<Acknowledged>();
                if (Stopwatch.GetElapsedTime(started) is var took && took > slowest) slowest = took;
            }
        });
        while (Volatile.Read(ref sent) < 20) await Task.Delay(5);
        var before = sent;

        (await store.DropMessagesAsync(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), default)).ShouldBe(6_000);

        var meanwhile = Volatile.Read(ref sent) - before;
        await done.CancelAsync();
        await sending;
        // Twelve pieces, and somebody could send after each.
        meanwhile.ShouldBeGreaterThan(6);
        slowest.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        foreach (var table in (string[])["message", "sent"]) _file.Read($"SELECT COUNT(*) FROM {table}").ShouldBe([$"{sent}"], table);
        (await store.SearchAsync(bob.Key, new MessageSearch(SearchTerms.Parse("old"), 10), default))!.Messages.ShouldBeEmpty();
        await UntilAsync(() => Indexed() == sent);
    }

    [Fact]
    public async Task What_is_kept_of_a_silent_chat_is_an_empty_row_that_costs_nothing_more()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2020, 2, 3, 4, 5, 6, TimeSpan.Zero));
        await using var store = _file.Open(time: time);
        foreach (var name in (string[])["ada", "bob"]) await store.SubmitAsync(new AddAccount(new AccountDraft(name, null, name)));
        var (ada, bob) = (await FindAsync(store, "ada"), await FindAsync(store, "bob"));
        for (var i = 0; i < 3; i++) await store.SubmitAsync(new Send(ada, $"c{i}", bob, null, "secret", "{}"));
        time.Advance(TimeSpan.FromDays(50));

        (await store.DropMessagesAsync(time.GetUtcNow(), default)).ShouldBe(3);

        _file.Read("SELECT seq || text || COALESCE(card, '-') || gone FROM message").ShouldBe(["3-3"]);
        var log = new FileInfo(_file.Path + "-wal").Length;
        (await store.DropMessagesAsync(time.GetUtcNow(), default)).ShouldBe(0);
        new FileInfo(_file.Path + "-wal").Length.ShouldBe(log);
    }

    [Fact]
    public async Task A_server_does_it_by_itself_when_it_is_told_how_long_messages_are_kept()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var server = await RunningServer.StartAsync(options => options with { RetentionDays = 30 }, time: time);
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        var send = new Send(ada.Account, "c1", bob.Account, null, "old");
        (await server.Store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>();

        time.Advance(TimeSpan.FromDays(29));
        (await HistoryAsync()).ShouldHaveSingleItem();
        time.Advance(TimeSpan.FromDays(2));

        for (var patience = Stopwatch.StartNew(); (await HistoryAsync()).Count > 0; await Task.Delay(50)) patience.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));

        async Task<IReadOnlyList<Tieline.Protocol.Frames.WireMessage>> HistoryAsync() =>
            (await server.Store.ReadHistoryAsync(bob.Account.Key, new ConversationTarget(ada.Account, null), new HistoryRange(10), default))!.Messages;
    }

    private long Indexed()
    {
        using var index = SqliteConnection.Open(Path.Combine(_file.Folder, SqliteSearchFile.FileName), create: false, TimeSpan.FromSeconds(5));
        return long.Parse(SqliteFile.Read(index, "SELECT COUNT(*) FROM doc")[0]!, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var patience = Stopwatch.StartNew(); !holds(); await Task.Delay(50)) patience.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    private static async Task<Account> FindAsync(SqliteStore store, string id) => (await store.FindAccountAsync(AccountLookup.Id, id, default))!;
}
