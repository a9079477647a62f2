using Microsoft.Extensions.Time.Testing;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Accounts;

/// <summary>Accounts whose tokens come from somebody else.</summary>
public sealed class ExternalTokenTests
{
    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    [InlineData("EdDSA")]
    public async Task Tokens_of_a_key_set_are_taken_from_a_file_an_address_or_an_authority(string algorithm)
    {
        var (key, other) = (TestKey.Make(algorithm, "k1"), TestKey.Make(algorithm, "k1"));
        await using var keys = await KeyServer.StartAsync(key);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, TestKey.KeySet(key));
        foreach (var options in (Func<TielineOptions, TielineOptions>[])
            [o => o with { Jwks = file }, o => o with { Jwks = keys.Address + "/keys" }, o => o with { Authority = keys.Address }])
        {
            await using var server = await StartAsync(options);
            await server.AddPersonAsync("ada");
            var claims = new { sub = "ada@example.org", iss = keys.Issuer, exp = Jwt.In(TimeSpan.FromHours(1)) };

            (await MeAsync(server, key.Token(claims))).Json.GetProperty("id").GetString().ShouldBe("ada");
            (await MeAsync(server, other.Token(claims))).Detail.ShouldBe("Invalid token: its signature does not match");
        }

        File.Delete(file);
    }

    [Fact]
    public async Task An_authority_names_its_issuer_and_no_other_is_taken()
    {
        var key = TestKey.Make("ES256", "k1");
        await using var keys = await KeyServer.StartAsync(key);
        await using var server = await StartAsync(o => o with { Authority = keys.Address });
        await server.AddPersonAsync("ada");

        (await MeAsync(server, key.Token(new { sub = "ada@example.org", iss = keys.Issuer }))).Status.ShouldBe(200);
        (await MeAsync(server, key.Token(new { sub = "ada@example.org", iss = "https://else.example" }))).Detail.ShouldBe("Invalid token: its issuer is not the expected one");
        (await MeAsync(server, key.Token(new { sub = "ada@example.org" }))).Detail.ShouldBe("Invalid token: its issuer is not the expected one");
    }

    [Fact]
    public async Task A_shared_secret_is_taken_from_a_file_and_sign_up_is_off()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, RunningServer.Secret + "\n");
        await using var server = await StartAsync(o => o with { JwtSecretFile = file });
        await server.AddPersonAsync("ada");

        (await MeAsync(server, Jwt.Hs256(RunningServer.Secret, new { sub = "ADA@example.org" }))).Json.GetProperty("id").GetString().ShouldBe("ada");
        (await Answer.ToAsync(server, "POST", "/api/auth/signup", null, new StringContent("{}"))).Status.ShouldBe(404);
        (await Answer.ToAsync(server, "POST", "/api/auth/login", null, new StringContent("{}"))).Status.ShouldBe(404);
        File.Delete(file);
    }

    [Fact]
    public async Task A_new_key_is_fetched_when_a_token_names_it_but_at_most_every_30_seconds()
    {
        var (first, second, third) = (TestKey.Make("ES256", "k1"), TestKey.Make("ES256", "k2"), TestKey.Make("ES256", "k3"));
        await using var keys = await KeyServer.StartAsync(first);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync(o => o with { Jwks = keys.Address + "/keys" }, time);
        await server.AddPersonAsync("ada");
        (await StatusAsync(first)).ShouldBe(200);
        keys.KeySet = TestKey.KeySet(first, second);

        for (var i = 0; i < 5; i++) (await StatusAsync(second)).ShouldBe(401, "asked a moment ago");
        keys.Fetches.ShouldBe(1);
        time.Advance(TimeSpan.FromSeconds(30));
        (await StatusAsync(second)).ShouldBe(200);
        keys.Fetches.ShouldBe(2);

        for (var i = 0; i < 5; i++) (await MeAsync(server, third.Token(Claims))).Detail.ShouldBe("Invalid token: no key of this server matches it");
        keys.Fetches.ShouldBe(2);
        time.Advance(TimeSpan.FromMinutes(50));
        (await StatusAsync(first)).ShouldBe(200);
        keys.Fetches.ShouldBe(2, "the set is fresh for an hour");
        time.Advance(TimeSpan.FromMinutes(11));
        keys.KeySet = TestKey.KeySet(second);
        (await StatusAsync(first)).ShouldBe(401, "a key that was withdrawn");

        async Task<int> StatusAsync(TestKey key) => (await MeAsync(server, key.Token(Claims))).Status;
    }

    [Fact]
    public async Task A_key_set_that_cannot_be_had_is_asked_for_again_and_meanwhile_the_old_keys_hold()
    {
        var key = TestKey.Make("RS256", "k1");
        await using var keys = await KeyServer.StartAsync(key);
        var (good, time) = (keys.KeySet, new FakeTimeProvider(DateTimeOffset.UtcNow));
        keys.KeySet = null;
        // With a shared secret beside it, no missing key tells that the set is missing.
        await using var server = await StartAsync(o => o with { Jwks = keys.Address + "/keys", JwtSecret = RunningServer.Secret }, time);
        await server.AddPersonAsync("ada");

        (await MeAsync(server, key.Token(Claims))).Status.ShouldBe(401);
        server.Log.All.ShouldContain(line => line.Id == 401 && line.Text.Contains(keys.Address, StringComparison.Ordinal));
        (await MeAsync(server, Jwt.Hs256(RunningServer.Secret, Claims))).Status.ShouldBe(200);
        keys.KeySet = good;
        time.Advance(TimeSpan.FromSeconds(31));
        (await MeAsync(server, key.Token(Claims))).Status.ShouldBe(200);

        foreach (var broken in (string?[])[null, "", "[]", "{}", """{"keys":7}""", """{"keys":[7]}""", """{"keys":[{"kty":"OKP","crv":"Ed25519","x":"!"}]}"""])
        {
            keys.KeySet = broken;
            time.Advance(TimeSpan.FromHours(2));
            (await MeAsync(server, key.Token(Claims))).Status.ShouldBe(200, broken);
        }
    }

    [Theory]
    [InlineData("oid", "\"auth0|abc-1\"", "auth0|abc-1")]
    [InlineData("user_id", "42", "42")]
    [InlineData("mail", "\"ada@example.org\"", "ada")]
    [InlineData("https://example.org/claims/id", "\"host:7\"", "host:7")]
    public async Task The_identity_claim_holds_an_email_or_an_id(string claim, string value, string id)
    {
        await using var server = await StartAsync(o => o with { JwtSecret = RunningServer.Secret, IdentityClaim = claim });
        await server.AddPersonAsync("ada");
        foreach (var known in (string[])["auth0|abc-1", "42", "host:7"]) await server.Store.SubmitAsync(new AddAccount(new AccountDraft(known, null, "Somebody")));

        var token = Jwt.Hs256(RunningServer.Secret, new Dictionary<string, object> { [claim] = System.Text.Json.JsonDocument.Parse(value).RootElement, ["sub"] = "somebody@else.example" });

        (await MeAsync(server, token)).Json.GetProperty("id").GetString().ShouldBe(id);
    }

    [Fact]
    public async Task An_unknown_account_is_refused_unless_it_may_be_created()
    {
        var token = Jwt.Hs256(RunningServer.Secret, new { sub = "new@example.org", name = "New\u0007 One", account_type = "restaurant" });
        await using (var refusing = await StartAsync(o => o with { JwtSecret = RunningServer.Secret }))
            (await MeAsync(refusing, token)).Detail.ShouldBe("User not found");
        await using var server = await StartAsync(o => o with { JwtSecret = RunningServer.Secret, UnknownAccounts = UnknownAccounts.Create });

        // Many at once, as when an app opens its sockets: one account.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MeAsync(server, token)));

        answers.Select(answer => answer.Status).ShouldAllBe(status => status == 200);
        answers.Select(answer => answer.Text).Distinct().Count().ShouldBe(1);
        var me = answers[0].Json;
        (me.GetProperty("email").GetString(), me.GetProperty("full_name").GetString(), me.GetProperty("account_type").GetString()).ShouldBe(("new@example.org", "New One", "restaurant"));
    }

    [Theory]
    [InlineData("""{"sub":"host-7"}""", "host-7", "host-7", null)]
    [InlineData("""{"sub":"host-8","email":"h8@example.org","name":" "}""", "host-8", "host-8", "h8@example.org")]
    public async Task An_account_that_is_created_has_the_id_of_its_token(string claims, string id, string name, string? email)
    {
        await using var server = await StartAsync(o => o with { JwtSecret = RunningServer.Secret, UnknownAccounts = UnknownAccounts.Create });
        var token = Jwt.Hs256(RunningServer.Secret, System.Text.Json.JsonDocument.Parse(claims).RootElement);

        foreach (var answer in (Answer[])[await MeAsync(server, token), await MeAsync(server, token)])
        {
            var me = answer.Json;
            (me.GetProperty("id").GetString(), me.GetProperty("full_name").GetString(), me.GetProperty("email").GetString()).ShouldBe((id, name, email));
        }
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("me")]
    [InlineData("_system")]
    [InlineData("a@b@c")]
    public async Task A_claim_that_can_be_no_account_creates_none(string sub)
    {
        await using var server = await StartAsync(o => o with { JwtSecret = RunningServer.Secret, UnknownAccounts = UnknownAccounts.Create });

        (await MeAsync(server, Jwt.Hs256(RunningServer.Secret, new { sub }))).Detail.ShouldBe("User not found");
        (await server.Store.SearchAccountsAsync("", 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_backend_with_the_same_secret_may_sign_for_built_in_accounts()
    {
        await using var server = await RunningServer.StartAsync();
        await server.AddPersonAsync("ada");

        (await MeAsync(server, Jwt.Hs256(RunningServer.Secret, new { sub = "ada@example.org", exp = Jwt.In(TimeSpan.FromMinutes(1)) }))).Status.ShouldBe(200);
    }

    private static object Claims => new { sub = "ada@example.org" };

    private static Task<RunningServer> StartAsync(Func<TielineOptions, TielineOptions> configure, TimeProvider? time = null) =>
        RunningServer.StartAsync(options => configure(options with { Accounts = AccountSource.External, JwtSecret = null }), time: time);

    private static Task<Answer> MeAsync(RunningServer server, string token) => Answer.ToAsync(server, "GET", "/api/auth/me", token);
}
