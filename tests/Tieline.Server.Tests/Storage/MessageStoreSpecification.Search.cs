using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Core.Storage;
using Tieline.Protocol;

namespace Tieline.Server.Tests.Storage;

public abstract partial class MessageStoreSpecification
{
    [Fact]
    public async Task A_search_finds_what_was_just_committed_newest_first()
    {
        await SendAsync(Ada, Bob, "hello one");
        Time.Advance(TimeSpan.FromSeconds(1));
        await SendAsync(Bob, Ada, "hello two");
        Time.Advance(TimeSpan.FromSeconds(1));
        await SendAsync(Ada, Cy, "Hellö three");
        await SendAsync(Ada, Cy, "goodbye");

        (await FindAsync(Ada, "hel")).ShouldBe(["Hellö three", "hello two", "hello one"]);
        (await FindAsync(Ada, "hello tw")).ShouldBe(["hello two"]);
        (await FindAsync(Ada, "ello")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_finds_what_he_is_no_part_of()
    {
        await SendAsync(Ada, Bob, "secret of ada and bob");
        var conversation = (await ReadConversationAsync(Ada, Bob)).Conversation;

        (await FindAsync(Cy, "secret")).ShouldBeEmpty();
        (await Store.SearchAsync(Cy.Key, new MessageSearch(SearchTerms.Parse("secret"), 10, new ConversationTarget(null, conversation)), default)).ShouldBeNull();
        (await FindAsync(Cy, "", from: Ada)).ShouldBeEmpty();
        (await FindAsync(Bob, "secret")).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("東京", "明日東京へ行く")]
    [InlineData("京", "明日東京")]
    [InlineData("ไทย", "ฉันพูดภาษาไทยได้")]
    [InlineData("शब्द", "एक शब्द")]
    [InlineData("οδος", "ΟΔΌΣ")]
    [InlineData("🎉", "party 🎉")]
    [InlineData("AND", "this and that")]
    [InlineData("\"a b\" OR NOT", "or not a B")]
    public async Task The_splitter_decides_what_is_found(string asked, string text)
    {
        await SendAsync(Ada, Bob, text);
        await SendAsync(Ada, Bob, "something else");

        (await FindAsync(Bob, asked)).ShouldBe([text]);
    }

    [Fact]
    public async Task Characters_that_do_not_follow_each_other_are_not_found()
    {
        await SendAsync(Ada, Bob, "東京と京都");

        (await FindAsync(Bob, "東京都")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_search_can_be_narrowed_to_a_chat_a_sender_a_time_and_images()
    {
        await SendAsync(Ada, Bob, "hello 1");
        Time.Advance(TimeSpan.FromHours(1));
        var noon = Timestamp.From(Time.GetUtcNow());
        await SendAsync(Bob, Ada, "hello 2");
        Time.Advance(TimeSpan.FromHours(1));
        await SendAsync(Cy, Ada, "hello 3");
        await Store.SubmitAsync(new AddAttachment(new Core.Attachments.Attachment("x", Cy.Key, "x.png", "image/png", 1, 1, 1, 1)));
        await Store.SubmitAsync(Message(Cy, Ada, "hello 4") with { Attachments = """[{"id":"x"}]""" });

        (await FindAsync(Ada, "hello", with: Bob)).ShouldBe(["hello 2", "hello 1"]);
        (await FindAsync(Ada, "hello", from: Cy)).ShouldBe(["hello 4", "hello 3"]);
        (await FindAsync(Ada, "", from: Ada)).ShouldBe(["hello 1"]);
        (await FindAsync(Ada, "hello", after: noon)).ShouldBe(["hello 4", "hello 3", "hello 2"]);
        (await FindAsync(Ada, "hello", before: noon)).ShouldBe(["hello 1"]);
        (await FindAsync(Ada, "hello", image: true)).ShouldBe(["hello 4"]);
        (await FindAsync(Ada, "", image: true, with: Bob)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_follow_each_other_without_a_gap_while_new_messages_come()
    {
        for (var i = 1; i <= 7; i++) await SendAsync(Ada, Bob, $"hello {i}");
        var found = new List<string>();
        long? cursor = null;
        do
        {
            var page = (await Store.SearchAsync(Bob.Key, new MessageSearch(SearchTerms.Parse("hello"), 3, Cursor: cursor), default))!;
            found.AddRange(page.Messages.Select(message => message.Text));
            cursor = page.Next;
            Time.Advance(TimeSpan.FromSeconds(1));
            await SendAsync(Ada, Bob, "hello new");
        }
        while (cursor is not null);

        found.ShouldBe(["hello 7", "hello 6", "hello 5", "hello 4", "hello 3", "hello 2", "hello 1"]);
    }

    [Fact]
    public async Task A_cleared_chat_is_found_no_more_by_whom_it_was_cleared_for()
    {
        await SendAsync(Ada, Bob, "hello before");
        await ChangeAsync(new Clear(Ada, With(Bob)));
        await SendAsync(Ada, Bob, "hello after");

        (await FindAsync(Ada, "hello")).ShouldBe(["hello after"]);
        (await FindAsync(Bob, "hello")).ShouldBe(["hello after", "hello before"]);
    }

    [Fact]
    public async Task What_was_stored_before_a_restart_is_found_after_it()
    {
        await SendAsync(Ada, Bob, "hello before");
        await ReopenAsync();
        (await FindAsync(Bob, "hello")).ShouldBe(["hello before"]);
        await SendAsync(Ada, Bob, "hello after");
        await ReopenAsync();

        (await FindAsync(Bob, "hello")).ShouldBe(["hello after", "hello before"]);
    }

    [Fact]
    public async Task What_was_edited_deleted_or_hidden_is_found_as_it_is_now()
    {
        var edited = await SendAsync(Ada, Bob, "hello edited");
        var deleted = await SendAsync(Ada, Bob, "hello deleted");
        var hidden = await SendAsync(Ada, Bob, "hello hidden");
        await Store.SubmitAsync(new Edit(Ada, edited.Id, "howdy"));
        await Store.SubmitAsync(new Delete(Ada, deleted.Id, true));
        await Store.SubmitAsync(new Delete(Bob, hidden.Id, false));

        (await FindAsync(Bob, "hello")).ShouldBeEmpty();
        (await FindAsync(Bob, "howdy")).ShouldBe(["howdy"]);
        (await FindAsync(Ada, "hello")).ShouldBe(["hello hidden"]);
    }

    [Fact]
    public async Task In_a_group_everybody_finds_what_he_may_read_and_nobody_else_anything()
    {
        var group = await MakeGroupAsync(Ada, GroupHistory.Joined, Bob);
        await SayAsync(Bob, group, "hello early");
        await Store.SubmitAsync(new AddToGroup(Ada, NextId(), group, [Cy]));
        await SayAsync(Bob, group, "hello late");
        await Store.SubmitAsync(new LeaveGroup(Bob, NextId(), group));
        await SayAsync(Ada, group, "hello after");
        var dee = await AddAsync("dee");

        (await FindAsync(Ada, "hello")).Order().ShouldBe(["hello after", "hello early", "hello late"]);
        (await FindAsync(Bob, "hello")).Order().ShouldBe(["hello early", "hello late"]);
        (await FindAsync(Cy, "hello")).Order().ShouldBe(["hello after", "hello late"]);
        (await FindAsync(dee, "hello")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_search_for_nothing_finds_nothing()
    {
        await SendAsync(Ada, Bob, "hello");

        (await FindAsync(Ada, "?!")).ShouldBeEmpty();
    }

    private protected async Task<List<string>> FindAsync(Account who, string asked, Account? with = null, Account? from = null, Timestamp? after = null, Timestamp? before = null, bool image = false)
    {
        var search = new MessageSearch(SearchTerms.Parse(asked), 50, with is null ? null : With(with), from, after, before, image);
        return [.. (await Store.SearchAsync(who.Key, search, default)).ShouldNotBeNull().Messages.Select(message => message.Text)];
    }
}
