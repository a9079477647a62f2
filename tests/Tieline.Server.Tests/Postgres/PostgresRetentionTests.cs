using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>What PostgreSQL does of its own to drop what is too old: whole parts, under load, by one node.</summary>
public sealed class PostgresRetentionTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly DateTimeOffset _once = new(2020, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly DateTimeOffset _limit = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync();

    public async ValueTask DisposeAsync() => await cluster.DropDatabaseAsync(_database);

    [Fact]
    public async Task Parts_are_dropped_under_load_and_no_send_fails_also_while_somebody_reads_for_long()
    {
        await FillAsync(4_000);
        await using var store = Open(TimeProvider.System);
        var (ada, bob) = (await FindAsync(store, "ada"), await FindAsync(store, "bob"));
        using var done = new CancellationTokenSource();
        var (sent, slowest) = (0, TimeSpan.Zero);
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                var started = Stopwatch.GetTimestamp();
                (await store.SubmitAsync(new Send(sender % 2 == 0 ? ada : bob, $"{sender}-{i}", sender % 2 == 0 ? bob : ada, null, "new"))).ShouldBeOfType<Acknowledged>();
                var took = Stopwatch.GetElapsedTime(started);
                lock (done) (sent, slowest) = (sent + 1, took > slowest ? took : slowest);
                (await store.ReadHistoryAsync(ada.Key, new ConversationTarget(bob, null), new HistoryRange(20), default))!.Messages.ShouldNotBeEmpty();
            }
        })).ToList();

        // Somebody's backup, say: the part cannot be taken out while it reads, and nobody else may wait for that.
        await using var reader = new NpgsqlConnection($"Host=127.0.0.1;Port={cluster.Port};Username=postgres;Database={_database};Pooling=false;SSL Mode=Disable");
        await reader.OpenAsync();
        await using var reading = await reader.BeginTransactionAsync();
        await using (var all = new NpgsqlCommand("SELECT count(*) FROM message WHERE created_at < 1600000000000000", reader, reading)) (await all.ExecuteScalarAsync()).ShouldBe(4_000L);
        var before = sent;
        var dropping = store.DropMessagesAsync(_limit, default).AsTask();
        while (sent < before + 200) await Task.Delay(10);
        dropping.IsCompleted.ShouldBeFalse();
        (await PartsAsync()).ShouldContain("message_2020q1");
        await reading.RollbackAsync();

        (await dropping).ShouldBe(4_000);
        before = sent;
        while (sent < before + 100) await Task.Delay(10);
        await done.CancelAsync();
        await Task.WhenAll(senders);

        (await PartsAsync()).ShouldNotContain(name => name!.StartsWith("message_2020", StringComparison.Ordinal));
        foreach (var table in (string[])["message", "sent", "search"]) (await CountAsync($"SELECT count(*) FROM {table}")).ShouldBe(sent, table);
        (await CountAsync("SELECT max(seq) FROM message")).ShouldBe(4_000 + sent);
        // Each attempt to take a part out may hold the writers up for a tenth of a second; a send that waited for the reader would have waited for it all.
        slowest.ShouldBeLessThan(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task What_a_crash_left_set_aside_is_taken_up_and_what_an_operator_took_out_is_left()
    {
        await FillAsync(10);
        await using (var old = Open(new FakeTimeProvider(_once.AddMonths(3)))) await SendAsync(old, "april", 5);
        await cluster.ExecuteAsync(_database, """
            ALTER TABLE message DETACH PARTITION message_2020q1; ALTER TABLE message_2020q1 RENAME TO message_2020q1_dropped;
            ALTER TABLE message DETACH PARTITION message_2020q2;
            """);
        await using var store = Open(TimeProvider.System);

        (await store.DropMessagesAsync(_limit, default)).ShouldBe(10);

        (await PartsAsync()).ShouldNotContain("message_2020q1_dropped");
        (await CountAsync("SELECT count(*) FROM message_2020q2")).ShouldBe(5);
        (await CountAsync("SELECT count(*) FROM sent")).ShouldBe(5);
    }

    [Fact]
    public async Task What_lies_in_no_part_of_its_own_is_deleted_by_the_beginning_of_each_chat()
    {
        await FillAsync(2_300);
        await cluster.ExecuteAsync(_database, "ALTER TABLE message DETACH PARTITION message_2020q1; INSERT INTO message SELECT * FROM message_2020q1; DROP TABLE message_2020q1");
        (await CountAsync("SELECT count(*) FROM message_other")).ShouldBe(2_300);
        await using var store = Open(TimeProvider.System);
        await SendAsync(store, "new", 2);

        (await store.DropMessagesAsync(_once.AddYears(-1), default)).ShouldBe(0);
        (await store.DropMessagesAsync(_limit, default)).ShouldBe(2_300);

        foreach (var table in (string[])["message", "sent", "search"]) (await CountAsync($"SELECT count(*) FROM {table}")).ShouldBe(2, table);
    }

    [Fact]
    public async Task Of_several_nodes_one_does_it()
    {
        await FillAsync(1_500);
        await using var one = Open(TimeProvider.System);
        await using var other = Open(TimeProvider.System);

        var dropped = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => (number % 2 == 0 ? one : other).DropMessagesAsync(_limit, default).AsTask()));

        dropped.Sum().ShouldBe(1_500);
        (await CountAsync("SELECT count(*) FROM message")).ShouldBe(0);
    }

    [Theory]
    [InlineData(0, 5, "q1 q2 q3 q4")]
    [InlineData(730, 3, "q1 q2 q3 q4")]
    [InlineData(365, 5, "q1 q2 0701 0801")]
    [InlineData(365, 3, "q1 0401 0501 0601 0701 0801")]
    [InlineData(30, 5, "q1 q2 0701 0706 0713")]
    [InlineData(30, 3, "q1 0401 0406 0413 0420 0427 0504 0511 0518 0525 0601 0608 0615 0622 0629 0706 0713")]
    public async Task Parts_are_made_ahead_the_narrower_the_shorter_messages_are_kept_and_leave_no_gap(int retentionDays, int sinceMonth, string parts)
    {
        // Until then messages were kept for ever, and the second quarter was made ahead: in March it is empty, in May it is not.
        await FillAsync(0);
        var time = new FakeTimeProvider(new DateTimeOffset(2020, sinceMonth, 20, 4, 5, 6, TimeSpan.Zero));
        await using var store = Open(time, retentionDays);
        while (time.GetUtcNow() < new DateTimeOffset(2020, 7, 8, 0, 0, 0, TimeSpan.Zero))
        {
            await SendAsync(store, $"at {time.GetUtcNow():O}", 1);
            await store.PruneLogsAsync(_once.AddYears(-1), default);
            time.Advance(TimeSpan.FromDays(3));
        }

        (await PartsAsync()).Where(name => name != "message_other").ShouldBe(parts.Split(' ').Select(part => $"message_2020{part}"), ignoreOrder: true);
        (await CountAsync("SELECT count(*) FROM message_other")).ShouldBe(0);
    }

    private PostgresStore Open(TimeProvider time, int retentionDays = 0) => PostgresStore.Open(
        new TielineOptions { Store = cluster.AddressOf(_database), StorePool = 12, RetentionDays = retentionDays }, time, ChatServer.NewId, new Commits(), NullLogger.Instance);

    /// <summary>A chat of long ago, all of it in one part.</summary>
    private async Task FillAsync(int messages)
    {
        await using var store = Open(new FakeTimeProvider(_once));
        foreach (var name in (string[])["ada", "bob"]) await store.SubmitAsync(new AddAccount(new AccountDraft(name, null, name)));
        await SendAsync(store, "old", messages);
    }

    private static async Task SendAsync(PostgresStore store, string name, int messages)
    {
        var (ada, bob) = (await FindAsync(store, "ada"), await FindAsync(store, "bob"));
        await Task.WhenAll(Enumerable.Range(0, messages).Select(async i => (await store.SubmitAsync(new Send(ada, $"{name.Replace(':', '.').Replace(' ', '.')}-{i}", bob, null, name))).ShouldBeOfType<Acknowledged>()));
    }

    private static async Task<Account> FindAsync(PostgresStore store, string id) => (await store.FindAccountAsync(AccountLookup.Id, id, default))!;

    private Task<List<string?>> PartsAsync() => cluster.ReadAsync(_database, "SELECT relname FROM pg_class WHERE relname LIKE 'message\\_%' AND relkind = 'r' AND relname <> 'message_edit' ORDER BY relname");

    private async Task<long> CountAsync(string sql) => long.Parse((await cluster.ReadAsync(_database, sql))[0]!, System.Globalization.CultureInfo.InvariantCulture);
}
