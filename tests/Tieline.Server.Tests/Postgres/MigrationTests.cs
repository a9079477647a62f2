using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>A chat that moves from SQLite to PostgreSQL is the same chat.</summary>
public sealed class MigrationTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly SqliteFile _file = new();
    private readonly List<string> _told = [];
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        _file.Dispose();
        await cluster.DropDatabaseAsync(_database);
    }

    [Fact]
    public async Task Everybody_reads_the_same_after_the_move_and_goes_on()
    {
        List<string> before;
        string epoch;
        await using (var source = _file.Open())
        {
            await TalkAsync(source);
            (before, epoch) = (await ReadAllAsync(source), source.Epoch);
        }

        Move();

        await using var target = Open();
        (await ReadAllAsync(target)).ShouldBe(before);
        target.Epoch.ShouldBe(epoch);
        _told.Count(line => line.EndsWith("on both sides", StringComparison.Ordinal)).ShouldBe(18);
        await GoOnAsync(target);
    }

    [Fact]
    public async Task A_move_that_was_cut_off_goes_on_and_one_that_is_done_is_not_done_again()
    {
        await using (var source = _file.Open())
        {
            await TalkAsync(source);
        }

        var tables = 0;
        Should.Throw<InvalidOperationException>(() => Migrations.ToPostgres(_file.Folder, cluster.AddressOf(_database), false, _ =>
        {
            if (++tables == 5) throw new InvalidOperationException("cut off");
        }));
        Should.Throw<UnfitDatabaseException>(() => Open()).Message.ShouldContain("tieline migrate");

        Move();

        await using (var target = Open()) await GoOnAsync(target);
        Should.Throw<ConfigurationException>(Move).Message.ShouldContain("holds a chat already");
    }

    [Fact]
    public async Task A_difference_is_found()
    {
        await using (var source = _file.Open())
        {
            await TalkAsync(source);
        }

        // Somebody else writes into the target between the copy and the comparison.
        var refusal = Should.Throw<ConfigurationException>(() => Migrations.ToPostgres(_file.Folder, cluster.AddressOf(_database), false, line =>
        {
            if (line.StartsWith("search", StringComparison.Ordinal) && line.EndsWith("copied", StringComparison.Ordinal))
                cluster.ExecuteAsync(_database, "UPDATE message SET text = text || '!' WHERE seq = 1").GetAwaiter().GetResult();
        }));

        refusal.Message.ShouldContain("message differs");
        Should.Throw<UnfitDatabaseException>(() => Open());
    }

    [Fact]
    public async Task What_is_old_lies_in_parts_of_its_own_and_what_was_dropped_before_stays_dropped()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero));
        await using (var source = _file.Open(time: time))
        {
            foreach (var name in (string[])["ada", "bob", "cy"]) await source.SubmitAsync(new AddAccount(new AccountDraft(name, null, name)));
            await SendAsync(source, "cy", 3);
            time.Advance(TimeSpan.FromDays(100));
            (await source.DropMessagesAsync(time.GetUtcNow().AddDays(-50), default)).ShouldBe(3);
            await SendAsync(source, "bob", 4);
        }

        Move();

        (await cluster.ReadAsync(_database, "SELECT count(*) FROM message_other")).ShouldBe(["0"]);
        (await cluster.ReadAsync(_database, "SELECT count(*) FROM message_2024q3")).ShouldBe(["4"]);
        await using var target = Open();
        (await SendAsync(target, "cy", 1)).ShouldBe(4);
        (await target.DropMessagesAsync(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), default)).ShouldBe(4);
        (await cluster.ReadAsync(_database, "SELECT relname FROM pg_class WHERE relname LIKE 'message_2024%' AND relkind = 'r'")).ShouldBeEmpty();
        (await SendAsync(target, "bob", 1)).ShouldBe(5);

        static async Task<long> SendAsync(IMessageStore store, string to, int count)
        {
            var (ada, other) = ((await store.FindAccountAsync(AccountLookup.Id, "ada", default))!, (await store.FindAccountAsync(AccountLookup.Id, to, default))!);
            var seq = 0L;
            for (var i = 0; i < count; i++) seq = (await store.SubmitAsync(new Send(ada, ChatServer.NewId(), other, null, "hi"))).ShouldBeOfType<Acknowledged>().Ack.Seq;
            return seq;
        }
    }

    [Fact]
    public async Task With_a_new_epoch_clients_start_from_a_snapshot()
    {
        string epoch;
        await using (var source = _file.Open())
        {
            await TalkAsync(source);
            epoch = source.Epoch;
        }

        Migrations.ToPostgres(_file.Folder, cluster.AddressOf(_database), newEpoch: true, _told.Add);

        await using var target = Open();
        target.Epoch.ShouldNotBe(epoch);
    }

    private void Move() => Migrations.ToPostgres(_file.Folder, cluster.AddressOf(_database), newEpoch: false, _told.Add);

    private PostgresStore Open() => PostgresStore.Open(new TielineOptions { Store = cluster.AddressOf(_database), StorePool = 6 }, TimeProvider.System, ChatServer.NewId, new Commits(), NullLogger.Instance);

    private static async Task TalkAsync(IMessageStore store)
    {
        var people = new List<Account>();
        foreach (var name in (string[])["ada", "bob", "cy"])
            people.Add(((AccountAdded)await store.SubmitAsync(new AddAccount(new AccountDraft(name, $"{name}@example.org", name, name, PasswordHash: "hash")))).Account);
        var (ada, bob, cy) = (people[0], people[1], people[2]);
        await store.SubmitAsync(new AddAttachment(new Attachment("a1", ada.Key, "a.png", "image/png", 3, 3, 1, 1)));
        var first = ((Acknowledged)await store.SubmitAsync(new Send(ada, "c1", bob, null, "hello 🍽 Grüße", Attachments: """[{"id":"a1"}]"""))).Ack;
        var group = ((Acknowledged)await store.SubmitAsync(new CreateGroup(ada, "g1", "Friends", "cat.png", [bob, cy]))).Ack.Conversation;
        for (var i = 0; i < 30; i++) await store.SubmitAsync(new Send(people[i % 3], $"m{i}", i % 2 == 0 ? null : people[(i + 1) % 3], i % 2 == 0 ? group : null, $"hello {i}"));
        foreach (var command in (Command[])
        [
            new MarkDelivered(bob, 20), new MoveReceipt(bob, new ConversationTarget(ada, null), 0, 1), new MoveReceipt(cy, new ConversationTarget(null, group), 0, 5), new React(bob, first.Id, "👍"),
            new Edit(ada, first.Id, "hello, edited"), new Pin(ada, first.Id, true), new Star(bob, first.Id, true), new Draft(cy, new ConversationTarget(null, group), "I beg", null),
            new RemoveFromGroup(ada, "g2", group, cy), new Send(ada, "after", null, group, "without cy"), new AddToGroup(ada, "g3", group, [cy]), new ChangeRelation(cy, ada, RelationChange.Mute),
            new RaiseFlag(bob, first.Id, null, FlagReason.Other, "?"), new ChangePrivacy(cy, Online: false), new Clear(cy, new ConversationTarget(bob, null)), new Delete(bob, $"{group}.2", false),
        ]) await store.SubmitAsync(command);
    }

    /// <summary>What everybody can read, as texts.</summary>
    private static async Task<List<string>> ReadAllAsync(IMessageStore store)
    {
        var all = new List<string>();
        foreach (var name in (string[])["ada", "bob", "cy"])
        {
            var who = (await store.FindAccountAsync(AccountLookup.Id, name, default))!;
            all.Add($"{who} {await store.FindPasswordHashAsync(who.Key, default)} {await store.ReadStandingAsync(who.Key, default)}");
            var list = await store.ReadConversationsAsync(who.Key, null, 100, default);
            all.Add($"{name} {list.Head}");
            all.AddRange(list.Conversations.Select(conversation => $"{name} {conversation with { Last = null }} {conversation.Last?.Id}"));
            foreach (var conversation in list.Conversations)
                all.AddRange((await store.ReadHistoryAsync(who.Key, new ConversationTarget(null, conversation.Conversation), new HistoryRange(1_000), default))!.Messages.Select(message => $"{name} {message}"));
            var log = await store.ReadLogAsync(who.Key, 0, 10_000, default);
            all.Add($"{name} {log.Head} {log.Oldest}");
            all.AddRange(log.Events.Select(@event => $"{name} {@event.Event.ToFrame(@event.Pos)}"));
            all.AddRange((await store.SearchAsync(who.Key, new MessageSearch(SearchTerms.Parse("hello"), 100), default))!.Messages.Select(message => $"{name} found {message.Id}").Order());
            all.AddRange((await store.ReadStarredAsync(who.Key, null, 100, default)).Messages.Select(message => $"{name} starred {message.Id}"));
            all.AddRange((await store.ReadRelationsAsync(who.Key, default)).Select(relation => $"{name} {relation}"));
            if (await store.FindSentAsync(who.Key, "c1", default) is { } sent) all.Add($"{name} {sent with { Hash = [] }} {Convert.ToHexString(sent.Hash)}");
        }

        all.AddRange((await store.ReadFlagsAsync(true, 0, 10, default)).Select(flag => $"{flag}"));
        all.Add($"{await store.FindAttachmentAsync("a1", default)}");
        return all;
    }

    private static async Task GoOnAsync(PostgresStore store)
    {
        var (ada, bob) = ((await store.FindAccountAsync(AccountLookup.Id, "ada", default))!, (await store.FindAccountAsync(AccountLookup.Id, "bob", default))!);
        var head = (await store.ReadLogAsync(ada.Key, long.MaxValue, 1, default)).Head;
        (await store.SubmitAsync(new Send(ada, "c1", bob, null, "hello 🍽 Grüße", Attachments: """[{"id":"a1"}]"""))).ShouldBeOfType<Acknowledged>().Ack.Duplicate.ShouldBeTrue();
        (await store.SubmitAsync(new Send(ada, "new", bob, null, "onward"))).ShouldBeOfType<Acknowledged>().Ack.Pos.ShouldBe(head + 1);
        (await store.SubmitAsync(new AddAccount(new AccountDraft("dee", null, "Dee")))).ShouldBeOfType<AccountAdded>().Account.Key.Value.ShouldBeGreaterThan(bob.Key.Value);
    }
}
