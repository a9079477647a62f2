using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Sqlite;

namespace Tieline.Growth;

/// <summary>
/// A store with so many messages on a real disk. Everything grows with them: people, one person's chats, her log, and her longest chat, which
/// holds a fifth of all messages. So nothing that is measured is spared the growth.
/// </summary>
internal sealed class GrownStore : IAsyncDisposable
{
    /// <summary>Stands in a few messages only, early ones among them.</summary>
    public const string Rare = "quokka";

    /// <summary>Stands in every fourth message.</summary>
    public const string Common = "tomorrow";

    private const int InFlight = 2_000;
    private const int UnreadChats = 50;
    private readonly string _folder;
    private readonly string[] _words;
    private readonly Random _random = new(7);
    private long _sent;

    private GrownStore(string folder, SqliteStore store)
    {
        (_folder, Store) = (folder, store);
        _words = [.. Enumerable.Range(0, 5_000).Select(_ => string.Concat(Enumerable.Range(0, 2 + _random.Next(3)).Select(_ => "kltrsmnbdg"[_random.Next(10)].ToString() + "aeiou"[_random.Next(5)])))];
    }

    public SqliteStore Store { get; }

    public Account Ada { get; private set; } = null!;

    /// <summary>The other one of her longest chat.</summary>
    public Account Bob { get; private set; } = null!;

    public string LongChat { get; private set; } = "";

    /// <summary>What to give as <c>before</c> for the page in the middle of her list.</summary>
    public long MiddleOfList { get; private set; }

    public long Messages { get; private set; }

    public double FillSeconds { get; private set; }

    public static async Task<GrownStore> FillAsync(string folder, int messages)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var ids = 0;
        var store = SqliteStore.Open(folder, TimeProvider.System, () => string.Create(CultureInfo.InvariantCulture, $"conversation{++ids}"), new Feeds(), NullLogger.Instance);
        var grown = new GrownStore(folder, store);
        await grown.FillAsync(messages);
        return grown;
    }

    /// <summary>How many messages the index holds, asked of its file, so that asking hurries nobody.</summary>
    public long Indexed()
    {
        using var connection = SqliteConnection.Open(Path.Combine(_folder, SqliteSearchFile.FileName), create: false, TimeSpan.FromSeconds(10));
        var row = connection.Prepare("SELECT COALESCE(SUM(seq), 0) FROM progress");
        row.Step();
        return row.Long(0);
    }

    public (double Store, double Index) Megabytes()
    {
        double Size(string name) => ((string[])["", "-wal"]).Select(part => new FileInfo(Path.Combine(_folder, name + part))).Where(file => file.Exists).Sum(file => file.Length) / 1e6;
        return (Size(SqliteStore.FileName), Size(SqliteSearchFile.FileName));
    }

    public async Task<Outcome> SayAsync(Account from, Account to, string text) =>
        await Store.SubmitAsync(new Send(from, string.Create(CultureInfo.InvariantCulture, $"m{Interlocked.Increment(ref _sent)}"), to, null, text));

    public string Text()
    {
        // Few words are said often and most seldom, as people do.
        var words = Enumerable.Range(0, 12).Select(_ => _words[(int)(_words.Length * Math.Pow(_random.NextDouble(), 3))]);
        return string.Join(' ', words) + (_random.Next(4) == 0 ? " " + Common : "");
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task FillAsync(int messages)
    {
        var people = new List<Account>();
        foreach (var chunk in Enumerable.Range(0, messages / 50 + 1).Chunk(InFlight))
        {
            var added = await Task.WhenAll(chunk.Select(number => Store.SubmitAsync(new AddAccount(new AccountDraft($"p{number}", null, $"Person {number}")))));
            people.AddRange(added.Select(outcome => ((AccountAdded)outcome).Account));
        }

        (Ada, Bob) = (people[0], people[1]);
        var watch = Stopwatch.StartNew();
        var every = messages / 20;
        foreach (var chunk in Enumerable.Range(0, messages).Chunk(InFlight))
        {
            var outcomes = await Task.WhenAll(chunk.Select(number =>
            {
                var (from, to) = WhoTalks(people, number);
                return SayAsync(from, to, number % every == 7 && (from == Ada || to == Ada) ? $"{Rare} {Text()}" : Text());
            }));
            // The very first message is of the longest chat.
            if (LongChat.Length == 0 && outcomes[0] is Acknowledged first) LongChat = first.Ack.Conversation;
            Messages += outcomes.OfType<Acknowledged>().Count();
        }

        FillSeconds = watch.Elapsed.TotalSeconds;
        if (Messages != messages) throw new InvalidOperationException($"{messages - Messages} messages were not stored.");
        // She has read all chats but some, however many there are.
        foreach (var chunk in people.Skip(1 + UnreadChats).Chunk(InFlight))
            await Task.WhenAll(chunk.Select(peer => Store.SubmitAsync(new MoveReceipt(Ada, new ConversationTarget(peer, null), long.MaxValue / 2, long.MaxValue / 2))));
        await FindMiddleAsync(people.Count);
    }

    private async Task FindMiddleAsync(int chats)
    {
        long? before = null;
        var page = Math.Min(200, chats / 4);
        for (var read = 0; read < chats / 2; read += page)
        {
            before = (await Store.ReadConversationsAsync(Ada.Key, before, page, default)).Next;
            MiddleOfList = before ?? MiddleOfList;
        }
    }

    /// <summary>A fifth in one chat of Ada's, three tenths over all her others, half among the rest.</summary>
    private (Account From, Account To) WhoTalks(List<Account> people, int number)
    {
        var (first, second) = (number % 10) switch
        {
            0 or 7 => (0, 1),
            < 4 => (0, 1 + (number / 10 * 3 + number % 10) % (people.Count - 1)),
            _ => (1 + _random.Next(people.Count - 1), 0),
        };
        if (second == 0 && number % 10 >= 4) second = 1 + first % (people.Count - 1);
        return _random.Next(2) == 0 ? (people[first], people[second]) : (people[second], people[first]);
    }
}
