using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Search;
using Tieline.Core.Storage;
using Tieline.Server.Sqlite;

namespace Tieline.Server.Tests.Storage;

/// <summary>The index beside the database: it may be lost, old or behind, and nobody is told anything wrong.</summary>
public sealed class SqliteSearchTests : IDisposable
{
    private readonly SqliteFile _file = new();

    private string IndexPath => Path.Combine(_file.Folder, SqliteSearchFile.FileName);

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_lost_index_is_made_anew()
    {
        await TalkAsync();
        foreach (var part in Directory.GetFiles(_file.Folder, SqliteSearchFile.FileName + "*")) File.Delete(part);

        (await FindAsync("hello")).ShouldBe(["hello there"]);
    }

    [Fact]
    public async Task A_damaged_index_is_made_anew()
    {
        await TalkAsync();
        foreach (var part in Directory.GetFiles(_file.Folder, SqliteSearchFile.FileName + "-*")) File.Delete(part);
        await File.WriteAllTextAsync(IndexPath, "This is no database, and it is longer than the header of one would be: one hundred bytes at the least, or so.");

        (await FindAsync("hello")).ShouldBe(["hello there"]);
    }

    [Fact]
    public async Task The_index_of_another_epoch_is_made_anew()
    {
        await TalkAsync();
        _file.Execute("UPDATE meta SET value = 'another' WHERE name = 'epoch'; UPDATE message SET text = 'howdy' WHERE text = 'hello there'");

        (await FindAsync("hello")).ShouldBeEmpty();
        (await FindAsync("howdy")).ShouldBe(["howdy"]);
    }

    [Fact]
    public async Task A_message_that_says_something_else_by_now_is_not_shown_for_what_it_said()
    {
        await TalkAsync();
        _file.Execute("UPDATE message SET text = 'howdy'");

        (await FindAsync("hello")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_edited_or_deleted_behind_its_back_is_followed_after_a_start()
    {
        await TalkAsync();
        _file.Execute("UPDATE message SET text = 'howdy', edited_at = 2000000000000000 WHERE text = 'hello there'; UPDATE message SET deleted_at = 2000000000000000, text = '' WHERE text = 'bye'");

        (await FindAsync("howdy")).ShouldBe(["howdy"]);
        (await FindAsync("bye")).ShouldBeEmpty();
        Count("SELECT COUNT(*) FROM doc").ShouldBe(1);
    }

    [Fact]
    public async Task An_index_that_cannot_be_opened_stops_no_message()
    {
        Directory.CreateDirectory(IndexPath);
        await using var store = _file.Open();
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));

        (await store.SubmitAsync(new Send(ada, "c1", bob, null, "hello"))).ShouldBeOfType<Acknowledged>();

        await Should.ThrowAsync<SearchUnavailableException>(async () => await store.SearchAsync(ada.Key, new MessageSearch(SearchTerms.Parse("hello"), 10), default));
    }

    [Fact]
    public async Task The_writer_of_messages_knows_nothing_of_the_index()
    {
        await TalkAsync();
        await using var store = _file.Open();
        await store.SubmitAsync(new AddAccount(new AccountDraft("cy", null, "cy")));

        SqliteFile.Read(SqliteFile.WriterOf(store), "SELECT name FROM pragma_database_list").ShouldNotContain("search");
        SqliteFile.StatementsOf(SqliteFile.WriterOf(store)).ShouldNotContain(statement => statement.Contains("term", StringComparison.Ordinal));
    }

    private int Count(string sql)
    {
        using var connection = SqliteConnection.Open(IndexPath, create: false, TimeSpan.FromSeconds(5));
        return int.Parse(SqliteFile.Read(connection, sql)[0]!, System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task TalkAsync()
    {
        await using var store = _file.Open();
        var (ada, bob) = (await AddAsync(store, "ada"), await AddAsync(store, "bob"));
        await store.SubmitAsync(new Send(ada, "c1", bob, null, "hello there"));
        await store.SubmitAsync(new Send(bob, "c2", ada, null, "bye"));
        (await FindAsync(store, ada, "hello")).Count.ShouldBe(1);
    }

    private async Task<List<string>> FindAsync(string asked)
    {
        await using var store = _file.Open();
        return await FindAsync(store, (await store.FindAccountAsync(AccountLookup.Id, "ada", default))!, asked);
    }

    private static async Task<List<string>> FindAsync(SqliteStore store, Account who, string asked) =>
        [.. (await store.SearchAsync(who.Key, new MessageSearch(SearchTerms.Parse(asked), 10), default))!.Messages.Select(message => message.Text)];

    private static async Task<Account> AddAsync(SqliteStore store, string name) =>
        ((AccountAdded)await store.SubmitAsync(new AddAccount(new AccountDraft(name, null, name)))).Account;
}
