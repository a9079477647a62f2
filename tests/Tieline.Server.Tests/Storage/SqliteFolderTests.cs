using System.Globalization;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Sqlite;

namespace Tieline.Server.Tests.Storage;

public sealed class SqliteFolderTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_new_folder_gets_this_builds_version_and_opening_it_again_changes_nothing()
    {
        await _file.Open().DisposeAsync();
        var tables = _file.Read("SELECT sql FROM sqlite_master ORDER BY name");

        await _file.Open().DisposeAsync();

        Version.ShouldBe(SqliteSchema.Version);
        _file.Read("SELECT sql FROM sqlite_master ORDER BY name").ShouldBe(tables);
    }

    [Fact]
    public async Task A_folder_of_a_newer_version_is_refused_with_both_versions_and_left_as_it_is()
    {
        await _file.Open().DisposeAsync();
        var newer = SqliteSchema.Version + 1;
        _file.Execute($"PRAGMA user_version = {newer}; CREATE TABLE of_the_future(x); UPDATE meta SET value = 'theirs' WHERE name = 'epoch'");

        var refusal = Should.Throw<NewerDataException>(() => _file.Open());

        refusal.Message.ShouldContain($"version {newer}");
        refusal.Message.ShouldContain($"knows {SqliteSchema.Version}");
        Version.ShouldBe(newer);
        _file.Read("SELECT value FROM meta WHERE name = 'epoch'").ShouldBe(["theirs"]);
    }

    [Fact]
    public async Task Two_that_make_the_same_new_folder_agree_on_its_epoch()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _file.Open())));

        stores.Select(store => store.Epoch).Distinct().ShouldHaveSingleItem();
        foreach (var store in stores) await store.DisposeAsync();
    }

    [Fact]
    public async Task Every_database_has_an_epoch_of_its_own()
    {
        using var other = new SqliteFile();
        await using SqliteStore one = _file.Open(), two = other.Open();

        one.Epoch.ShouldNotBe(two.Epoch);
    }

    [Fact]
    public async Task The_writer_syncs_its_log_at_every_commit()
    {
        await using var store = _file.Open();
        var writer = SqliteFile.WriterOf(store);

        SqliteFile.Read(writer, "PRAGMA journal_mode").ShouldBe(["wal"]);
        SqliteFile.Read(writer, "PRAGMA synchronous").ShouldBe(["2"]);
    }

    [Fact]
    public void A_second_server_on_the_same_folder_is_refused_until_the_first_has_gone()
    {
        var first = DataFolder.Claim(_file.Folder);

        Should.Throw<ConfigurationException>(() => DataFolder.Claim(_file.Folder)).Message.ShouldContain(_file.Folder);
        first.Dispose();
        DataFolder.Claim(_file.Folder).Dispose();
    }

    [Fact]
    public async Task Accounts_added_beside_a_running_server_are_there_at_once_and_their_names_taken()
    {
        await using var server = _file.Open();
        var ada = await AddAsync(server, "ada");
        await using (var beside = _file.Open())
        {
            var bob = await AddAsync(beside, "bob");
            bob.Key.ShouldNotBe(ada.Key);
        }

        var found = (await server.FindAccountAsync(AccountLookup.Id, "bob", default))!;
        (await server.SubmitAsync(new Send(ada, "c1", found, null, "hi"))).ShouldBeOfType<Acknowledged>();
        (await server.SubmitAsync(new AddAccount(new AccountDraft("bob", null, "Bob")))).ShouldBeOfType<Refused>();
        (await AddAsync(server, "cy")).Key.ShouldNotBe(found.Key);
    }

    private int Version => int.Parse(_file.Read("PRAGMA user_version")[0]!, CultureInfo.InvariantCulture);

    private static async Task<Account> AddAsync(SqliteStore store, string name) =>
        (await store.SubmitAsync(new AddAccount(new AccountDraft(name, $"{name}@example.org", name)))).ShouldBeOfType<AccountAdded>().Account;
}
