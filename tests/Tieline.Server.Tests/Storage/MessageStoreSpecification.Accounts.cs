using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;

namespace Tieline.Server.Tests.Storage;

public abstract partial class MessageStoreSpecification
{
    [Theory]
    [InlineData(AccountLookup.Id, "ada", true)]
    [InlineData(AccountLookup.Id, "Ada", false)]
    [InlineData(AccountLookup.Email, "ada@example.org", true)]
    [InlineData(AccountLookup.Email, " ADA@Example.ORG ", true)]
    [InlineData(AccountLookup.Username, "ada", true)]
    [InlineData(AccountLookup.Username, "ADA", true)]
    [InlineData(AccountLookup.Username, "ad", false)]
    [InlineData(AccountLookup.Email, "", false)]
    public async Task An_account_is_found_by_exact_id_and_by_email_and_username_whatever_the_case(AccountLookup by, string value, bool found)
    {
        await ReopenAsync();

        (await Store.FindAccountAsync(by, value, default)).ShouldBe(found ? Ada : null);
    }

    [Fact]
    public async Task Ids_emails_and_usernames_are_unique_after_reopening_and_within_a_batch()
    {
        await ReopenAsync();
        var outcomes = await Task.WhenAll(await InOneBatchAsync(
            Draft("ada", "x@example.org", "x"), Draft("x", "ADA@example.org", "x"), Draft("x", "x@example.org", "ADA"),
            Draft("Ada", "ada2@example.org", "ada2"), Draft("y", "Ada2@example.org", "y")));

        outcomes.Select(ErrorOf).ShouldBe([WireError.Conflict, WireError.Conflict, WireError.Conflict, null, WireError.Conflict]);

        static AddAccount Draft(string id, string email, string username) => new(new AccountDraft(id, email, "Somebody", username));
    }

    [Fact]
    public async Task Many_who_want_the_same_email_at_once_get_it_once()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(i => Task.Run(() => Store.SubmitAsync(new AddAccount(new AccountDraft($"u{i}", "wanted@example.org", "U"))))));

        outcomes.Count(outcome => outcome is AccountAdded).ShouldBe(1);
    }

    [Fact]
    public async Task An_import_replaces_all_but_the_id_and_keeps_the_password_unless_there_is_a_new_one()
    {
        var draft = new AccountDraft("dan", "dan@example.org", "Dan", "dan", "https://example.org/d.png", "user", "hash");
        var added = (await Store.SubmitAsync(new AddAccount(draft))).ShouldBeOfType<AccountAdded>();

        var replaced = (await Store.SubmitAsync(new AddAccount(new AccountDraft("dan", null, "Daniel"), Replace: true))).ShouldBeOfType<AccountAdded>();
        await ReopenAsync();

        replaced.Created.ShouldBeFalse();
        (await Store.FindAccountAsync(AccountLookup.Id, "dan", default)).ShouldBe(new Account(added.Account.Key, "dan", null, "Daniel", null, null, null));
        (await Store.FindPasswordHashAsync(added.Account.Key, default)).ShouldBe("hash");
        await Store.SubmitAsync(new AddAccount(draft with { PasswordHash = "new" }, Replace: true));
        (await Store.FindPasswordHashAsync(added.Account.Key, default)).ShouldBe("new");
        (await Store.FindPasswordHashAsync(Ada.Key, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData("d", 10, "dan dana dave")]
    [InlineData("dan", 10, "dan dana")]
    [InlineData("DAN", 10, "dan dana")]
    [InlineData("dan@", 10, "dan")]
    [InlineData("mail-of-dave", 10, "dave")]
    [InlineData("d", 2, "dan dana")]
    [InlineData("an", 10, "")]
    [InlineData("d%", 10, "")]
    [InlineData("d_n", 10, "")]
    public async Task People_are_found_by_how_their_username_or_email_begins(string prefix, int limit, string found)
    {
        await AddAsync("dan");
        await AddAsync("dana");
        await Store.SubmitAsync(new AddAccount(new AccountDraft("dave", "mail-of-dave@example.org", "dave", "dave")));

        (await Store.SearchAccountsAsync(prefix, limit, default)).Select(account => account.Id).ShouldBe(found.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
