using System.Diagnostics;
using System.Globalization;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Running;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>History and searches come from a streaming replica where it holds what the primary shows, and from the primary where it does not.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private readonly PostgresCluster _cluster = new();
    private readonly LogLines _log = new();
    private PostgresStandby _standby = null!;
    private string _database = "";
    private Account _ada = null!, _bob = null!;

    /// <summary>Tests of time allow a machine that is busy with other tests.</summary>
    private static double Slowness => double.Parse(Environment.GetEnvironmentVariable("TIELINE_TEST_SLOWNESS") ?? "3", CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        _database = await _cluster.CreateDatabaseAsync();
        await using (var store = Open("none"))
        {
            _ada = ((AccountAdded)await store.SubmitAsync(new AddAccount(new AccountDraft("ada", "ada@example.org", "Ada")))).Account;
            _bob = ((AccountAdded)await store.SubmitAsync(new AddAccount(new AccountDraft("bob", "bob@example.org", "Bob")))).Account;
        }

        _standby = await _cluster.ReplicateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_standby is not null) await _standby.DisposeAsync();
        _cluster.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Pages_of_history_searches_stars_and_pins_are_read_from_it()
    {
        await using var store = Open();
        await ReadFromAsync(store);
        var sent = await SendAsync(store, "hello replica");
        await store.SubmitAsync(new Star(_bob, sent.Id, true));
        await store.SubmitAsync(new Pin(_bob, sent.Id, true));

        // One that has not caught up in a tenth of a second is left alone for the moment, which on a busy machine it may not have.
        var (before, tries) = (Reads(store), 0);
        for (; Reads(store) < before + 8 && tries < 400; tries++)
        {
            (await HistoryAsync(store, _bob)).ShouldBe(["hello replica"]);
            (await store.SearchAsync(_bob.Key, new MessageSearch(SearchTerms.Parse("repl"), 10), default))!.Messages.ShouldHaveSingleItem().Text.ShouldBe("hello replica");
            (await store.ReadStarredAsync(_bob.Key, null, 10, default)).Messages.ShouldHaveSingleItem();
            (await store.ReadPinnedAsync(_ada.Key, new ConversationTarget(_bob, null), default))!.ShouldHaveSingleItem();
            (await store.ReadHistoryAsync(_bob.Key, new ConversationTarget(null, "nowhere"), new HistoryRange(10), default)).ShouldBeNull();
            if (store.Replicas[0].Why is not null) await ReadFromAsync(store);
        }

        Reads(store).ShouldBeGreaterThanOrEqualTo(before + 8);
    }

    [Fact]
    public async Task Who_has_written_sees_it_at_once_while_the_replica_stands_still_and_it_is_read_again_when_it_goes_on()
    {
        await using var store = Open();
        await ReadFromAsync(store);
        await SendAsync(store, "1");
        await _standby.PauseAsync();
        var before = Reads(store);

        for (var i = 2; i <= 10; i++)
        {
            await SendAsync(store, $"{i}");
            foreach (var person in (Account[])[_ada, _bob]) (await HistoryAsync(store, person)).ShouldBe(Enumerable.Range(1, i).Select(number => $"{number}"));
            (await store.SearchAsync(_bob.Key, new MessageSearch(SearchTerms.Parse($"{i}"), 10), default))!.Messages.ShouldContain(message => message.Text == $"{i}");
        }

        Reads(store).ShouldBe(before);
        store.Replicas[0].Why.ShouldNotBeNull().ShouldContain("bytes behind the primary");

        await _standby.ResumeAsync();
        await ReadFromAsync(store);
        (await HistoryAsync(store, _bob)).Count.ShouldBe(10);
        Reads(store).ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task A_replica_that_is_killed_costs_no_read_and_is_said_once_and_found_again()
    {
        await using var store = Open();
        await ReadFromAsync(store);
        await SendAsync(store, "1");
        await _standby.KillAsync();

        var asked = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++) (await HistoryAsync(store, _bob)).ShouldBe(["1"]);
        asked.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(3 * Slowness));
        await UntilAsync(() => _log.All.Any(line => line.Id == 323));
        for (var i = 0; i < 20; i++) (await HistoryAsync(store, _bob)).ShouldBe(["1"]);

        await _standby.StartAsync();
        await ReadFromAsync(store);
        await UntilAsync(() => _log.All.Count(line => line.Id == 322) == 2);
        _log.All.Count(line => line.Id == 323).ShouldBe(1);
        _log.Text.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task What_the_primary_does_not_show_yet_the_replica_is_not_asked_to_show()
    {
        await using PostgresStore one = Open("none"), two = Open();
        await ReadFromAsync(two);
        await SendAsync(one, "1");
        await SetSynchronousAsync("nobody");
        var waits = one.SubmitAsync(new Send(_ada, "waits", _bob, null, "2"));
        // On the primary's disk and on the replica, and acknowledged to nobody: the primary waits for a standby that is not there.
        await UntilAsync(async () => (await StandbyCountAsync()) == 2);

        for (var i = 0; i < 20; i++) (await HistoryAsync(two, _bob)).ShouldBe(["1"]);

        await SetSynchronousAsync("");
        await waits.ContinueWith(static _ => { }, TaskScheduler.Default);
        (await HistoryAsync(two, _bob)).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Who_moves_between_nodes_never_sees_an_older_state_than_he_has_seen()
    {
        await using PostgresStore one = Open(), two = Open();
        await ReadFromAsync(one);
        await ReadFromAsync(two);
        PostgresStore[] nodes = [one, two];
        var random = new Random(7);
        using var done = new CancellationTokenSource();
        // It stands still now and then, shorter and longer than it is waited for.
        var unrest = Task.Run(async () =>
        {
            for (var pause = 1; !done.IsCancellationRequested; pause = (pause % 200) + 37)
            {
                await _standby.PauseAsync();
                await Task.Delay(pause);
                await _standby.ResumeAsync();
                await Task.Delay(300);
            }
        });
        for (var sent = 1; sent <= 100 || Math.Min(Reads(one), Reads(two)) == 0; sent++)
        {
            sent.ShouldBeLessThan(1_000, "no replica is ever read from");
            await SendAsync(nodes[random.Next(2)], $"{sent}");
            foreach (var person in (Account[])[_ada, _bob])
            {
                var newest = await HistoryAsync(nodes[random.Next(2)], person, 1);
                newest.ShouldBe([$"{sent}"]);
            }
        }

        await done.CancelAsync();
        await unrest;
    }

    [Fact]
    public async Task What_is_no_replica_of_this_chat_is_not_read_from()
    {
        var other = await _cluster.CreateDatabaseAsync();
        await PostgresStore.Open(new TielineOptions { Store = _cluster.AddressOf(other) }, TimeProvider.System, ChatServer.NewId, new Commits(), _log.CreateLogger("")).DisposeAsync();
        await using var store = Open($"{_cluster.AddressOf(_database)},{_standby.AddressOf(other)},postgres://postgres@127.0.0.1:1/{_database}");
        await SendAsync(store, "1");

        await UntilAsync(() => store.Replicas is [{ Why: "it is no replica" }, { Why: "it is a replica of another chat" }, { Why: { } why }] && why.Contains(":1", StringComparison.Ordinal));

        (await HistoryAsync(store, _bob)).ShouldBe(["1"]);
        store.Replicas.ShouldAllBe(replica => replica.Reads == 0);
    }

    [Fact]
    public async Task The_operator_sees_how_it_stands()
    {
        const string Token = "operator-token-of-the-tests";
        await using var server = await RunningServer.StartAsync(options => options with { Store = _cluster.AddressOf(_database), StorePool = 6, Replicas = _standby.AddressOf(_database), OperatorToken = Token });
        await ReadFromAsync((PostgresStore)server.Store);
        Person ada = new(server, _ada, server.TokenFor("ada@example.org")), bob = new(server, _bob, server.TokenFor("bob@example.org"));
        var chat = (await ada.SendAsync(bob, "hi")).GetProperty("conversation").GetString();
        await UntilAsync(async () =>
        {
            (await bob.GetAsync($"/api/chat/history?conversation={chat}")).Status.ShouldBe(System.Net.HttpStatusCode.OK);
            return server.Store is PostgresStore { Replicas: [{ Why: null, Reads: > 0 }] };
        });

        var told = (await Answer.ToAsync(server, "GET", "/operate.json", null, null, ("X-Operator-Token", Token))).Json.GetProperty("replicas")[0];

        told.GetProperty("status").GetString().ShouldBe("read");
        told.GetProperty("reads").GetInt64().ShouldBeGreaterThan(0);
        told.GetProperty("address").GetString().ShouldBe(_standby.AddressOf(_database).Replace("hidden", "...", StringComparison.Ordinal));
        (await Answer.ToAsync(server, "GET", "/operate", null, null, ("X-Operator-Token", Token))).Text.ShouldContain("read from the replica at");
    }

    private PostgresStore Open(string? replicas = null) =>
        PostgresStore.Open(new TielineOptions { Store = _cluster.AddressOf(_database), StorePool = 6, Replicas = replicas ?? _standby.AddressOf(_database) }, TimeProvider.System, ChatServer.NewId, new Commits(), _log.CreateLogger(""));

    private async Task<AckFrame> SendAsync(PostgresStore store, string text) =>
        (await store.SubmitAsync(new Send(_ada, ChatServer.NewId(), _bob, null, text))).ShouldBeOfType<Acknowledged>().Ack;

    private async Task<List<string>> HistoryAsync(PostgresStore store, Account person, int limit = 50) =>
        [.. (await store.ReadHistoryAsync(person.Key, new ConversationTarget(person == _ada ? _bob : _ada, null), new HistoryRange(limit), default))!.Messages.Select(message => message.Text)];

    private static long Reads(PostgresStore store) => store.Replicas[0].Reads;

    private static Task ReadFromAsync(PostgresStore store) => UntilAsync(() => store.Replicas.All(replica => replica.Why is null));

    private async Task SetSynchronousAsync(string names)
    {
        await _cluster.ExecuteAsync("postgres", $"ALTER SYSTEM SET synchronous_standby_names = '{names}'");
        await _cluster.ExecuteAsync("postgres", "SELECT pg_reload_conf()");
        await UntilAsync(async () => (await _cluster.ReadAsync("postgres", "SHOW synchronous_standby_names"))[0] == names);
    }

    private async Task<long> StandbyCountAsync()
    {
        await using var connection = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={_standby.Port};Username=postgres;Database={_database};Pooling=false;SSL Mode=Disable");
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("SELECT count(*) FROM message", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var waited = Stopwatch.StartNew(); !await holds(); await Task.Delay(20))
            if (waited.Elapsed > TimeSpan.FromSeconds(20 * Slowness)) throw new TimeoutException("It does not come to hold.");
    }
}
