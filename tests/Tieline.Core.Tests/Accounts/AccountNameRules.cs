using Tieline.Core.Accounts;

namespace Tieline.Core.Tests.Accounts;

public sealed class AccountNameRules
{
    private static readonly AccountDraft _good = new("ada", "ada@example.org", "Ada", "ada");

    public static TheoryData<string, AccountDraft, bool> Drafts => new()
    {
        { "all fields", _good with { Avatar = "https://example.org/a.png", AccountType = "restaurant" }, true },
        { "the id is required", _good with { Id = "" }, false },
        { "the id `me` is reserved", _good with { Id = "me" }, false },
        { "an id beginning with _ is reserved", _good with { Id = "_ada" }, false },
        { "an id without slash", _good with { Id = "a/b" }, false },
        { "an id of 128", _good with { Id = new string('a', 128) }, true },
        { "an id of 129", _good with { Id = new string('a', 129) }, false },
        { "an e-mail needs an @", _good with { Email = "ada" }, false },
        { "an e-mail has one @", _good with { Email = "a@b@c" }, false },
        { "an e-mail has something before the @", _good with { Email = "@b" }, false },
        { "an e-mail has something after the @", _good with { Email = "a@" }, false },
        { "an e-mail has no blanks", _good with { Email = "a b@c" }, false },
        { "an e-mail of 255", _good with { Email = new string('a', 253) + "@b" }, false },
        { "a blank name", _good with { Name = "  " }, false },
        { "a name of 200", _good with { Name = new string('n', 200) }, true },
        { "a name of 201", _good with { Name = new string('n', 201) }, false },
        { "a name in any script", _good with { Name = "Ада 李 🍽" }, true },
        { "a name without control characters", _good with { Name = "a\u0007b" }, false },
        { "no username", _good with { Username = null }, true },
        { "an empty username", _good with { Username = "" }, false },
        { "a username of 65", _good with { Username = new string('u', 65) }, false },
        { "a username without @, so that it is never an e-mail", _good with { Username = "a@b" }, false },
        { "an avatar of 2049", _good with { Avatar = new string('a', 2049) }, false },
        { "an account type of 65", _good with { AccountType = new string('t', 65) }, false },
    };

    [Theory]
    [MemberData(nameof(Drafts), DisableDiscoveryEnumeration = true)]
    public void What_is_wrong_is_said_in_a_sentence(string rule, AccountDraft draft, bool good)
    {
        var wrong = AccountRules.Check(draft);

        (wrong is null).ShouldBe(good, $"{rule}: {wrong}");
        wrong?.ShouldEndWith(".");
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("1234567", false)]
    [InlineData("12345678", true)]
    public void A_password_has_at_least_8_characters(string? password, bool good) => (AccountRules.CheckPassword(password) is null).ShouldBe(good);

    [Fact]
    public void A_password_has_at_most_256_characters()
    {
        AccountRules.CheckPassword(new string('p', 256)).ShouldBeNull();
        AccountRules.CheckPassword(new string('p', 257)).ShouldNotBeNull();
    }
}
