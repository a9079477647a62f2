using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Core.Search;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Tests.Storage;

namespace Tieline.Server.Tests.Postgres;

/// <summary>What a chat asks costs the same however many messages there are: PostgreSQL's own word for how it found each answer.</summary>
public sealed class PostgresPlanTests(PostgresCluster cluster)
{
    [Fact]
    public async Task Nothing_that_is_asked_or_written_in_a_chat_scans_a_table()
    {
        var database = await cluster.CreateDatabaseAsync();
        // Told in the log, and made to scan only where no index could be used: in a table of two rows a scan is the cheapest.
        await cluster.ExecuteAsync("postgres", $"""
            ALTER DATABASE {database} SET enable_seqscan = off; ALTER DATABASE {database} SET auto_explain.log_min_duration = 0;
            ALTER DATABASE {database} SET auto_explain.log_nested_statements = off
            """);
        await using (var store = PostgresStore.Open(new TielineOptions { Store = cluster.AddressOf(database), StorePool = 6, Node = "plans" }, TimeProvider.System, ChatServer.NewId, new Commits(), NullLogger.Instance))
        {
            await UseEverythingAsync(store);
        }

        await cluster.DropDatabaseAsync(database);
        var plans = PlansOf(await File.ReadAllLinesAsync(cluster.LogFile));
        plans.Count.ShouldBeGreaterThan(60);
        var scans = plans.Where(plan => plan.Contains("Seq Scan on", StringComparison.Ordinal)).ToList();
        scans.ShouldBeEmpty(string.Join("\n\n", scans));
        plans.ShouldContain(plan => plan.Contains("Bitmap Index Scan on search_terms", StringComparison.Ordinal));
        plans.ShouldContain(plan => plan.Contains("using member_activity", StringComparison.Ordinal));
        plans.ShouldContain(plan => plan.Contains("using event_pkey", StringComparison.Ordinal));
    }

    /// <summary>Of the statements that name a table of ours, each once; the schema's own are told before anybody has used it.</summary>
    private static List<string> PlansOf(IEnumerable<string> log)
    {
        var plans = new HashSet<string>();
        var lines = new List<string>();
        foreach (var line in log.Append("end"))
        {
            if (line.StartsWith('\t'))
            {
                lines.Add(line);
                continue;
            }

            var plan = string.Join('\n', lines);
            if (plan.Contains("$1", StringComparison.Ordinal) && !plan.Contains("pg_catalog", StringComparison.Ordinal)) plans.Add(plan);
            lines.Clear();
            if (line.Contains("duration:", StringComparison.Ordinal) && line.Contains("plan:", StringComparison.Ordinal)) lines.Add(line[line.IndexOf("plan:", StringComparison.Ordinal)..]);
        }

        return [.. plans];
    }

    private static async Task UseEverythingAsync(PostgresStore store)
    {
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        var with = new ConversationTarget(bob, null);
        await store.SubmitAsync(new AddAttachment(new Attachment("a1", ada.Key, "a.txt", "text/plain", 3, 3)));
        var first = ((Acknowledged)await store.SubmitAsync(new Send(ada, "c1", bob, null, "hi", Attachments: """[{"id":"a1"}]"""))).Ack;
        var group = ((Acknowledged)await store.SubmitAsync(new CreateGroup(ada, "g1", "All", null, [bob]))).Ack.Conversation;
        var link = (Protocol.Frames.LinkFrame)((Answered)await store.SubmitAsync(new LinkGroup(ada, group, TimeSpan.FromDays(1)))).Frame;
        foreach (var command in (Command[])
        [
            new Send(bob, "c2", ada, null, "hi"), new Send(ada, "c2", null, "nowhere", "hi"), new Send(ada, "c3", null, group, "hi"), new MoveReceipt(ada, with, 2, 1),
            new MarkDelivered(ada, 3), new ChangeRelation(ada, bob, RelationChange.Mute), new React(bob, first.Id, "👍"), new Edit(ada, first.Id, "hello"), new Pin(ada, first.Id, true),
            new Star(ada, first.Id, true), new Star(ada, first.Id, false), new Star(bob, first.Id, true), new Draft(ada, with, "I beg", null), new Draft(ada, with, "", null),
            new JoinGroup(bob, "g2", link.Code), new RemoveFromGroup(ada, "g3", group, bob), new AddToGroup(ada, "g4", group, [bob]), new MoveReceipt(bob, new ConversationTarget(null, group), 1, 1),
            new ChangePrivacy(ada, Online: false), new MarkSeen([(ada.Key, new Protocol.Timestamp(1))]), new RaiseFlag(bob, first.Id, null, FlagReason.Spam, ""), new DecideFlag(1, FlagAction.SuspendUser),
            new DecideFlag(1, FlagAction.RestoreUser), new Delete(bob, first.Id, false), new Delete(ada, first.Id, true), new DoomAttachment("a1"), new ForgetAttachment("a1"), new Clear(ada, with),
            new MoveReceipt(ada, new ConversationTarget(null, null, new ConversationKey(1)), 1, 1), new Mute(ada, new ConversationTarget(null, group), 1),
        ]) await store.SubmitAsync(command);
        await AskEverythingAsync(store, ada, bob, group);
    }

    private static async Task AskEverythingAsync(PostgresStore store, Account ada, Account bob, string group)
    {
        var here = new ConversationTarget(null, group);
        await store.ReadConversationsAsync(ada.Key, null, 10, default);
        await store.ReadUnreadAsync(ada.Key, default);
        await store.ReadHistoryAsync(ada.Key, here, new HistoryRange(10), default);
        await store.ReadHistoryAsync(ada.Key, new ConversationTarget(bob, null), new HistoryRange(10, After: 0), default);
        await store.ReadLogAsync(ada.Key, 0, 100, default);
        await store.ReadMembersAsync(ada.Key, here, "ada", 10, default);
        await store.ReadPinnedAsync(ada.Key, here, default);
        await store.ReadStarredAsync(bob.Key, null, 10, default);
        await store.SearchAsync(bob.Key, new MessageSearch(SearchTerms.Parse("hi"), 10), default);
        await store.FindSentAsync(ada.Key, "c1", default);
        await store.ReadRelationsAsync(ada.Key, default);
        await store.ReadRelationAsync(ada.Key, bob.Key, default);
        await store.SearchAccountsAsync("a", 5, default);
        await store.FindPasswordHashAsync(ada.Key, default);
        await store.ReadSightsAsync(ada.Key, ["bob"], default);
        await store.ReadTypingAudienceAsync(ada.Key, group, default);
        await store.ReadStandingAsync(ada.Key, default);
        await store.ReadFlagsAsync(true, 0, 10, default);
        await store.ReadFlagsAsync(false, 0, 10, default);
        await store.FindAttachmentAsync("a1", default);
        await store.FindAttachmentInAsync(group, "a1", default);
        await store.FindVisibleAttachmentAsync(ada.Key, "a1", default);
        await store.ReadUnusedAttachmentsAsync(DateTimeOffset.UtcNow, 10, default);
        await store.PruneLogsAsync(DateTimeOffset.UtcNow.AddDays(1), default);
        foreach (var by in Enum.GetValues<AccountLookup>()) await store.FindAccountAsync(by, "ada", default);
        (await store.DropMessagesAsync(DateTimeOffset.UtcNow.AddYears(2), default)).ShouldBeGreaterThan(5);
    }

    private static async Task<Account> AddAsync(PostgresStore store, string name) => ((AccountAdded)await store.SubmitAsync(new AddAccount(new AccountDraft(name, $"{name}@example.org", name, name)))).Account;
}
