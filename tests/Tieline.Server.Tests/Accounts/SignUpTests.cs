using System.Text;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Accounts;

/// <summary>Built-in accounts: sign-up, login, me.</summary>
public sealed class SignUpTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Password = "correct horse";

    [Fact]
    public async Task Sign_up_gives_a_token_that_opens_everything()
    {
        var email = NewEmail();

        var answer = await SignUpAsync(new { full_name = "Ada Lovelace", username = email.Split('@')[0], email, password = Password });

        answer.Status.ShouldBe(200, answer.Text);
        answer.Json.EnumerateObject().Select(field => field.Name).ShouldBe(["access_token", "token_type"]);
        answer.Json.GetProperty("token_type").GetString().ShouldBe("bearer");
        var me = await MeAsync(answer);
        me.Json.EnumerateObject().Select(field => field.Name).ShouldBe(["id", "email", "full_name", "username", "profile_picture", "account_type"]);
        me.Json.GetProperty("email").GetString().ShouldBe(email);
        me.Json.GetProperty("full_name").GetString().ShouldBe("Ada Lovelace");
        me.Json.GetProperty("profile_picture").ValueKind.ShouldBe(JsonValueKind.Null);
        me.Json.GetProperty("account_type").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task The_token_is_HS256_with_the_email_as_sub_and_an_end()
    {
        var email = NewEmail();

        var token = Jwt.Read((await SignUpAsync(new { email, password = Password })).Json.GetProperty("access_token").GetString()!);

        token.Header.GetProperty("alg").GetString().ShouldBe("HS256");
        token.Payload.GetProperty("sub").GetString().ShouldBe(email);
        (token.Payload.GetProperty("exp").GetInt64() - token.Payload.GetProperty("iat").GetInt64()).ShouldBe(30 * 86_400);
        token.Payload.TryGetProperty("account_type", out _).ShouldBeFalse();
    }

    public static TheoryData<string, int, string> BadSignUps => new()
    {
        { "", 422, "The body must be a JSON object or a form." },
        { "[]", 422, "The body must be a JSON object or a form." },
        { "\"ada\"", 422, "The body must be a JSON object or a form." },
        { "{\"email\":", 422, "The body must be a JSON object or a form." },
        { "{}", 422, "email is missing." },
        { """{"password":"correct horse"}""", 422, "email is missing." },
        { """{"email":"","password":"correct horse"}""", 422, "email is missing." },
        { """{"email":"x@example.org"}""", 422, "password is missing." },
        { """{"email":"x@example.org","password":"short"}""", 422, "The password must have at least 8 characters." },
        { """{"email":"x@example.org","password":"LONG"}""", 422, "The password must have at most 256 characters." },
        { """{"email":"nobody","password":"correct horse"}""", 422, "That is not an e-mail address." },
        { """{"email":"a@b@c","password":"correct horse"}""", 422, "That is not an e-mail address." },
        { """{"email":"a b@c","password":"correct horse"}""", 422, "That is not an e-mail address." },
        { """{"email":7,"password":"correct horse"}""", 422, "email must be text." },
        { """{"email":"x@example.org","password":12345678}""", 422, "password must be text." },
        { """{"email":"x@example.org","password":"correct horse","full_name":["Ada"]}""", 422, "full_name must be text." },
        { """{"email":"x@example.org","password":"correct horse","username":{}}""", 422, "username must be text." },
        { """{"email":"x@example.org","password":"correct horse","username":"two words"}""", 422, "The username must have 1 to 64 characters, without spaces, @ and /." },
        { """{"email":"x@example.org","password":"correct horse","full_name":"   "}""", 422, "The name must not be blank." },
        { """{"email":"x@example.org","password":"correct horse","full_name":"a\u0000b"}""", 422, "Names must not contain control characters." },
        { """{"email":"x@example.org","password":"correct horse","full_name":"\ud83d"}""", 422, "The body must be a JSON object or a form." },
        { """{"email":"x@example.org\u0000","password":"correct horse"}""", 422, "That is not an e-mail address." },
    };

    [Theory]
    [MemberData(nameof(BadSignUps))]
    public async Task A_bad_sign_up_is_refused_with_what_is_wrong(string body, int status, string detail)
    {
        var answer = await PostAsync("/api/auth/signup", body.Replace("LONG", new string('x', 257), StringComparison.Ordinal));

        (answer.Status, answer.Detail).ShouldBe((status, detail));
    }

    [Fact]
    public async Task An_email_is_taken_whatever_its_case_and_a_username_too()
    {
        var email = NewEmail();
        var username = email.Split('@')[0];
        (await SignUpAsync(new { email, username, password = Password })).Status.ShouldBe(200);

        var sameEmail = await SignUpAsync(new { email = "  " + email.ToUpperInvariant(), password = Password });
        var sameName = await SignUpAsync(new { email = NewEmail(), username = username.ToUpperInvariant(), password = Password });

        (sameEmail.Status, sameEmail.Detail).ShouldBe((422, "That is not an e-mail address."));
        sameEmail = await SignUpAsync(new { email = email.ToUpperInvariant(), password = Password });
        (sameEmail.Status, sameEmail.Detail).ShouldBe((400, "Email already registered"));
        (sameName.Status, sameName.Detail).ShouldBe((400, "Username already taken"));
    }

    [Fact]
    public async Task Of_two_sign_ups_of_one_email_at_once_one_is_made()
    {
        var email = NewEmail();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SignUpAsync(new { email, password = Password })));

        answers.Select(answer => answer.Status).Order().ShouldBe([200, 400, 400, 400]);
    }

    [Fact]
    public async Task Login_takes_a_form_or_JSON_and_any_case_of_the_email()
    {
        var email = NewEmail();
        const string Hard = "pass+word&=%é 100%";
        await SignUpAsync(new { email, password = Hard });

        var byForm = await FormAsync(("grant_type", "password"), ("username", email), ("password", Hard));
        var byJson = await PostAsync("/api/auth/login", JsonSerializer.Serialize(new { username = email.ToUpperInvariant(), password = Hard }));

        foreach (var answer in (Answer[])[byForm, byJson])
        {
            answer.Status.ShouldBe(200, answer.Text);
            (await MeAsync(answer)).Json.GetProperty("email").GetString().ShouldBe(email);
        }
    }

    [Fact]
    public async Task A_wrong_login_tells_not_whether_the_email_exists()
    {
        var email = NewEmail();
        await SignUpAsync(new { email, password = Password });
        var imported = await shared.AddAsync("imported");

        foreach (var (username, password) in ((string, string)[])[(email, "wrong horse"), (email, Password + " "), ("nobody@example.org", Password), (imported.Account.Email!, Password)])
        {
            var answer = await FormAsync(("username", username), ("password", password));

            (answer.Status, answer.Detail).ShouldBe((401, "Incorrect email or password"), username);
            answer.Header("WWW-Authenticate").ShouldBe("Bearer");
        }
    }

    [Theory]
    [InlineData("username=ada%40example.org", "password is missing.")]
    [InlineData("password=x", "username is missing.")]
    [InlineData("", "username is missing.")]
    [InlineData("=&&&==%zz", "username is missing.")]
    public async Task A_login_form_without_its_fields_is_422(string form, string detail)
    {
        var answer = await Answer.ToAsync(shared.Server, "POST", "/api/auth/login", null, new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded"));

        (answer.Status, answer.Detail).ShouldBe((422, detail));
    }

    [Fact]
    public async Task A_body_beyond_16_KiB_is_413()
    {
        (await PostAsync("/api/auth/signup", new string(' ', 17_000))).Status.ShouldBe(413);
        (await PostAsync("/api/auth/login", new string(' ', 17_000))).Status.ShouldBe(413);
    }

    [Fact]
    public async Task From_one_address_only_so_many_may_try_and_are_told_when_to_come_back()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(options => options with { SignupsPerMinute = 10, SignupsBurst = 3 }, time: time);
        for (var i = 0; i < 3; i++) (await LogInAsync()).Status.ShouldBe(422);

        var refused = await LogInAsync();
        refused.Status.ShouldBe(429);
        refused.Header("Retry-After").ShouldBe("6");
        refused.Json.GetProperty("code").GetString().ShouldBe("rate_limited");
        refused.Json.GetProperty("retry_after_ms").GetInt32().ShouldBeInRange(5_900, 6_000);
        // Another address, told by the trusted proxy on this machine, has its own allowance.
        (await LogInAsync(("X-Forwarded-For", "203.0.113.9"))).Status.ShouldBe(422);

        time.Advance(TimeSpan.FromSeconds(6.1));
        (await LogInAsync()).Status.ShouldBe(422);

        Task<Answer> LogInAsync(params (string, string)[] headers) => Answer.ToAsync(server, "POST", "/api/auth/login", null, new StringContent("{}"), headers);
    }

    private static string NewEmail() => $"u{Guid.NewGuid():N}@example.org";

    private Task<Answer> SignUpAsync(object fields) => PostAsync("/api/auth/signup", JsonSerializer.Serialize(fields));

    private Task<Answer> PostAsync(string path, string json) => Answer.ToAsync(shared.Server, "POST", path, null, new StringContent(json, Encoding.UTF8, "application/json"));

    private Task<Answer> FormAsync(params (string Name, string Value)[] fields) =>
        Answer.ToAsync(shared.Server, "POST", "/api/auth/login", null, new FormUrlEncodedContent(fields.ToDictionary(field => field.Name, field => field.Value)));

    private Task<Answer> MeAsync(Answer tokens) => Answer.ToAsync(shared.Server, "GET", "/api/auth/me", tokens.Json.GetProperty("access_token").GetString());
}
