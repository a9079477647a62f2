using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Tests.Ledgers;
using Tieline.Protocol;

namespace Tieline.Core.Tests.Accounts;

public sealed class AccountAddingRules
{
    private readonly Book _book = new();

    public static TheoryData<string, AccountDraft, string?> Drafts => new()
    {
        { "somebody new", new AccountDraft("dan", "dan@example.org", "Dan", "dan"), null },
        { "no e-mail, no username", new AccountDraft("dan", null, "Dan"), null },
        { "an id differs by case", new AccountDraft("Ada", "other@example.org", "Ada"), null },
        { "the same id", new AccountDraft("ada", "other@example.org", "Ada"), "This id is already taken" },
        { "the same e-mail", new AccountDraft("dan", "ada@example.org", "Dan"), "Email already registered" },
        { "an e-mail does not differ by case", new AccountDraft("dan", "ADA@Example.org", "Dan"), "Email already registered" },
        { "the same username", new AccountDraft("dan", null, "Dan", "ada"), "Username already taken" },
        { "a username does not differ by case", new AccountDraft("dan", null, "Dan", "ADA"), "Username already taken" },
    };

    [Theory]
    [MemberData(nameof(Drafts), DisableDiscoveryEnumeration = true)]
    public void Ids_are_unique_by_letter_and_emails_and_usernames_whatever_the_case(string rule, AccountDraft draft, string? refusal)
    {
        var alone = _book.Do(new AddAccount(draft));

        Reason(alone).ShouldBe(refusal, rule);
        if (alone is Refused refused) refused.Error.ShouldBe(WireError.Conflict);
    }

    [Theory]
    [MemberData(nameof(Drafts), DisableDiscoveryEnumeration = true)]
    public void The_same_holds_within_one_batch(string rule, AccountDraft draft, string? refusal)
    {
        var book = new Book();
        AccountDraft eve = new("eve", "eve@example.org", "Eve", "eve");
        var same = draft with
        {
            Id = draft.Id.Replace("ada", "eve", StringComparison.Ordinal),
            Email = draft.Email?.Replace("ada", "eve", StringComparison.OrdinalIgnoreCase),
            Username = draft.Username?.Replace("ada", "eve", StringComparison.OrdinalIgnoreCase),
        };

        Reason(book.Batch(new AddAccount(eve), new AddAccount(same))[1]).ShouldBe(refusal, rule);
    }

    [Fact]
    public void An_email_is_kept_in_lower_case_and_names_without_the_blanks_around_them()
    {
        var account = _book.Do(new AddAccount(new AccountDraft("dan", "Dan@Example.ORG", " Dan "))).ShouldBeOfType<AccountAdded>().Account;

        (account.Email, account.Name).ShouldBe(("dan@example.org", "Dan"));
    }

    [Fact]
    public void An_import_replaces_the_account_that_has_its_id()
    {
        var outcome = _book.Do(new AddAccount(new AccountDraft("ada", "new@example.org", "Ada Lovelace"), Replace: true)).ShouldBeOfType<AccountAdded>();

        outcome.Created.ShouldBeFalse();
        outcome.Account.Key.ShouldBe(_book.Ada.Key);
        _book.Facts.FindAccountById("ada")!.Name.ShouldBe("Ada Lovelace");
    }

    [Fact]
    public void An_import_may_repeat_its_own_email_but_not_take_anothers()
    {
        _book.Do(new AddAccount(new AccountDraft("ada", "ada@example.org", "Ada", "ada"), Replace: true)).ShouldBeOfType<AccountAdded>();

        _book.Do(new AddAccount(new AccountDraft("ada", "bob@example.org", "Ada"), Replace: true)).ShouldBeOfType<Refused>().Error.ShouldBe(WireError.Conflict);
    }

    [Fact]
    public void An_import_may_hand_an_email_on_within_one_batch()
    {
        var outcomes = _book.Batch(
            new AddAccount(new AccountDraft("ada", "moved@example.org", "Ada", "moved"), Replace: true),
            new AddAccount(new AccountDraft("dan", "ada@example.org", "Dan", "ada")));

        Reason(outcomes[1]).ShouldBeNull();
    }

    private static string? Reason(Outcome outcome) => (outcome as Refused)?.Why;
}
