using Tieline.Server.Accounts;

namespace Tieline.Server.Tests.Accounts;

public sealed class PasswordTests
{
    [Fact]
    public void A_hash_is_argon2id_and_names_its_costs()
    {
        var hash = Passwords.Hash("correct horse");

        hash.ShouldMatch(@"^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$");
        Passwords.Hash("correct horse").ShouldNotBe(hash, "each has a salt of its own");
    }

    [Theory]
    [InlineData("correct horse", true)]
    [InlineData("correct horse ", false)]
    [InlineData("Correct horse", false)]
    [InlineData("", false)]
    public void A_hash_tells_the_right_password_from_any_other(string given, bool right) => Passwords.Verify(given, Passwords.Hash("correct horse")).ShouldBe(right);

    /// <summary>From the tests of the reference implementation (P-H-C/phc-winner-argon2, test.c).</summary>
    [Theory]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    public void A_hash_of_others_is_verified_at_its_own_costs(string hash)
    {
        Passwords.Verify("password", hash).ShouldBeTrue();
        Passwords.Verify("Password", hash).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("$2b$12$abcdefghijklmnopqrstuv")]
    [InlineData("$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaA")]
    [InlineData("$argon2id$v=16$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaA")]
    [InlineData("$argon2id$v=19$m=x,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaA")]
    [InlineData("$argon2id$v=19$m=0,t=0,p=0$c2FsdHNhbHRzYWx0c2E$aGFzaA")]
    [InlineData("$argon2id$v=19$m=19456$c2FsdHNhbHRzYWx0c2E$aGFzaA")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$!!$??")]
    public void What_is_no_such_hash_fits_no_password(string hash) => Passwords.Verify("correct horse", hash).ShouldBeFalse();
}
