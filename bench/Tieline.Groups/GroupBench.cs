using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Sqlite;

namespace Tieline.Groups;

/// <summary>Per message.</summary>
internal readonly record struct Cost(double Milliseconds, long Rows, double Kilobytes);

/// <summary>A store with a group in it, on a real disk, without sockets.</summary>
internal sealed class GroupBench : IAsyncDisposable
{
    private readonly string _folder;
    private readonly SqliteStore _store;
    private readonly List<Account> _people = [];
    private string _group = "";
    private int _ids;

    private GroupBench(string folder, SqliteStore store) => (_folder, _store) = (folder, store);

    public static async Task<GroupBench> OpenAsync(string folder, int members)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var ids = 0;
        var bench = new GroupBench(folder, SqliteStore.Open(folder, TimeProvider.System, () => string.Create(CultureInfo.InvariantCulture, $"conversation{++ids}"), new Feeds(), NullLogger.Instance));
        await bench.FillAsync(members);
        return bench;
    }

    /// <summary>As direct chats are stored, by the same statements on the same tables, rolled into one transaction for each message.</summary>
    public Cost RowForEach(int messages)
    {
        using var connection = SqliteConnection.Open(Path.Combine(_folder, SqliteStore.FileName), create: false, TimeSpan.FromSeconds(10));
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY");
        const long Group = 1_000_000;
        // Positions far above the real ones of these logs, and taken out again at the end.
        const long From = 10_000_000;
        long rows = 0;
        var (before, watch) = (BytesWritten(), Stopwatch.StartNew());
        for (var seq = 1L; seq <= messages; seq++)
        {
            connection.Execute("BEGIN IMMEDIATE");
            connection.Prepare("INSERT INTO message(conversation, seq, sender, client_id, created_at, text) VALUES(?, ?, ?, ?, ?, ?)")
                .Add(Group).Add(seq).Add(_people[0].Key.Value).Add($"x{seq}").Add(seq).Add(new string('x', 100)).Run();
            connection.Prepare("INSERT INTO sent(sender, client_id, conversation, seq, pos, hash) VALUES(?, ?, ?, ?, ?, ?)")
                .Add(_people[0].Key.Value).Add($"x{seq}").Add(Group).Add(seq).Add(seq).Add(new byte[32]).Run();
            rows = 2;
            foreach (var person in _people)
            {
                connection.Prepare("INSERT INTO event(account, pos, at, kind, conversation, seq, actor) VALUES(?, ?, ?, 1, ?, ?, NULL)")
                    .Add(person.Key.Value).Add(From + seq).Add(seq).Add(Group).Add(seq).Run();
                connection.Prepare("""
                    INSERT INTO member(account, conversation, activity, unread, delivered_seq, read_seq, hidden_seq, shown_delivered_seq, shown_read_seq)
                    VALUES(?, ?, ?, ?, 0, 0, 0, 0, 0)
                    ON CONFLICT(account, conversation) DO UPDATE SET activity = excluded.activity, unread = excluded.unread
                    """).Add(person.Key.Value).Add(Group).Add(From + seq).Add(seq).Run();
                rows += 2;
            }

            connection.Execute("COMMIT");
        }

        var cost = new Cost(watch.Elapsed.TotalMilliseconds / messages, rows, (BytesWritten() - before) / 1024.0 / messages);
        connection.Execute("BEGIN IMMEDIATE; DELETE FROM event WHERE pos > 10000000; DELETE FROM member WHERE conversation = 1000000; DELETE FROM message WHERE conversation = 1000000; DELETE FROM sent WHERE conversation = 1000000; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
        return cost;
    }

    public async Task<Cost> SendAsync(int messages, int inFlight)
    {
        // Warm: the group is in the ledger's memory, as it is in a living chat.
        await SayAsync();
        var (before, watch) = (BytesWritten(), Stopwatch.StartNew());
        for (var sent = 0; sent < messages; sent += inFlight) await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => SayAsync()));
        // The message, its client_id, the event of the group, the group, the sender's own row.
        return new Cost(watch.Elapsed.TotalMilliseconds / messages, 5, (BytesWritten() - before) / 1024.0 / messages);
    }

    public async Task<IReadOnlyList<(string What, double Milliseconds)>> ReadAsync(int people)
    {
        var chosen = _people.Skip(1).Take(people).ToList();
        var heads = new Dictionary<AccountKey, long>();
        foreach (var person in chosen) heads[person.Key] = (await _store.ReadLogAsync(person.Key, long.MaxValue, 1, default)).Head;
        var results = new List<(string, double)>
        {
            ("asks whether there is anything new", await TimeAsync(person => _store.ReadLogAsync(person.Key, long.MaxValue, 1, default).AsTask())),
            ("reads the newest 10 events", await TimeAsync(person => _store.ReadLogAsync(person.Key, heads[person.Key] - 10, 200, default).AsTask())),
            ("reads 200 events from 1,000 back", await TimeAsync(person => _store.ReadLogAsync(person.Key, heads[person.Key] - 1_000, 200, default).AsTask())),
            ("opens the list", await TimeAsync(person => _store.ReadConversationsAsync(person.Key, null, 200, default).AsTask())),
        };
        return results;

        async Task<double> TimeAsync(Func<Account, Task> read)
        {
            foreach (var person in chosen) await read(person);
            var watch = Stopwatch.StartNew();
            foreach (var person in chosen) await read(person);
            return watch.Elapsed.TotalMilliseconds / people;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task FillAsync(int members)
    {
        var added = await Task.WhenAll(Enumerable.Range(0, members).Select(number =>
            _store.SubmitAsync(new AddAccount(new AccountDraft($"p{number}", null, $"Person {number}")))));
        _people.AddRange(added.Select(outcome => ((AccountAdded)outcome).Account));
        // Every log gets pages of its own, as it has them in a store that has lived: else all logs would lie on a few pages.
        for (var round = 0; round < 100; round++)
            await Task.WhenAll(_people.Select((person, at) => _store.SubmitAsync(new Send(person, $"f{round}", _people[(at + 1) % members], null, "hi"))));
        var made = await _store.SubmitAsync(new CreateGroup(_people[0], "group", "Crowd", null, _people));
        _group = ((Acknowledged)made).Ack.Conversation;
    }

    private async Task SayAsync()
    {
        var outcome = await _store.SubmitAsync(new Send(_people[0], $"m{++_ids}", null, _group, new string('x', 100)));
        if (outcome is not Acknowledged) throw new InvalidOperationException($"Not stored: {outcome}");
    }

    private static long BytesWritten() =>
        long.Parse(File.ReadLines("/proc/self/io").First(line => line.StartsWith("wchar: ", StringComparison.Ordinal))[7..], CultureInfo.InvariantCulture);
}
