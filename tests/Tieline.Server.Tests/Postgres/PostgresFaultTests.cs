using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Running;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>A database that goes away: nothing acknowledged is lost, sends are refused for now, lines stay open, and it recovers by itself.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private readonly PostgresCluster _cluster = new();
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await _cluster.CreateDatabaseAsync();

    public ValueTask DisposeAsync()
    {
        _cluster.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_kill_of_the_database_under_load_loses_nothing_acknowledged_and_doubles_nothing()
    {
        await using var store = Open();
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        var acknowledged = new ConcurrentDictionary<string, long>();
        using var done = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                var send = new Send(sender % 2 == 0 ? ada : bob, $"{sender}-{i}", sender % 2 == 0 ? bob : ada, null, "x");
                acknowledged[$"{send.From.Id} {send.ClientId}"] = (await UntilStoredAsync(store, send)).Seq;
            }
        })).ToList();

        for (var kills = 0; kills < 3; kills++)
        {
            var before = acknowledged.Count;
            while (acknowledged.Count < before + 100) await Task.Delay(10);
            await _cluster.KillAsync();
            await _cluster.StartAsync();
        }

        await done.CancelAsync();
        await Task.WhenAll(senders);
        var stored = await _cluster.ReadAsync(_database, "SELECT a.id || ' ' || m.client_id || ' ' || m.seq FROM message m JOIN account a ON a.key = m.sender");
        stored.ShouldBe(acknowledged.Select(pair => $"{pair.Key} {pair.Value}"), ignoreOrder: true);
        acknowledged.Values.Order().ShouldBe(Enumerable.Range(1, acknowledged.Count).Select(seq => (long)seq));
    }

    [Fact]
    public async Task While_the_database_is_away_sends_are_refused_for_now_and_the_line_stays_and_then_goes_on()
    {
        await using var server = await RunningServer.StartAsync(options => options with { Store = _cluster.AddressOf(_database) });
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var socket = await bob.OpenAsync();
        await ada.SendAsync(bob, "before");
        await socket.ReadUntilAsync("message");

        await _cluster.KillAsync();
        // Whether the one that finds out was stored nobody may know; from then on it is clear.
        await server.Store.SubmitAsync(new Send(ada.Account, "c1", bob.Account, null, "lost")).ContinueWith(static _ => { }, TaskScheduler.Default);
        (await server.Store.SubmitAsync(new Send(ada.Account, "c1", bob.Account, null, "lost"))).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Unavailable);
        (await server.Store.CheckWritableAsync(default)).ShouldNotBeNull();
        await socket.SendAsync(new { type = "ping" });
        await socket.ReadUntilAsync("pong");
        var (status, body) = await ada.GetAsync($"/api/chat/history?conversation={ada.Id}");
        ((int)status, body.GetProperty("code").GetString()).ShouldBe((503, "unavailable"));

        await _cluster.StartAsync();

        await UntilStoredAsync(server.Store, new Send(ada.Account, "c1", bob.Account, null, "lost"));
        (await socket.ReadUntilAsync("message")).GetProperty("message").GetString().ShouldBe("lost");
        (await server.Store.CheckWritableAsync(default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_row_that_somebody_keeps_locked_costs_a_refusal_for_now_and_no_order()
    {
        await using var store = Open();
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        var line = new SendLine();
        await using var other = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={_cluster.Port};Username=postgres;Database={_database};Pooling=false;SSL Mode=Disable");
        await other.OpenAsync();
        await using (var transaction = await other.BeginTransactionAsync())
        {
            await using var hold = new Npgsql.NpgsqlCommand("SELECT * FROM head FOR UPDATE", other, transaction);
            await hold.ExecuteNonQueryAsync();
            (await store.SubmitAsync(new Send(ada, "c1", bob, null, "1", Line: line))).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Unavailable);
        }

        (await store.SubmitAsync(new Send(ada, "c2", bob, null, "2", Line: line))).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Held);
        (await store.SubmitAsync(new Send(ada, "c1", bob, null, "1", Line: line))).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(1);
    }

    [Fact]
    public async Task Whatever_the_servers_default_a_commit_is_synced()
    {
        await using var store = Open();
        await _cluster.ExecuteAsync(_database, """
            CREATE TABLE witness(how text);
            CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO witness VALUES(current_setting('synchronous_commit')); RETURN NEW; END $$;
            CREATE TRIGGER witness BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION witness();
            """);
        (await _cluster.ReadAsync(_database, "SHOW synchronous_commit")).ShouldBe(["off"]);
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));

        await UntilStoredAsync(store, new Send(ada, "c1", bob, null, "hi"));

        (await _cluster.ReadAsync(_database, "SELECT how FROM witness")).ShouldBe(["on"]);
    }

    [Fact]
    public async Task What_no_standby_has_is_not_acknowledged_however_long_the_wait()
    {
        await using var store = Open();
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        await SetStandbyAsync("nobody");

        // The database gives up the wait when it is asked to, and then says that all is well; only a warning says that it is not.
        await Should.ThrowAsync<OutcomeUnknownException>(store.SubmitAsync(new Send(ada, "c1", bob, null, "hi")));

        await SetStandbyAsync("");
        (await UntilStoredAsync(store, new Send(ada, "c1", bob, null, "hi"))).ShouldSatisfyAllConditions(ack => ack.Seq.ShouldBe(1), ack => ack.Duplicate.ShouldBeTrue());
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        await Open().DisposeAsync();
        await _cluster.ExecuteAsync(_database, "UPDATE meta SET value = '999' WHERE name IN ('schema', 'needs')");

        Should.Throw<NewerDatabaseException>(() => Open()).Message.ShouldContain("version 999");
        (await _cluster.ReadAsync(_database, "SELECT value FROM meta WHERE name = 'schema'")).ShouldBe(["999"]);
    }

    [Fact]
    public void A_database_that_is_not_there_is_told_without_its_password()
    {
        var refusal = Should.Throw<ConfigurationException>(() => PostgresStore.Open(new TielineOptions { Store = "postgres://tieline:s3cret@127.0.0.1:1/chat" },
            TimeProvider.System, ChatServer.NewId, new Commits(), NullLogger.Instance));

        refusal.Message.ShouldContain("store:");
        refusal.Message.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_pool_that_is_used_up_is_told_with_its_setting()
    {
        await using var store = Open(pool: 3);
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        await UntilStoredAsync(store, new Send(ada, "c1", bob, null, "hi"));
        await using var other = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={_cluster.Port};Username=postgres;Database={_database};Pooling=false;SSL Mode=Disable");
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var hold = new Npgsql.NpgsqlCommand("LOCK TABLE member IN ACCESS EXCLUSIVE MODE", other, transaction);
        await hold.ExecuteNonQueryAsync();

        var reads = Enumerable.Range(0, 3).Select(_ => store.ReadUnreadAsync(bob.Key, default).AsTask()).ToList();
        var failed = await Task.WhenAny(reads);

        (await Should.ThrowAsync<PoolExhaustedException>(() => failed)).Message.ShouldContain("store_pool (it is 3 now");
        await transaction.RollbackAsync();
        foreach (var read in reads.Where(read => read != failed)) (await read).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Behind_a_pooler_nothing_is_prepared_and_everything_works()
    {
        await using var store = Open(prepare: false);
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        for (var i = 0; i < 5; i++) await UntilStoredAsync(store, new Send(ada, $"c{i}", bob, null, "hi"));
        (await store.ReadLogAsync(bob.Key, 0, 10, default)).Events.Count.ShouldBe(5);

        // Those of this database's sessions: seen from within, each by a function that its own session runs.
        await _cluster.ExecuteAsync(_database, """
            CREATE TABLE prepared(statement text);
            CREATE FUNCTION prepared() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO prepared SELECT statement FROM pg_prepared_statements; RETURN NEW; END $$;
            CREATE TRIGGER prepared BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION prepared();
            """);
        await UntilStoredAsync(store, new Send(ada, "last", bob, null, "hi"));
        (await _cluster.ReadAsync(_database, "SELECT statement FROM prepared")).ShouldBeEmpty();
    }

    private PostgresStore Open(int pool = 6, bool prepare = true) => PostgresStore.Open(new TielineOptions { Store = _cluster.AddressOf(_database), StorePool = pool, StorePrepare = prepare },
        TimeProvider.System, ChatServer.NewId, new Commits(), NullLogger.Instance);

    private async Task SetStandbyAsync(string name)
    {
        await _cluster.ExecuteAsync("postgres", $"ALTER SYSTEM SET synchronous_standby_names = '{name}'");
        await _cluster.ExecuteAsync("postgres", "SELECT pg_reload_conf()");
        var patience = Stopwatch.StartNew();
        while ((await _cluster.ReadAsync("postgres", "SHOW synchronous_standby_names"))[0] != name && patience.Elapsed < TimeSpan.FromSeconds(10)) await Task.Delay(20);
    }

    private static async Task<Account> AddAsync(IMessageStore store, string name) => ((AccountAdded)await store.SubmitAsync(new AddAccount(new AccountDraft(name, null, name)))).Account;

    /// <summary>As every client does: what was refused for now, or whose fate nobody knows, is sent again under the same client_id.</summary>
    private static async Task<Protocol.Frames.AckFrame> UntilStoredAsync(IMessageStore store, Send send)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await store.SubmitAsync(send) is Acknowledged { Ack: var ack }) return ack;
            }
            catch (OutcomeUnknownException)
            {
                // Sent again.
            }

            patience.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(90));
            await Task.Delay(50);
        }
    }
}
