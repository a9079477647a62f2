using System.Diagnostics;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Core.Storage;

namespace Tieline.Growth;

/// <summary>What a person does when she opens the app, each as one call of the store.</summary>
internal static class Reads
{
    private const int Times = 200;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);

    public static IReadOnlyList<(string What, Func<GrownStore, Task<int>> Read)> All { get; } =
    [
        ("list, first page of 50", async at => (await at.Store.ReadConversationsAsync(at.Ada.Key, null, 50, default)).Conversations.Count),
        ("list, a page of 50 from its middle", async at => (await at.Store.ReadConversationsAsync(at.Ada.Key, at.MiddleOfList, 50, default)).Conversations.Count),
        ("history, newest 50", at => HistoryAsync(at, null)),
        ("history, 50 from the middle of her longest chat", at => HistoryAsync(at, at.Messages / 10)),
        ("history, its first 50", at => HistoryAsync(at, 51)),
        ("unread by person (50 have some)", async at => (await at.Store.ReadUnreadAsync(at.Ada.Key, default)).Count),
        ("sync: nothing new", async at => (await at.Store.ReadLogAsync(at.Ada.Key, long.MaxValue / 2, 200, default)).Events.Count),
        ("sync: 200 newest events", async at => (await at.Store.ReadLogAsync(at.Ada.Key, await HeadAsync(at) - 200, 200, default)).Events.Count),
        ("sync: 200 events from half way back", async at => (await at.Store.ReadLogAsync(at.Ada.Key, await HeadAsync(at) / 2, 200, default)).Events.Count),
        ("search: a word that is seldom said", at => SearchAsync(at, GrownStore.Rare)),
        ("search: a word in every fourth message", at => SearchAsync(at, GrownStore.Common)),
        ("search: its beginning", at => SearchAsync(at, GrownStore.Common[..4])),
        ("search: both words", at => SearchAsync(at, $"{GrownStore.Rare} {GrownStore.Common}")),
        ("search: the common word in one chat", at => SearchAsync(at, GrownStore.Common, at.LongChat)),
        ("search: a word that nobody said", at => SearchAsync(at, "xyzzy")),
    ];

    /// <summary>
    /// Milliseconds by the clock, those of the processor, which a busy machine does not stretch, and how much came: a fast answer that is empty is none.
    /// </summary>
    public static async Task<(double Median, double Worst, double Processor, int Came)> MeasureAsync(GrownStore store, Func<GrownStore, Task<int>> read)
    {
        var came = 0;
        for (var i = 0; i < 20; i++) came = await read(store);
        var times = new List<double>(Times);
        var (whole, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        while (times.Count < Times && whole.Elapsed < _longest)
        {
            var watch = Stopwatch.StartNew();
            await read(store);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        var processor = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / times.Count;
        times.Sort();
        return (times[times.Count / 2], times[(int)(times.Count * 0.99)], processor, came);
    }

    private static async Task<long> HeadAsync(GrownStore at) => (await at.Store.ReadLogAsync(at.Ada.Key, long.MaxValue / 2, 1, default)).Head;

    private static async Task<int> HistoryAsync(GrownStore at, long? before) =>
        (await at.Store.ReadHistoryAsync(at.Ada.Key, new ConversationTarget(null, at.LongChat), new HistoryRange(50, before), default))!.Messages.Count;

    private static async Task<int> SearchAsync(GrownStore at, string words, string? chat = null) =>
        (await at.Store.SearchAsync(at.Ada.Key, new MessageSearch(SearchTerms.Parse(words), 20, chat is null ? null : new ConversationTarget(null, chat)), default))!.Messages.Count;
}
