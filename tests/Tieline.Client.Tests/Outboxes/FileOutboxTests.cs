using Tieline.Client.Outboxes;
using Tieline.Client.Tests.Peers;

namespace Tieline.Client.Tests.Outboxes;

/// <summary>F24 and F31, and the rules of a store that keeps.</summary>
public sealed class FileOutboxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outbox").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_message_that_was_stored_but_not_confirmed_when_the_app_ended_is_not_doubled_by_the_next_start()
    {
        await using var test = new ClientFixture();
        test.Server.LoseAcks = true;
        var client = await test.OnlineAsync(Keeping);
        var sent = client.With("u_bob").SendAsync("hello");
        await test.Until(() => test.Texts().Count == 1, "stored");
        sent.IsCompleted.ShouldBeFalse();
        await client.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(sent);

        test.Server.LoseAcks = false;
        var again = test.Open(Keeping);
        again.Connect();
        await test.Until(() => again.Sender.Waiting("u_bob").Count == 0 && again.Status.State == ConnectionState.Online, "confirmed");
        test.Texts().ShouldBe(["hello"]);
    }

    [Fact]
    public async Task What_was_written_without_a_network_is_sent_by_the_next_start_before_anything_newer()
    {
        await using var test = new ClientFixture();
        await test.Server.StopAsync();
        var client = test.Open(Keeping);
        var sent = Enumerable.Range(1, 5).Select(i => client.With("u_bob").SendAsync($"m{i}")).ToList();
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        await client.DisposeAsync();
        sent.ShouldAllBe(task => task.IsFaulted);

        test.Server.Start();
        var again = test.Open(Keeping);
        await again.With("u_bob").SendAsync("m6");
        test.Texts().ShouldBe(["m1", "m2", "m3", "m4", "m5", "m6"]);
    }

    [Fact]
    public async Task What_was_written_before_there_was_a_token_is_kept_too()
    {
        await using var test = new ClientFixture();
        var client = test.Open(Keeping, _ => throw new InvalidOperationException("the sign-in is not reached"));
        _ = client.With("u_bob").SendAsync("hello").ContinueWith(task => task.Exception, TaskScheduler.Default);
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        await client.DisposeAsync();
        var again = test.Open(Keeping);
        again.Connect();
        await test.Until(() => test.Texts().Count == 1, "sent");
    }

    [Fact]
    public async Task A_store_that_throws_costs_nothing_but_the_keeping()
    {
        await using var test = new ClientFixture();
        var client = test.Open(options => options with { Outbox = new BrokenOutbox(() => throw new IOException("disk on fire")) });
        await client.With("u_bob").SendAsync("hello");
        test.Texts().ShouldBe(["hello"]);
    }

    [Fact]
    public async Task A_store_that_hangs_costs_a_fifth_of_a_second()
    {
        await using var test = new ClientFixture();
        var hang = new TaskCompletionSource();
        var client = await test.OnlineAsync(options => options with { Outbox = new BrokenOutbox(() => new ValueTask(hang.Task)) });
        var sent = client.With("u_bob").SendAsync("hello");
        var moved = await test.MoveUntil(() => sent.IsCompleted, "sent", step: 0.05);
        moved.TotalSeconds.ShouldBeInRange(0.15, 2);
        hang.SetResult();
    }

    [Fact]
    public async Task An_outbox_gives_back_what_it_keeps_in_the_order_of_its_first_Put()
    {
        var failed = Item("b") with { Error = new MessageError("blocked", "no") };
        await using (var outbox = new FileOutbox(_folder))
        {
            (await outbox.LoadAsync("ada", default)).ShouldBeEmpty();
            foreach (var item in new[] { Item("a"), Item("b"), Item("c") }) await outbox.PutAsync(item, default);
            await outbox.PutAsync(failed, default);
            await outbox.RemoveAsync("a", default);
            await outbox.RemoveAsync("never there", default);
        }

        await using var next = new FileOutbox(_folder);
        (await next.LoadAsync("ada", default)).ShouldBe([failed, Item("c")]);
    }

    [Fact]
    public async Task Each_account_has_its_own()
    {
        await using (var ada = new FileOutbox(_folder))
        {
            await ada.LoadAsync("ada", default);
            await ada.PutAsync(Item("a"), default);
            await using var bob = new FileOutbox(_folder);
            (await bob.LoadAsync("bob", default)).ShouldBeEmpty();
            await bob.ClearAsync(default);
        }

        await using var again = new FileOutbox(_folder);
        (await again.LoadAsync("ada", default)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Clearing_leaves_nothing_on_disk()
    {
        await using var outbox = new FileOutbox(_folder);
        await outbox.LoadAsync("ada", default);
        await outbox.PutAsync(Item("a"), default);
        await outbox.ClearAsync(default);
        new FileInfo(Directory.GetFiles(_folder).Single()).Length.ShouldBe(0);
    }

    [Fact]
    public async Task One_account_has_one_owner()
    {
        await using var first = new FileOutbox(_folder);
        await first.LoadAsync("ada", default);
        await using var second = new FileOutbox(_folder);
        await Should.ThrowAsync<IOException>(async () => await second.LoadAsync("ada", default));
    }

    [Fact]
    public async Task A_line_that_a_crash_cut_off_is_skipped_and_does_not_swallow_the_next()
    {
        await using (var outbox = new FileOutbox(_folder))
        {
            await outbox.LoadAsync("ada", default);
            foreach (var id in new[] { "a", "b" }) await outbox.PutAsync(Item(id), default);
        }

        var file = Directory.GetFiles(_folder).Single();
        var bytes = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, bytes[..^20]);
        await using (var outbox = new FileOutbox(_folder))
        {
            (await outbox.LoadAsync("ada", default)).ShouldBe([Item("a")]);
            await outbox.PutAsync(Item("c"), default);
        }

        await using var last = new FileOutbox(_folder);
        (await last.LoadAsync("ada", default)).ShouldBe([Item("a"), Item("c")]);
    }

    [Fact]
    public async Task An_outbox_that_is_empty_again_takes_no_room()
    {
        await using var outbox = new FileOutbox(_folder);
        await outbox.LoadAsync("ada", default);
        for (var i = 0; i < 40; i++)
        {
            await outbox.PutAsync(Item($"{i}") with { Text = new string('x', 3000) }, default);
            await outbox.RemoveAsync($"{i}", default);
        }

        new FileInfo(Directory.GetFiles(_folder).Single()).Length.ShouldBeLessThan(70_000);
    }

    private ChatClientOptions Keeping(ChatClientOptions options) => options with { Outbox = new FileOutbox(_folder), Account = "ada" };

    private static OutboxItem Item(string id) => new(id, "u_bob", "text " + id, new DateTimeOffset(2026, 3, 1, 9, 30, 0, TimeSpan.Zero)) { Card = "{\"k\":1}", ReplyTo = "c.1" };

    private sealed class BrokenOutbox(Func<ValueTask> fault) : IOutbox
    {
        public ValueTask<IReadOnlyList<OutboxItem>> LoadAsync(string account, CancellationToken cancel) => new([]);

        public ValueTask PutAsync(OutboxItem item, CancellationToken cancel) => fault();

        public ValueTask RemoveAsync(string clientId, CancellationToken cancel) => fault();

        public ValueTask ClearAsync(CancellationToken cancel) => fault();

        public ValueTask DisposeAsync() => default;
    }
}
