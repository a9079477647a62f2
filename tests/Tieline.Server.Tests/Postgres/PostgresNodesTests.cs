using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Attachments;
using Tieline.Server.Tests.Running;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>Several equal nodes on one database, with no other word between them.</summary>
public sealed class PostgresNodesTests(PostgresCluster cluster) : IAsyncLifetime
{
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync();

    public async ValueTask DisposeAsync() => await cluster.DropDatabaseAsync(_database);

    [Fact]
    public async Task What_is_sent_on_one_node_reaches_a_line_on_another_within_two_seconds()
    {
        await using RunningServer one = await StartAsync(), two = await StartAsync();
        var ada = await one.AddPersonAsync("ada");
        var bob = await one.AddPersonAsync("bob") with { Server = two };
        await using var socket = await bob.OpenAsync();

        for (var i = 0; i < 3; i++)
        {
            var sent = Stopwatch.StartNew();
            await ada.SendAsync(bob, $"hello {i}");
            var frame = await socket.ReadUntilAsync("message");

            frame.GetProperty("message").GetString().ShouldBe($"hello {i}");
            sent.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2 * Slowness));
        }

        (await one.Store.ReadUnreadAsync(bob.Account.Key, default)).ShouldBe([("ada", 3)]);
    }

    [Fact]
    public async Task A_client_moves_between_nodes_by_its_cursor_and_gets_each_event_once()
    {
        await using RunningServer one = await StartAsync(), two = await StartAsync();
        var (ada, bob) = (await one.AddPersonAsync("ada"), await one.AddPersonAsync("bob"));
        var seen = new List<long>();
        string? cursor = null;
        for (var round = 0; round < 6; round++)
        {
            var node = round % 2 == 0 ? one : two;
            await using var socket = await (bob with { Server = node }).OpenAsync(cursor);
            await (ada with { Server = round % 3 == 0 ? one : two }).SendAsync(bob, $"while open {round}");
            await socket.ReadUntilAsync(frame => frame.TryGetProperty("message", out var text) && text.GetString() == $"while open {round}");
            seen.AddRange(socket.Seen.Where(frame => frame.GetProperty("type").GetString() == "message").Select(frame => frame.GetProperty("pos").GetInt64()));
            cursor = $"{one.Store.Epoch}.{seen[^1]}";
            await (ada with { Server = round % 2 == 0 ? two : one }).SendAsync(bob, $"while away {round}");
        }

        seen.ShouldBe(Enumerable.Range(1, seen.Count).Select(number => (long)number));
        two.Store.Epoch.ShouldBe(one.Store.Epoch);
    }

    [Fact]
    public async Task An_address_of_a_file_that_one_node_gave_is_good_on_another()
    {
        await using RunningServer one = await StartAsync(), two = await StartAsync();
        var (ada, bob) = (await one.AddPersonAsync("ada"), await one.AddPersonAsync("bob"));
        await Sent.SendAsync(ada, bob, await Tus.UploadAsync(ada, "from one node"u8.ToArray()));

        // Its bytes lie at the first node, for there is no bucket here.
        var url = (await Sent.NewestAsync(bob with { Server = two })).GetProperty("url").GetString()!;
        (await Answer.ToAsync(one, "GET", url)).ShouldSatisfyAllConditions(answer => answer.Status.ShouldBe(200), answer => answer.Text.ShouldBe("from one node"));
        (await Answer.ToAsync(one, "GET", url[..^2] + (url.EndsWith("AA", StringComparison.Ordinal) ? "BB" : "AA"))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Two_writers_in_the_same_chats_number_densely_and_double_nothing()
    {
        const int Each = 120;
        var (left, right) = (new Commits(), new Commits());
        await using PostgresStore one = Open(left), two = Open(right);
        var people = new List<Account>();
        foreach (var name in (string[])["ada", "bob", "cy", "dee"]) people.Add(((AccountAdded)await one.SubmitAsync(new AddAccount(new AccountDraft(name, null, name)))).Account);
        var group = ((Acknowledged)await two.SubmitAsync(new CreateGroup(people[0], "g", "All", null, people))).Ack.Conversation;

        // Everybody to everybody and into the group, on both nodes, each message on both: the second is a resend wherever it arrives.
        var acks = await Task.WhenAll(people.SelectMany(from => Enumerable.Range(0, Each).SelectMany(i =>
        {
            var to = people[(people.IndexOf(from) + 1 + (i % 3)) % people.Count];
            var send = i % 4 == 0 ? new Send(from, $"c{i}", null, group, $"{i}") : new Send(from, $"c{i}", to, null, $"{i}");
            return ((IMessageStore[])[one, two]).OrderBy(_ => i % 2).Select(store => AckAsync(store, send));
        })));

        acks.Length.ShouldBe(2 * 4 * Each);
        acks.Select(ack => ack.Id).Distinct().Count().ShouldBe(4 * Each);
        acks.Count(ack => ack.Duplicate).ShouldBe(4 * Each);
        foreach (var conversation in acks.DistinctBy(ack => ack.Id).GroupBy(ack => ack.Conversation))
            conversation.Select(ack => ack.Seq).Order().ShouldBe(conversation.Key == group
                ? Enumerable.Range(2, conversation.Count()).Select(seq => (long)seq) : Enumerable.Range(1, conversation.Count()).Select(seq => (long)seq));
        foreach (var person in people)
        {
            var page = await two.ReadLogAsync(person.Key, 0, 10_000, default);
            page.Events.Select(@event => @event.Pos).ShouldBe(Enumerable.Range(1, (int)page.Head).Select(pos => (long)pos));
            left.Events.Concat(right.Events).Where(logged => logged.Account == person.Key).Select(logged => logged.Pos).Order().ShouldBe(page.Events.Select(@event => @event.Pos));
        }

        (await cluster.ReadAsync(_database, "SELECT conversation || ' ' || seq FROM message GROUP BY conversation, seq HAVING COUNT(*) > 1")).ShouldBeEmpty();
        (await cluster.ReadAsync(_database, "SELECT COUNT(*) FROM member m WHERE unread <> (SELECT COUNT(*) FROM message x WHERE x.conversation = m.conversation AND x.sender <> m.account) AND joined_seq = 0"))
            .ShouldBe(["0"]);
    }

    [Fact]
    public async Task The_tables_change_under_two_nodes_at_work_and_no_send_fails()
    {
        await using PostgresStore one = Open(), two = Open();
        var (ada, bob) = (((AccountAdded)await one.SubmitAsync(new AddAccount(new AccountDraft("ada", null, "Ada")))).Account, ((AccountAdded)await one.SubmitAsync(new AddAccount(new AccountDraft("bob", null, "Bob")))).Account);
        using var done = new CancellationTokenSource();
        var senders = ((PostgresStore[])[one, two]).SelectMany((store, node) => ((Account[])[ada, bob]).Select(async from =>
        {
            var sent = 0;
            for (; !done.IsCancellationRequested; sent++)
            {
                await AckAsync(store, new Send(from, $"{node}-{sent}", from == ada ? bob : ada, null, "x"));
                await store.ReadLogAsync(from.Key, 0, 50, default);
            }

            return sent;
        })).ToList();
        await using var connection = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={cluster.Port};Username=postgres;Database={_database};Pooling=false;SSL Mode=Disable");
        await connection.OpenAsync();

        await Task.Run(() => PostgresSchema.Migrate(connection, "unused", later: """
            ALTER TABLE message ADD COLUMN later text;
            ALTER TABLE member ADD COLUMN later bigint NOT NULL DEFAULT 7;
            ALTER TABLE conversation ADD COLUMN later bigint;
            """));

        await Task.Delay(200);
        await done.CancelAsync();
        var sent = (await Task.WhenAll(senders)).Sum();
        (await cluster.ReadAsync(_database, "SELECT count(*) FROM message WHERE later IS NULL")).ShouldBe([$"{sent}"]);
        (await cluster.ReadAsync(_database, "SELECT string_agg(value, ' ' ORDER BY name) FROM meta WHERE name IN ('needs', 'schema')")).ShouldBe([$"1 {PostgresSchema.Version + 1}"]);
        // A node of this version starts on it all the same.
        await Open().DisposeAsync();
    }

    [Fact]
    public async Task Two_who_write_to_each_other_first_on_two_nodes_get_one_chat()
    {
        await using PostgresStore one = Open(), two = Open();
        for (var i = 0; i < 10; i++)
        {
            var ada = ((AccountAdded)await one.SubmitAsync(new AddAccount(new AccountDraft($"ada{i}", null, "Ada")))).Account;
            var bob = ((AccountAdded)await two.SubmitAsync(new AddAccount(new AccountDraft($"bob{i}", null, "Bob")))).Account;

            var acks = await Task.WhenAll(AckAsync(one, new Send(ada, "c", bob, null, "first")), AckAsync(two, new Send(bob, "c", ada, null, "first")));

            acks[0].Conversation.ShouldBe(acks[1].Conversation);
            acks.Select(ack => ack.Seq).Order().ShouldBe([1, 2]);
        }
    }

    [Fact]
    public async Task A_block_on_one_node_holds_at_once_on_the_other()
    {
        await using PostgresStore one = Open(), two = Open();
        var (ada, bob) = (((AccountAdded)await one.SubmitAsync(new AddAccount(new AccountDraft("ada", null, "Ada")))).Account, ((AccountAdded)await one.SubmitAsync(new AddAccount(new AccountDraft("bob", null, "Bob")))).Account);
        await AckAsync(two, new Send(ada, "c1", bob, null, "hi"));

        await one.SubmitAsync(new ChangeRelation(bob, ada, RelationChange.Block));

        (await two.SubmitAsync(new Send(ada, "c2", bob, null, "hi"))).ShouldBeOfType<Refused>().Error.ShouldBe(Protocol.WireError.Blocked);
    }

    /// <summary>Tests of time allow a machine that is busy with other tests.</summary>
    private static double Slowness => double.Parse(Environment.GetEnvironmentVariable("TIELINE_TEST_SLOWNESS") ?? "3", CultureInfo.InvariantCulture);

    private PostgresStore Open(ICommitListener? listener = null) => PostgresStore.Open(new TielineOptions { Store = cluster.AddressOf(_database), StorePool = 6 },
        TimeProvider.System, ChatServer.NewId, listener ?? new Commits(), NullLogger.Instance);

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(options => options with { Store = cluster.AddressOf(_database), StorePool = 6 });

    private static async Task<AckFrame> AckAsync(IMessageStore store, Send send) => (await store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>().Ack;
}
