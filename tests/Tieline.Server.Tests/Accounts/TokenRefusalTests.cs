using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Accounts;

/// <summary>Tokens that must not open anything, each refused with a reason of its own.</summary>
public sealed class TokenRefusalTests : IAsyncLifetime
{
    private const string Issuer = "https://issuer.example";
    private static readonly TestKey _rsa = TestKey.Make("RS256", "r1");
    private static readonly TestKey _ec = TestKey.Make("ES256", "e1");

    private readonly string _keys = Path.GetTempFileName();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_keys, TestKey.KeySet(_rsa, _ec));
        _server = await RunningServer.StartAsync(options => options with { Jwks = _keys, JwtIssuer = Issuer, JwtAudience = "chat" });
        await _server.AddPersonAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        File.Delete(_keys);
    }

    [Fact]
    public async Task Every_bad_token_is_refused_with_its_own_reason_and_a_good_one_is_not()
    {
        foreach (var good in (string[])[Hs256(Good()), _rsa.Token(Good()), _ec.Token(Good()), Hs256(Good(("aud", (string[])["other", "chat"]))), Hs256(Good(("exp", null))), Hs256(Good(("exp", 99999999999999L))), _rsa.Token(Good(("exp", Jwt.In(TimeSpan.FromHours(1)) + 0.5)))])
            (await Answer.ToAsync(_server, "GET", "/api/auth/me", good)).Status.ShouldBe(200, good);

        (string What, string Token, string Reason)[] bad =
        [
            ("alg none", Jwt.Make(new { alg = "none" }, Good(), _ => []), "it is not signed"),
            ("alg none with a signature", Jwt.Make(new { alg = "none" }, Good(), bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(RunningServer.Secret), bytes)), "it is not signed"),
            ("alg None", Jwt.Make(new { alg = "None" }, Good(), _ => []), "it is not signed"),
            ("another secret", Jwt.Hs256("another secret, of the right length", Good()), "its signature does not match"),
            ("another RSA key of that name", TestKey.Make("RS256", "r1").Token(Good()), "its signature does not match"),
            ("a key nobody has", TestKey.Make("ES256", "e9").Token(Good()), "no key of this server matches it"),
            ("the RSA key as a secret", Jwt.Make(new { alg = "HS256", kid = "r1" }, Good(), bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(_rsa.Jwk)), bytes)), "its algorithm is not allowed"),
            ("RS256 in the name of the other key", Jwt.Make(new { alg = "RS256", kid = "e1" }, Good(), _rsa.Sign), "its algorithm is not allowed"),
            ("no algorithm", Jwt.Make(new { typ = "JWT" }, Good(), bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(RunningServer.Secret), bytes)), "its algorithm is not allowed"),
            ("HS512 with the right secret", Jwt.Make(new { alg = "HS512" }, Good(), bytes => HMACSHA512.HashData(Encoding.UTF8.GetBytes(RunningServer.Secret), bytes)), "its algorithm is not allowed"),
            ("another issuer", Hs256(Good(("iss", "https://else.example"))), "its issuer is not the expected one"),
            ("no issuer", Hs256(Good(("iss", null))), "its issuer is not the expected one"),
            ("another audience", Hs256(Good(("aud", "shop"))), "its audience is not the expected one"),
            ("no audience", Hs256(Good(("aud", null))), "its audience is not the expected one"),
            ("expired", Hs256(Good(("exp", 1_700_000_000))), "it expired at 2023-11-14T22:13:20Z"),
            ("not yet valid", Hs256(Good(("nbf", 4_000_000_000))), "it is not valid before 2096-10-02T07:06:40Z"),
            ("an end that is no moment", Hs256(Good(("exp", "soon"))), "it is not a JSON Web Token"),
            ("a beginning that is no moment", Hs256(Good(("nbf", (string[])["x"]))), "it is not a JSON Web Token"),
            ("oversized", Hs256(Good(("padding", new string('x', 13_000)))), "it is longer than 16384 bytes"),
            ("not a token", "hello", "it is not a JSON Web Token"),
            ("three parts of nothing", "..", "it is not a JSON Web Token"),
            ("a header that is no JSON", "aGVsbG8.aGVsbG8.aGVsbG8", "it is not a JSON Web Token"),
            ("encrypted", "e30.e30.e30.e30.e30", "it is not a JSON Web Token"),
            ("no identity", Hs256(Good(("sub", null))), "it has no claim sub"),
            ("a blank identity", Hs256(Good(("sub", "  "))), "it has no claim sub"),
            ("an e-mail that was not verified", Hs256(Good(("email_verified", false))), "its e-mail address is not verified"),
            ("the same as text", Hs256(Good(("email_verified", "false"))), "its e-mail address is not verified"),
        ];
        foreach (var (what, token, reason) in bad)
        {
            var answer = await Answer.ToAsync(_server, "GET", "/api/auth/me", token);

            (answer.Status, answer.Detail).ShouldBe((401, "Invalid token: " + reason), what);
        }

        // The same words close a socket.
        await using var socket = await TestSocket.ConnectAsync(_server.Address, "/api/chat/ws/bob?token=" + bad[0].Token, null);
        (await socket.ReadCloseAsync()).ShouldBe((1008, "Invalid token: it is not signed"));
    }

    [Fact]
    public async Task A_payload_that_was_changed_is_refused()
    {
        var parts = Hs256(Good()).Split('.');
        var changed = Jwt.Encode(Encoding.UTF8.GetBytes("""{"sub":"ada@example.org","iss":"https://issuer.example","aud":"chat","admin":true}"""));

        (await Answer.ToAsync(_server, "GET", "/api/auth/me", $"{parts[0]}.{changed}.{parts[2]}")).Detail.ShouldBe("Invalid token: its signature does not match");
        (await Answer.ToAsync(_server, "GET", "/api/auth/me", $"{parts[0]}.{parts[1]}.")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_clock_may_be_wrong_by_30_seconds()
    {
        (await StatusAsync(("exp", Jwt.In(TimeSpan.FromSeconds(-20))))).ShouldBe(200);
        (await StatusAsync(("exp", Jwt.In(TimeSpan.FromSeconds(-40))))).ShouldBe(401);
        (await StatusAsync(("nbf", Jwt.In(TimeSpan.FromSeconds(20))))).ShouldBe(200);
        (await StatusAsync(("nbf", Jwt.In(TimeSpan.FromSeconds(40))))).ShouldBe(401);

        async Task<int> StatusAsync((string, object?) claim) => (await Answer.ToAsync(_server, "GET", "/api/auth/me", Hs256(Good(claim)))).Status;
    }

    [Fact]
    public async Task A_token_of_the_servers_own_is_good_at_a_node_whose_clock_is_an_hour_behind()
    {
        var answer = await Answer.ToAsync(_server, "POST", "/api/auth/signup", null, new StringContent("""{"email":"early@example.org","password":"correct horse"}"""));
        var token = answer.Json.GetProperty("access_token").GetString()!;
        await using var behind = await RunningServer.StartAsync(time: new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-1)));

        // There is no such account at that one; what matters is that it believes the token.
        (await Answer.ToAsync(behind, "GET", "/api/auth/me", token)).Text.ShouldNotContain("not valid before");
    }

    private static string Hs256(object claims) => Jwt.Hs256(RunningServer.Secret, claims);

    private static Dictionary<string, object> Good(params (string Name, object? Value)[] changes)
    {
        var claims = new Dictionary<string, object> { ["sub"] = "ada@example.org", ["iss"] = Issuer, ["aud"] = "chat", ["exp"] = Jwt.In(TimeSpan.FromHours(1)) };
        foreach (var (name, value) in changes)
        {
            if (value is null) claims.Remove(name);
            else claims[name] = value;
        }

        return claims;
    }
}
