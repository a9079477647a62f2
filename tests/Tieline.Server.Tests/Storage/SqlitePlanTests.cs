using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Server.Sqlite;

namespace Tieline.Server.Tests.Storage;

/// <summary>What a chat asks costs the same however many messages there are: SQLite's own word for how it would find each answer.</summary>
public sealed partial class SqlitePlanTests : IAsyncLifetime
{
    private readonly SqliteFile _file = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private SqliteStore _store = null!;
    private readonly HashSet<string> _statements = [];
    private Account _ada = null!;
    private Account _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _store = _file.Open(time: _time);
        (_ada, _bob) = (await AddAsync("ada"), await AddAsync("bob"));
        await _store.SubmitAsync(new Send(_ada, "c1", _bob, null, "hi"));
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _file.Dispose();
    }

    public static TheoryData<string, string, Func<IMessageStore, AccountKey, Task>> Questions => new()
    {
        { "the list", "member_activity (account=? AND activity", async (store, me) => await store.ReadConversationsAsync(me, null, 10, default) },
        { "unread", "member_unread (account=?)", async (store, me) => await store.ReadUnreadAsync(me, default) },
        { "the newest history", "m USING PRIMARY KEY (conversation=? AND seq>? AND seq<?)", async (store, me) => await HistoryAsync(store, me, new HistoryRange(10)) },
        { "history onward", "m USING PRIMARY KEY (conversation=? AND seq>? AND seq<?)", async (store, me) => await HistoryAsync(store, me, new HistoryRange(10, After: 0)) },
        { "the log", "e USING PRIMARY KEY (account=? AND pos>?)", async (store, me) => await store.ReadLogAsync(me, 0, 10, default) },
        { "pins", "m USING INDEX message_pinned (conversation=? AND pinned_at>?)", async (store, me) => await store.ReadPinnedAsync(me, new ConversationTarget(null, null, new ConversationKey(1)), default) },
        { "stars", "st USING COVERING INDEX star_at (account=? AND (at,conversation,seq)<(?,?,?))", async (store, me) => await store.ReadStarredAsync(me, null, 10, default) },
    };

    [Theory]
    [MemberData(nameof(Questions), DisableDiscoveryEnumeration = true)]
    public async Task It_is_read_from_its_index_alone_in_the_order_it_has_there(string what, string index, Func<IMessageStore, AccountKey, Task> ask)
    {
        await ask(_store, _ada.Key);

        var plan = SqliteFile.ConnectionsOf(_store).Skip(1).SelectMany(SqliteFile.StatementsOf).SelectMany(PlanOf).ToList();
        plan.ShouldContain(step => step.Contains(index, StringComparison.Ordinal), $"{what}: {string.Join('\n', plan)}");
        plan.Where(step => IsScan(step) || step.Contains("TEMP B-TREE", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_that_is_asked_or_written_in_a_chat_scans_a_table()
    {
        var with = new ConversationTarget(_bob, null);
        foreach (var command in (Command[])
        [
            new Send(_bob, "c2", _ada, null, "hi"), new Send(_ada, "c2", null, "nowhere", "hi"), new MoveReceipt(_ada, with, 2, 1), new MarkDelivered(_ada, 2),
            new ChangeRelation(_ada, _bob, RelationChange.Mute), new Clear(_ada, with), new MoveReceipt(_ada, new ConversationTarget(null, null, new ConversationKey(1)), 1, 1),
        ]) await _store.SubmitAsync(command);
        foreach (var question in Questions) await question.Data.Item3(_store, _ada.Key);
        await _store.FindSentAsync(_ada.Key, "c1", default);
        await _store.ReadRelationsAsync(_ada.Key, default);
        await _store.ReadRelationAsync(_ada.Key, _bob.Key, default);
        await _store.SearchAccountsAsync("a", 5, default);
        await _store.FindPasswordHashAsync(_ada.Key, default);
        await ChangeMessagesAsync();
        await LiveInGroupAsync();
        await CarryAttachmentsAsync();
        await ModerateAsync();
        foreach (var by in Enum.GetValues<AccountLookup>()) await _store.FindAccountAsync(by, "ada", default);

        var statements = SqliteFile.ConnectionsOf(_store).SelectMany(SqliteFile.StatementsOf).Concat(_statements).Distinct().ToList();

        statements.Count.ShouldBeGreaterThan(75);
        foreach (var statement in statements)
            PlanOf(statement).Where(IsScan).ShouldBeEmpty(statement);
    }

    /// <summary>Not counted: the rows of a limited subquery, and rows made up by the statement itself.</summary>
    private static bool IsScan(string step) => step.StartsWith("SCAN", StringComparison.Ordinal)
        && !step.StartsWith("SCAN (subquery", StringComparison.Ordinal) && step != "SCAN CONSTANT ROW" && !step.EndsWith("-ROW VALUES CLAUSE", StringComparison.Ordinal);

    private List<string> PlanOf(string statement)
    {
        using var connection = _file.Connect();
        return [.. SqliteFile.Read(connection, "EXPLAIN QUERY PLAN " + statement, column: 3).Select(step => step!)];
    }

    private static async Task HistoryAsync(IMessageStore store, AccountKey me, HistoryRange range) =>
        await store.ReadHistoryAsync(me, new ConversationTarget(null, null, new ConversationKey(1)), range, default);

    private async Task<Account> AddAsync(string name) =>
        ((AccountAdded)await _store.SubmitAsync(new AddAccount(new AccountDraft(name, $"{name}@example.org", name, name)))).Account;
}
