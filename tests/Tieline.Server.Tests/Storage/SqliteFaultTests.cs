using System.Diagnostics;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Server.Configuration;
using Tieline.Server.Sqlite;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Storage;

/// <summary>What SQLite cannot write: sends are refused for now, reads go on, and it recovers by itself.</summary>
public sealed class SqliteFaultTests
{
    private readonly SendLine _line = new();
    private int _ids;

    [Fact]
    public async Task On_a_full_disk_sends_are_refused_for_now_and_their_line_keeps_its_order()
    {
        using var disk = SmallDisk.TryMount(megabytes: 8);
        Assert.SkipUnless(disk is not null, "Needs the right to mount a small file system.");
        using var file = new SqliteFile(Path.Combine(disk.Folder, "data"));
        using var lines = new LogLines();
        await using var store = file.Open(log: lines.CreateLogger("Tieline"));
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        (await store.SubmitAsync(Message(ada, bob, "before"))).ShouldBeOfType<Acknowledged>();

        disk.Fill();
        var (send, refusal) = await SendUntilRefusedAsync(store, ada, bob);
        var behind = Message(ada, bob, "behind it");

        refusal.ShouldBe(WireError.StorageFull);
        lines.Text.ShouldContain("TL802 The disk is full");
        Error(await store.SubmitAsync(behind)).ShouldBe(WireError.Held);
        var readable = (await store.ReadHistoryAsync(bob.Key, new ConversationTarget(ada, null), new HistoryRange(100), default))!;
        readable.Messages[0].Text.ShouldBe("before");

        disk.Free();

        Error(await store.SubmitAsync(behind)).ShouldBe(WireError.Held);
        (await store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(readable.Messages.Count + 1);
        (await store.SubmitAsync(behind)).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(readable.Messages.Count + 2);
        (await store.CheckWritableAsync(default)).ShouldBeNull();
    }

    [Fact]
    public void On_a_full_disk_it_does_not_start_and_says_why()
    {
        using var disk = SmallDisk.TryMount(megabytes: 1);
        Assert.SkipUnless(disk is not null, "Needs the right to mount a small file system.");
        using var file = new SqliteFile(Directory.CreateDirectory(Path.Combine(disk.Folder, "data")).FullName);
        disk.Fill();

        Should.Throw<ConfigurationException>(() => file.Open()).Message.ShouldContain("TL802 The disk is full");
    }

    [Fact]
    public async Task While_another_process_holds_the_lock_sends_are_refused_for_now()
    {
        using var file = new SqliteFile();
        await using var store = file.Open();
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        await store.SubmitAsync(Message(ada, bob, "before"));
        using var other = file.Connect();
        other.Execute("BEGIN IMMEDIATE");

        Send[] sends = [Message(ada, bob, "1"), Message(ada, bob, "2")];
        var refused = await Task.WhenAll(sends.Select(send => store.SubmitAsync(send)));

        refused.Select(Error).ShouldBe([WireError.Unavailable, WireError.Held]);
        (await store.ReadUnreadAsync(bob.Key, default)).ShouldBe([("ada", 1)]);
        other.Execute("COMMIT");
        foreach (var (send, seq) in sends.Zip((long[])[2, 3])) (await store.SubmitAsync(send)).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(seq);
    }

    [Fact]
    public async Task When_the_files_can_no_longer_be_written_nothing_is_acknowledged_and_it_recovers_by_itself()
    {
        using var file = new SqliteFile();
        await using var store = file.Open();
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        await store.SubmitAsync(Message(ada, bob, "before"));
        var (first, second) = (Message(ada, bob, "first"), Message(ada, bob, "second"));
        Assert.SkipUnless(await ChangeAttributeAsync("+i", file), "Needs the right to make a file immutable.");
        try
        {
            // The first finds out, and nobody knows how far it came; from then on it is clear.
            (await Record.ExceptionAsync(() => store.SubmitAsync(first)) is OutcomeUnknownException || Error(await store.SubmitAsync(first)) is { Retryable: true }).ShouldBeTrue();
            Error(await store.SubmitAsync(first)).ShouldBe(WireError.Unavailable);
            Error(await store.SubmitAsync(second)).ShouldBe(WireError.Held);
            (await store.CheckWritableAsync(default)).ShouldNotBeNull();
            (await store.ReadUnreadAsync(bob.Key, default)).ShouldBe([("ada", 1)]);
        }
        finally
        {
            await ChangeAttributeAsync("-i", file);
        }

        (await store.SubmitAsync(first)).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(2);
        (await store.SubmitAsync(second)).ShouldBeOfType<Acknowledged>().Ack.Seq.ShouldBe(3);
        (await store.CheckWritableAsync(default)).ShouldBeNull();
    }

    private Send Message(Account from, Account to, string text) => new(from, $"c{++_ids}", to, null, text, Line: _line);

    /// <summary>What is left in the log's last block is used up first.</summary>
    private async Task<(Send Send, WireError Refusal)> SendUntilRefusedAsync(SqliteStore store, Account from, Account to)
    {
        for (var i = 0; i < 100; i++)
        {
            var send = Message(from, to, new string('x', 30_000));
            if (Error(await store.SubmitAsync(send)) is { } refusal) return (send, refusal);
        }

        throw new InvalidOperationException("The disk is not full.");
    }

    private static async Task<Account> AddAsync(SqliteStore store, string name) =>
        (await store.SubmitAsync(new AddAccount(new AccountDraft(name, $"{name}@example.org", name)))).ShouldBeOfType<AccountAdded>().Account;

    private static WireError? Error(Outcome outcome) => (outcome as Refused)?.Error;

    private static async Task<bool> ChangeAttributeAsync(string change, SqliteFile file)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("chattr", [change, file.Path, file.Path + "-wal"]) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
